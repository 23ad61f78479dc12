//! Search, analytics and catalogue agree in the end, whichever engines and roles are killed while products change and
//! visitors look at them.

mod chaos;
mod check;
mod writers;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use self::chaos::{Chaos, Engines};
use self::check::Check;
use self::writers::Load;
use crate::platform::{Platform, Shape};
use crate::side::{Settings, Side, namespace};

/// How many changes of products are made meanwhile.
fn changes() -> usize {
    souk_stand::setting("SOUK_TEST_SEARCH_CHANGES").and_then(|count| count.parse().ok()).unwrap_or(1_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_embedded_stores_they_agree_whichever_role_is_killed() {
    they_agree(Side::Embedded, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_real_engines_they_agree_whichever_role_or_engine_is_killed() {
    let Some(engines) = Engines::start().await else { return };
    they_agree(Side::Engines, Some(engines)).await;
}

async fn they_agree(side: Side, engines: Option<Engines>) {
    let settings: Settings = engines
        .iter()
        .flat_map(|engines| engines.addresses().settings().into_iter().chain(namespace()))
        .collect();
    // What the roles say stays there, to be read after a failure.
    let logs = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{side:?}"));
    let _ = std::fs::remove_dir_all(&logs);
    let mut platform = Platform::empty(settings).logging_to(logs);
    platform.succeeds(&["migrate"]);
    platform.start_all(Shape::Apart);
    let more_indexers: &[&str] = match side {
        // An embedded index has one writer.
        Side::Embedded => &[],
        Side::Engines => &["search-indexer-2", "search-indexer-3"],
    };
    more_indexers.iter().for_each(|name| platform.start(name));

    let load = Load::new(&platform, changes()).await;
    let (killed_all, is_over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let chaos = Chaos::new(platform, engines, more_indexers);
    let killing = tokio::spawn(chaos.run(Arc::clone(&killed_all), Arc::clone(&is_over)));
    let made = load.run(&killed_all).await;
    is_over.store(true, Ordering::Relaxed);
    let mut chaos = killing.await.unwrap();
    println!("counted: {side:?}: {}; killed: {}", made.summary(), chaos.summary());
    Check::new(&chaos.platform, &made).agrees(&format!("{side:?}")).await;

    more_indexers.iter().for_each(|name| chaos.platform.terminate(name));
    chaos.platform.terminate_all();
    if let Some(engines) = chaos.engines {
        engines.stop().await;
    }
}
