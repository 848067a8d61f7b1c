//! The pages of the platform's administrators.
