//! The audit: every deed is written down once, nothing happens without it, and nobody changes it unseen.

mod deeds;
mod exporting;
mod pages;
mod revealing;
mod stopping;
mod verifying;
mod writing;
