//! The platform from outside: the real executable, spoken to over HTTP and on the command line.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod analytics;
mod authorization;
mod command_line;
mod compose;
mod composition;
mod deployment;
mod engines;
mod equal;
mod events;
mod faults;
mod imports;
mod journeys;
mod platform;
mod postgres;
mod readiness;
mod schema;
mod search;
mod side;
mod souk;
mod telemetry;
mod tenancy;
mod tidy;
