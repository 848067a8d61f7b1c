//! The token engine against the sandbox, on both databases, tick by tick.

mod corrupt_rows;
mod granting;
mod healing;
mod incidents;
mod pages;
mod refreshing;
pub(crate) mod world;
