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
mod relay;
mod startup;
mod track;

fn main() {
    // The one TLS stack; it must be chosen before the first client is made.
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    runtime.block_on(async {
        if is_wanted("startup") {
            startup::run().await;
        }
        if is_wanted("listing") {
            listing::run().await;
        }
        if is_wanted("relay") {
            relay::run().await;
        }
        if is_wanted("track") {
            track::run().await;
        }
    });
}
