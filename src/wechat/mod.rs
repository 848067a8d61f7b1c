//! Floor 2: WeChat. The protocol client, the message envelope and the wire types. The seam is an address: the same
//! client talks to WeChat and to the sandbox.

mod address;
pub mod api;
pub mod client;
pub mod crypt;
pub mod error;
pub mod login_page;
pub mod message;
pub mod notice;
mod reply;

pub use client::{Answer, Client};
pub use error::{Refusal, WechatError};
