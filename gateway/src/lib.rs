//! The federation gateway: composes subgraphs into one supergraph, plans operations over it, executes them and serves the answers.
pub mod compose;
mod engine;
mod error;
pub mod execute;
pub mod graph;
mod gateway;
mod operation;
pub mod plan;
mod request;
mod serve;
mod settings;
pub mod transport;

pub use engine::LoadError;
pub use error::{Code, GraphqlError, Location};
pub use gateway::{BuildError, Builder, Gateway};
pub use request::{Answer, File, Request};
pub use serve::{Authenticate, Example};
pub use settings::{Cors, Csrf, Headers, Limits, Settings, Uploads};
