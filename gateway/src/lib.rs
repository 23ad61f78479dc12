//! The federation gateway: composes subgraphs into one supergraph, plans operations over it, executes them and serves the answers.
pub mod compose;
mod counts;
mod engine;
mod error;
pub mod execute;
mod follow;
mod gateway;
pub mod graph;
mod guard;
mod imported;
mod operation;
pub mod plan;
mod request;
mod serve;
mod settings;
pub mod transport;

pub use engine::LoadError;
pub use error::{Code, GraphqlError, Location};
pub use gateway::{BuildError, Builder, Gateway};
pub use guard::Claims;
pub use operation::SchemaFault;
pub use request::{Answer, File, Request};
pub use serve::{Authenticate, Example, Verification};
pub use settings::{Authorization, Cors, Csrf, Headers, Limits, Settings, SubgraphBounds, Uploads};
