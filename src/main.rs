//! The `souk` executable: the gateway, every subgraph and every chore of the platform, one role per command.
//!
//! Exit codes: 0, done; 1, refused, with the reason on standard error; 2, wrong usage.

// Optimised builds lay out the futures of a whole schema here, which nest deeper than the usual limit of 128.
#![recursion_limit = "256"]

mod command;
mod config;
mod demo;
mod import;
mod platform;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The async runtime of a role; everything that blocks was started before it.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn main() -> ExitCode {
    // The one TLS stack; it must be chosen before the first connection.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("error: a second TLS stack was installed");
        return ExitCode::FAILURE;
    }
    match command::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
