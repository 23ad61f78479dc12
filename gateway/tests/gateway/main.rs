//! The gateway tested through its public interface.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests fail by panicking and print what they counted"
)]

mod composition;
mod execution;
mod serving;
