//! Which indexes answer, as MongoDB itself explains it; a stand-in cannot explain.

use souk_kit::documents::{Direction, Documents, Filter, Index, IndexValue, Query, Record, Sort, Test};
use souk_kit::id::CompanyId;
use uuid::Uuid;

use super::Place;

const COLLECTION: &str = "lamps";

fn company(n: u128) -> CompanyId {
    CompanyId::from_uuid(Uuid::from_u128(n))
}

fn record(n: u128) -> Record {
    Record {
        id: format!("lamp_{n:03}"),
        version: 1,
        schema_version: 1,
        company: Some(company(n % 3)),
        state: "{}".into(),
        tombstone: false,
        pending: Vec::new(),
        outcomes: Vec::new(),
        index: Index::default()
            .unique(format!("name:{n}"))
            .field("colour", if n.is_multiple_of(2) { "red" } else { "green" })
            .field("watts", i64::try_from(n).unwrap()),
    }
}

fn queries() -> Vec<Query> {
    let red = Filter::equal("colour", "red");
    let bright = Filter::Field("watts".into(), Test::Range { from: Some(IndexValue::from(10)), below: None });
    let named = Filter::Field("colour".into(), Test::Prefix("r".into()));
    let own = Filter::Companies(vec![company(1)]);
    let filters = [
        Filter::everything(),
        own.clone(),
        red.clone(),
        own.clone().and(red.clone()).and(bright.clone()),
        Filter::Any(vec![red.clone(), named.clone()]),
        red.negated().and(own),
        named,
        bright,
        Filter::Ids(vec!["lamp_001".into(), "lamp_002".into()]),
        Filter::Keys(vec!["name:1".into()]),
    ];
    let directions = [Direction::Ascending, Direction::Descending];
    let sorts =
        directions.map(|way| [Sort::by_id(way), Sort::by("watts", way), Sort::by_optional("watts", way)]);
    let mut queries = Vec::new();
    for filter in filters {
        for sort in sorts.iter().flatten() {
            let place = (sort.field.as_ref().map(|_| IndexValue::from(1)), "lamp_001".to_owned());
            for from in [None, Some(place)] {
                let (filter, sort) = (filter.clone(), sort.clone());
                queries.push(Query { filter, sort, backward: false, from, limit: 20 });
            }
        }
    }
    queries
}

#[tokio::test]
async fn no_query_reads_a_whole_collection_and_lists_walk_an_index_in_order() {
    let Some(place) = Place::find() else { return };
    let queries = queries();
    let name = format!("the plans of {} queries of documents", queries.len());
    if !souk_stand::mongodb_is_real(&place.url, &name).await {
        return;
    }
    let engine = place.deployment().await.documents("plans");
    engine.prepare(COLLECTION).await.unwrap();
    for n in 0..300 {
        engine.insert(COLLECTION, &record(n)).await.unwrap();
    }
    for query in &queries {
        for plan in engine.explain(COLLECTION, query).await.unwrap() {
            let asks = |step: &str| plan.steps.iter().any(|one| one == step);
            assert!(!plan.steps.is_empty() && !asks("COLLSCAN"), "{query:?}: {plan:?}");
            let selects = match &query.filter {
                Filter::All(all) => all.len() > 1,
                Filter::Companies(_) => false,
                _ => true,
            };
            assert!(selects || !asks("SORT"), "{query:?}: {plan:?}");
        }
        let plan = engine.explain_count(COLLECTION, &query.filter).await.unwrap();
        assert!(!plan.steps.iter().any(|step| step == "COLLSCAN"), "{plan:?}");
    }
    println!("counted: {} queries of documents explained", queries.len());
    place.drop_databases().await;
}
