//! What stands between the executor and every subgraph, in one list.
mod measure;
mod size_cap;
mod timeout;

use std::{sync::Arc, time::Duration};

use super::Subgraph;

/// Bounds on one request to a subgraph.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long an answer may be, in bytes.
    pub max_response_bytes: usize,
}

/// `subgraph`, called `name`, within `bounds`. From the outside in: what is counted is what the executor sees; the time
/// covers everything below it; the size is checked last, on what the transport brought (HTTP checks it while reading as
/// well, so that too long an answer is never held).
pub fn bounded(name: &str, subgraph: Arc<dyn Subgraph>, bounds: &Bounds) -> Arc<dyn Subgraph> {
    let subgraph = Arc::new(size_cap::SizeCap::new(subgraph, bounds.max_response_bytes));
    let subgraph = Arc::new(timeout::Timeout::new(subgraph, bounds.timeout));
    Arc::new(measure::Measure::new(subgraph, name.to_owned()))
}
