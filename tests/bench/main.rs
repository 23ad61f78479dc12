//! What the platform costs, on the real executable: `cargo bench --bench costs -- [NAME…]`, beside engines by
//! `tests/engines -- cargo bench --bench costs`; without them it measures the embedded side alone.
//!
//! Claims about speed and memory stand here: each is measured with what it is compared to, in one run.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark"
)]

mod indexer;
mod latencies;
mod listing;
mod process;
mod relay;
mod search;
mod side;
mod startup;
mod track;
mod visible;

use futures::FutureExt;
use futures::future::LocalBoxFuture;

/// One benchmark: its name as an argument, and how it is run.
type Bench = (&'static str, fn() -> LocalBoxFuture<'static, ()>);

const ALL: [Bench; 7] = [
    ("startup", || startup::run().boxed_local()),
    ("listing", || listing::run().boxed_local()),
    ("track", || track::run().boxed_local()),
    ("relay", || relay::run().boxed_local()),
    ("visible", || visible::run().boxed_local()),
    ("search", || search::run().boxed_local()),
    ("indexer", || indexer::run().boxed_local()),
];

fn main() {
    // The one TLS stack; it must be chosen before the first client is made.
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    for (name, run) in ALL {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            runtime.block_on(run());
        }
    }
}
