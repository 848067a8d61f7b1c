//! Floor 4: what happens by itself. The engine does what is due at a moment; the pulse wakes it.

mod engine;
mod job;
mod pulse;

pub use engine::Engine;
pub use job::Job;
pub use pulse::Pulse;
