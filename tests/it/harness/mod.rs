//! What every test stands on: databases that start empty and vanish, one test body on both kinds.

#[macro_use]
mod databases;

pub(crate) use databases::{Database, Kind, run};
