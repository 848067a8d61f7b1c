//! Floor 5: pages and interfaces over HTTP.

pub mod account;
pub mod admin;
mod api;
pub mod api_keys;
pub mod assets;
pub mod audit;
pub mod authorize;
pub mod authorizer;
pub mod authorizers;
mod body;
pub mod charts;
mod client;
mod client_address;
pub mod connect;
pub mod error;
pub mod error_page;
mod flash;
pub mod form;
mod gate;
mod headers;
mod health;
mod inlet;
pub mod invitation;
mod isolation;
mod language;
pub mod links;
pub mod logo;
pub mod members;
pub mod mount;
pub mod overview;
pub mod page;
pub mod parts;
mod passkeys;
pub mod password;
pub mod policy;
pub mod profile;
mod protection;
mod push;
mod reader;
pub mod recent;
pub mod request;
pub mod routes;
pub mod samples;
pub mod second;
pub mod security;
pub mod session;
mod session_store;
pub mod set_up;
pub mod shell;
pub mod sign_in;
mod sign_out;
pub mod step_up;
mod switch_tenant;
pub mod upload;
pub mod viewer;
pub mod when;
pub mod words;

pub use error::WebError;
pub use form::Form;
pub use mount::Mount;
pub use page::{Answer, Page, see_other};
pub use recent::Recent;
pub use viewer::{
    Admin, ManageAuthorizers, ManageKeys, PlatformReader, ReadOnly, SeeAuthorizers, SeeMembers, SignedIn,
    Viewer, Visitor,
};
