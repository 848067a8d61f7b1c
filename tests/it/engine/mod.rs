//! The token engine against the sandbox, on both databases, tick by tick.

mod granting;
mod healing;
mod incidents;
mod refreshing;
mod world;
