//! What the journeys stand on: the programs under test, a browser, patience.

mod browser;
mod driver;
mod house;
mod patience;
mod process;
mod stage;

pub(crate) use browser::{Browser, Look};
pub(crate) use house::House;
pub(crate) use patience::eventually;
pub(crate) use stage::{Stage, perform};
