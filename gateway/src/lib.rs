//! The federation gateway: composes subgraphs into one supergraph, plans operations over it, executes them and serves the answers.
pub mod compose;
pub mod execute;
pub mod plan;
pub mod transport;
