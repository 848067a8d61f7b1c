//! Master keys and data keys in a portal that lives: what is sealed, what is replaced, what becomes unreadable.

mod rotation;
mod shredding;
mod taking_along;
mod upgrade;
