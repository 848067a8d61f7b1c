//! What the journeys stand on: the programs under test, a browser, patience.

mod browser;
mod driver;
mod house;
mod patience;
mod people;
mod person;
mod process;
mod schema;
mod second_factor;
mod stage;

pub(crate) use browser::{Browser, Look};
pub(crate) use house::{ADMIN, BOOKS, CUSTOMER, House, ORDERS, PASSWORD, RIVAL, TEA, VIEWER};
pub(crate) use patience::{PROMISE, eventually};
pub(crate) use process::{Process, hufu};
pub(crate) use schema::Schema;
pub(crate) use stage::{Stage, perform};
