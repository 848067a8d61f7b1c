//! Parses the command and hands over.

fn main() {}
