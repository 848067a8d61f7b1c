//! Everything that needs no browser, in one binary: one module per subject, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests stop at the first surprise")]

#[macro_use]
mod harness;

mod accounts;
mod addresses;
mod admin_pages;
mod api;
mod architecture;
mod audit;
mod authorize_pages;
mod bench;
mod cli;
mod config;
mod contrast;
mod crash;
mod crash_points;
mod dependencies;
mod engine;
mod errcode;
mod fleet;
mod identity;
mod keys;
mod letter_bounds;
mod letters;
mod many;
mod merchant_links;
mod merchant_links_bulk;
mod metrics;
mod network;
mod outages;
mod pages;
mod passkeys;
#[path = "../browser/harness/patience.rs"]
mod patience;
mod people;
mod plan;
#[path = "../browser/harness/process.rs"]
mod process;
mod readme;
mod redaction;
mod roles;
mod routes;
mod sandbox;
mod second_factor;
mod security;
mod session_epochs;
mod sign_up;
mod step_up;
mod store_contract;
mod tickets;
mod time_zones;
mod vault;
mod walls;
mod wechat_api;
mod wechat_client;
mod wechat_crypt;
mod wechat_notice;
