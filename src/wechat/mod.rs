//! Floor 2: WeChat. The protocol client, the message envelope and the wire types. The seam is an address: the same
//! client talks to WeChat and to the sandbox.

pub mod client;
pub mod crypt;

pub use client::Client;
