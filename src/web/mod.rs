//! Floor 5: pages and interfaces over HTTP.

pub mod parts;
pub mod shell;
pub mod when;
pub mod words;
