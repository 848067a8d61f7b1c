//! The table of routes (`web::routes::TABLE`): that it says what the handlers do, and that nobody gets past it.

mod document;
mod matrix;
mod photo;
mod signatures;
mod stage;
mod suspended;
mod unprotected;
