//! Our composer measured against the reference, `@apollo/composition`.

mod generate;
mod mutate;
mod oracle;
mod satisfiability;

/// Named subgraph SDLs that are to be composed.
#[derive(Clone, Debug)]
struct Set {
    name: String,
    subgraphs: Vec<(String, String)>,
}
