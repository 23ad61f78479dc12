//! Changes in any order, any batches and any number of times, across rebuilds: the index ends as its source is.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use souk_search::index::document::Change;
use souk_search::index::query::Filter;

use super::fixture::{Side, ask, cluster, deletion, embedded, id, product, upsert};

/// The change that brings a product to a revision: always the same one.
fn change(n: u64, revision: u64) -> Change {
    if (n * 31 + revision * 17).is_multiple_of(4) {
        return deletion(n, revision);
    }
    let mut one = product(n, "Lamp");
    one.revision = revision;
    one.tags.insert(format!("r{revision}"));
    upsert(one)
}

#[derive(Debug, Clone)]
enum Step {
    Write(Vec<(u64, u64)>),
    Begin,
    /// Gives the generation that is being built what the source holds of some products.
    Copy,
    Publish,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let batch = prop::collection::vec((1_u64..8, 1_u64..12), 1..6).prop_map(Step::Write);
    prop::collection::vec(
        prop_oneof![5 => batch, 1 => Just(Step::Begin), 1 => Just(Step::Copy), 1 => Just(Step::Publish)],
        1..14,
    )
}

async fn run(side: &Side, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut source: BTreeMap<u64, u64> = BTreeMap::new();
    let mut build = None;
    for step in steps {
        match step {
            Step::Write(batch) => {
                for (n, revision) in &batch {
                    let known = source.entry(*n).or_default();
                    *known = (*known).max(*revision);
                }
                let changes: Vec<_> = batch.iter().map(|(n, revision)| change(*n, *revision)).collect();
                let written = side.index.write(&changes).await.unwrap();
                prop_assert_eq!(written.applied + written.stale, u64::try_from(batch.len()).unwrap());
            }
            Step::Begin => build = Some((side.index.begin_build().await.unwrap(), false)),
            Step::Copy => {
                if let Some((build, is_copied)) = &mut build {
                    let all: Vec<_> = source.iter().map(|(n, revision)| change(*n, *revision)).collect();
                    side.index.write_build(build, &all).await.unwrap();
                    *is_copied = true;
                }
            }
            Step::Publish => match build.take() {
                Some((build, true)) => side.index.publish(build).await.unwrap(),
                Some((build, false)) => side.index.abandon(build).await.unwrap(),
                None => {}
            },
        }
    }
    side.index.refresh().await.unwrap();
    let there: Vec<_> =
        source.iter().filter(|(n, revision)| matches!(change(**n, **revision), Change::Upsert(_))).collect();
    prop_assert_eq!(side.index.count().await.unwrap(), u64::try_from(there.len()).unwrap());
    for (n, revision) in there {
        let mut query = ask("lamp");
        query.filter =
            Filter::And(vec![Filter::Product(vec![id(*n)]), Filter::Tag(vec![format!("r{revision}")])]);
        prop_assert_eq!(side.found(&query).await, vec![*n], "at revision {}", revision);
    }
    Ok(())
}

fn converge(cases: u32, open: impl Fn() -> Side) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    });
    let outcome = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            let side = open();
            run(&side, steps).await
        })
    });
    outcome.unwrap();
}

#[test]
fn tantivy_ends_as_its_source_is() {
    converge(16, embedded);
    println!("counted: 16 random histories with rebuilds, each ended in Tantivy as in its source");
}

#[test]
fn elasticsearch_ends_as_its_source_is() {
    let Some(cluster) = cluster() else { return };
    converge(6, || cluster.index());
    println!("counted: 6 random histories with rebuilds, each ended in Elasticsearch as in its source");
}
