//! Floor 2: the database. One file per table with free functions that take a `Reader` or a `Writer`; the only floor
//! that says `sqlx`.

#[macro_use]
mod db;
pub mod app_user;
pub mod authorizer;
pub mod component;
mod error;
pub mod grant_list;
pub mod incident_list;
pub mod membership;
mod migrate;
pub mod platform_counts;
pub mod pulse;
pub mod session;
pub mod setup_link;
pub mod tenant;
pub mod vault_check;

pub use db::{Reader, Store, Writer};
pub use error::StoreError;
