//! What the platform costs, on the real executable: `cargo bench --bench costs`.
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

mod listing;
mod process;
mod startup;
mod track;

fn main() {
    // The one TLS stack; it must be chosen before the first client is made.
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        startup::run().await;
        listing::run().await;
        track::run().await;
    });
}
