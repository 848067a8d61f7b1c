//! The audit: every deed is written down once, nothing happens without it, and nobody changes it unseen.

mod declared;
mod pages;
mod verifying;
mod writing;
