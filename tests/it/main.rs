//! Everything that needs no browser, in one binary: one module per subject, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests stop at the first surprise")]

#[macro_use]
mod harness;

mod accounts;
mod admin_pages;
mod architecture;
mod authorize_pages;
mod cli;
mod config;
mod crash;
mod dependencies;
mod engine;
mod errcode;
mod identity;
mod pages;
mod readme;
mod redaction;
mod roles;
mod sandbox;
mod store_contract;
mod vault;
mod wechat_api;
mod wechat_client;
mod wechat_crypt;
mod wechat_notice;
