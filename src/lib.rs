//! Hufu 虎符 keeps the authority that WeChat accounts grant to a third-party platform.
//!
//! The floors of the house. A module looks only down; `tests/it/architecture.rs` parses the sources and fails with
//! `src/domain/authorizer.rs: domain may not see store`.
//!
//! ```text
//!         main ─▶ cli ─▶ app ─▶ everything                     nobody below looks at app or cli
//!   5     web            sees service, jobs, store (read only), domain
//!   4     jobs           sees service, store, domain
//!   3     service        sees store, wechat, mail, vault, domain
//!   2     store │ wechat ◀─ sandbox │ mail                      these never see each other
//!   1     domain
//!   0     clock random secret vault config crash_point
//! ```

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crash_point;
pub mod domain;
pub mod jobs;
pub mod mail;
pub mod random;
pub mod sandbox;
pub mod secret;
pub mod service;
pub mod store;
pub mod vault;
pub mod web;
pub mod wechat;
