//! Floor 3: use cases. One file each, named after what it does, with one public `run`; nothing else writes, except
//! leases and sessions.

mod context;
mod error;
mod identity_error;

pub mod age_health;
pub mod apply_grant;
pub mod assign_grant;
pub mod call_component;
pub mod change_membership;
pub mod choose_language;
pub mod clean_up;
pub mod create_tenant;
pub mod create_user;
pub mod disable_user;
pub mod enter_authorization;
pub mod exchange_grants;
pub mod fetch_info;
pub mod finish_authorization;
pub mod listing;
pub mod manage_authorizer;
pub mod open_authorizations;
pub mod open_vault;
pub mod password;
pub mod process_notices;
pub mod put_component;
pub mod receive_message;
pub mod receive_notice;
pub mod reconcile;
pub mod recover_authorizer;
pub mod refresh_authorizers;
pub mod refresh_component_token;
pub mod refresh_one;
pub mod rename_tenant;
pub mod request_ticket_push;
pub mod reset_password;
pub mod set_up;
pub mod settle_attempts;
pub mod show_health;
pub mod sign_in;
pub mod start_authorization;
pub mod watch_tickets;

pub use context::{Context, Settings, Wake};
pub use error::ServiceError;
pub use identity_error::{IdentityError, Taken};
