//! The `souk` executable.

fn main() {}
