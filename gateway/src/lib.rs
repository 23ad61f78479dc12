//! The federation gateway: composes subgraphs into one supergraph, plans operations over it, executes them and serves the answers.
pub mod compose;
mod error;
pub mod execute;
pub mod graph;
mod operation;
pub mod plan;
mod settings;
pub mod transport;

pub use error::{Code, GraphqlError, Location};
pub use settings::{Cors, Csrf, Headers, Limits, Settings, Uploads};
