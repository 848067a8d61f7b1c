//! Floor 3: use cases. One file each, named after what it does, with one public `run`; nothing else writes, except
//! leases and sessions.

mod context;
mod error;

pub mod assign_grant;
pub mod call_component;
pub mod enter_authorization;
pub mod finish_authorization;
pub mod manage_authorizer;
pub mod put_component;
pub mod receive_message;
pub mod receive_notice;
pub mod refresh_component_token;
pub mod request_ticket_push;
pub mod start_authorization;
pub mod watch_tickets;

pub use context::{Context, Settings, Wake};
pub use error::ServiceError;
