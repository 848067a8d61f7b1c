//! Floor 2: the database. One file per table with free functions that take a `Reader` or a `Writer`; the only floor
//! that says `sqlx`.

#[macro_use]
mod db;
pub mod api_key;
pub mod app_user;
pub mod attempt;
pub mod audit;
pub mod authorization;
pub mod authorizer;
pub mod authorizer_count;
pub mod authorizer_list;
pub mod authorizer_refresh;
pub mod authorizer_sweep;
pub mod authorizer_token;
mod changes;
pub mod component;
pub mod component_ticket;
pub mod database_clock;
mod error;
pub mod foreign_refresher;
pub mod grant_code;
pub mod grant_list;
pub mod hand_out;
pub mod history;
pub mod history_list;
pub mod incident;
pub mod incident_list;
pub mod lease;
pub mod letter;
mod listen;
pub mod membership;
pub mod merchant_link;
pub mod merchant_link_list;
pub mod merchant_link_visit;
mod migrate;
pub mod notice;
pub mod platform_counts;
pub mod press_rate;
pub mod pulse;
pub mod push_refusal;
pub mod reconcile_report;
pub mod refresh_tally;
pub mod session;
pub mod setup_link;
pub mod tenant;
pub mod time_left;
pub mod time_left_tally;
mod values;
pub mod vault_check;

pub use changes::{Changes, Mark};
pub use db::{Reader, Store, Writer};
pub use error::{StoreError, skip_unreadable};
pub use listen::Listener;
