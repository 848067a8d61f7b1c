//! Floor 1: plain values and rules. No I/O, no clock, no randomness.

pub mod api_key;
pub mod audit;
pub mod authorization;
pub mod authorizer;
pub mod component;
pub mod errcode;
pub mod event;
pub mod finding;
pub mod func_info;
pub mod health;
pub mod ids;
pub mod lateness;
pub mod letter;
pub mod logo;
pub mod merchant_link;
pub mod reason;
pub mod refresh_plan;
pub mod role;
pub mod second_factor;
pub mod tenant;
pub mod tenant_life;
pub mod text;
pub mod time_left;
pub mod user;
