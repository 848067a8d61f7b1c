//! What people do, in a real Chromium, against the real binary; pictures in `target/screenshots`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests stop at the first surprise")]

mod harness;

mod crashes;
mod demo;
mod detours;
mod everybody;
mod second_factors;
mod secrets;
