//! What every test stands on: databases that start empty and vanish, one test body on both kinds, a running portal.

mod authenticator;
#[macro_use]
mod databases;
pub(crate) mod leaks;
mod portal;
mod post_office;

pub(crate) use authenticator::Authenticator;
pub(crate) use databases::{Database, Kind, run};
pub(crate) use portal::{Answer, Browser, PASSWORD, Portal};
pub(crate) use post_office::PostOffice;
