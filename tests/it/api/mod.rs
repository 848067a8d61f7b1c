//! What business servers ask, over HTTP, on both databases.

mod handing_out;
mod keys;
mod outage;
mod page;
pub(crate) mod program;
mod reading;
mod reporting;
mod suspended;
mod together;
