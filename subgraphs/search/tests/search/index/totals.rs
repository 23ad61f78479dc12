//! How many products are found: exactly, up to ten thousand.

use souk_search::index::answer::Total;
use souk_search::index::query::{EXACT_TOTAL, Filter, SearchQuery};

use super::fixture::{Side, ask, cluster, embedded, product, upsert};

#[tokio::test]
async fn tantivy_counts_exactly_up_to_ten_thousand() {
    totals_are_exact_up_to_ten_thousand(&embedded()).await;
    println!("counted: 10000 of 10001 products exactly, and 10001 as more than that, on Tantivy");
}

#[tokio::test]
async fn elasticsearch_counts_exactly_up_to_ten_thousand() {
    let Some(cluster) = cluster() else { return };
    totals_are_exact_up_to_ten_thousand(&cluster.index()).await;
    println!("counted: 10000 of 10001 products exactly, and 10001 as more than that, on Elasticsearch");
}

/// One product more than can be told, and a tag that all but that one have.
async fn totals_are_exact_up_to_ten_thousand(side: &Side) {
    let build = side.index.begin_build().await.unwrap();
    let numbers: Vec<u64> = (1..=EXACT_TOTAL + 1).collect();
    for part in numbers.chunks(2_000) {
        let tagged = part.iter().map(|n| {
            let mut one = product(*n, "");
            if *n <= EXACT_TOTAL {
                one.tags.insert("told".to_owned());
            }
            upsert(one)
        });
        side.index.write_build(&build, &tagged.collect::<Vec<_>>()).await.unwrap();
    }
    side.index.publish(build).await.unwrap();
    let total = async |filter: Filter| {
        let query = SearchQuery { first: 1, filter, ..ask("") };
        side.index.search(&query).await.unwrap().total
    };
    let told = Filter::Tag(vec!["told".to_owned()]);
    assert_eq!(total(told).await, Total { count: 10_000, is_lower_bound: false }, "{}", side.name);
    let all = total(Filter::everything()).await;
    assert_eq!(all, Total { count: 10_000, is_lower_bound: true }, "{}", side.name);
    assert_eq!(side.index.count().await.unwrap(), 10_001, "{}", side.name);
}
