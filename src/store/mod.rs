//! Floor 2: the database. One file per table with free functions that take a `Reader` or a `Writer`; the only floor
//! that says `sqlx`.

#[macro_use]
mod db;
pub mod app_user;
pub mod attempt;
pub mod authorization;
pub mod authorizer;
pub mod authorizer_list;
pub mod authorizer_sweep;
pub mod authorizer_token;
pub mod component;
pub mod component_ticket;
mod error;
pub mod grant_code;
pub mod grant_list;
pub mod history;
pub mod history_list;
pub mod incident;
pub mod incident_list;
pub mod lease;
pub mod membership;
mod migrate;
pub mod notice;
pub mod platform_counts;
pub mod pulse;
pub mod push_refusal;
pub mod session;
pub mod setup_link;
pub mod tenant;
pub mod vault_check;

pub use db::{Reader, Store, Writer};
pub use error::{StoreError, skip_unreadable};
