//! The sandbox, driven over HTTP like WeChat: by a client that knows nothing of the rest of the program.

mod bench;
mod consent;
mod control;
mod faults;
mod own_tokens;
mod pushes;
mod tokens;
