//! The real program on the open network: slow, huge, half-open and ambiguous requests, other sites, and what browsers
//! are told.

mod cut_off;
mod headers;
mod sign_ins;
mod sites;
mod wire;
