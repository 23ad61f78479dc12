//! Our composer measured against the reference, `@apollo/composition`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what these tests stand on must be there"
)]
#![expect(clippy::print_stdout, reason = "counts and skipped tests are to be seen")]

mod compare;
mod corpus;
mod facts;
mod generate;
mod hostile;
mod known_differences;
mod mutate;
mod oracle;
mod reference;
mod satisfiability;

/// Named subgraph SDLs that are to be composed.
#[derive(Clone, Debug)]
struct Set {
    name: String,
    subgraphs: Vec<(String, String)>,
}

/// A setting of the tests; see `reference.rs` for the list.
fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration file")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn setting(name: &str, default: usize) -> usize {
    variable(name)
        .map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}
