//! Floor 2: the database. One file per table with free functions that take a `Reader` or a `Writer`; the only floor
//! that says `sqlx`.

#[macro_use]
mod db;
pub mod authorizer;
pub mod component;
mod error;
mod migrate;
pub mod pulse;

pub use db::{Reader, Store, Writer};
pub use error::StoreError;
