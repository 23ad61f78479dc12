//! How long the first start takes, which makes the demo, and a later one; and the memory of both.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::process::Souk;

/// How often the later start is measured.
const LATER: usize = 5;

/// Measures both starts on one folder. The aims are those of two idle cores.
pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let (first, memory) = start(folder.path()).await;
    let mut later = Vec::new();
    let mut later_memory = 0;
    for _ in 0..LATER {
        let (took, memory) = start(folder.path()).await;
        later.push(took);
        later_memory = memory;
    }
    later.sort_unstable();
    let median = later[LATER / 2];
    println!(
        "measured: first start, demo included: ready after {:.2} s (aim 5 s), {memory} MiB resident (aim 150)",
        first.as_secs_f64()
    );
    println!(
        "measured: later start: ready after {:.3} s (aim 1 s, median of {LATER}), {later_memory} MiB resident; the first takes {:.0} times as long",
        median.as_secs_f64(),
        first.as_secs_f64() / median.as_secs_f64()
    );
}

/// Starts, asks a first query, and kills; answers the time to readiness and the memory in MiB.
async fn start(folder: &Path) -> (Duration, u64) {
    let begun = Instant::now();
    let souk = Souk::start(folder);
    let ready = souk.gateway.replace("/graphql", "/ready");
    assert_eq!(reqwest::get(ready).await.unwrap().status(), 200);
    let took = begun.elapsed();
    souk.company().await;
    (took, souk.resident_kib() / 1024)
}
