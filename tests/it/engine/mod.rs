//! The token engine against the sandbox, on both databases, tick by tick.

mod clock_steps;
mod corrupt_rows;
pub(crate) mod crowd;
mod fairness;
mod floor;
mod granting;
mod healing;
mod holding;
mod incidents;
mod ladder;
mod outages;
mod pages;
mod quota;
mod reconciling;
mod recording;
mod refreshing;
mod silence;
mod visible;
pub(crate) mod world;
