//! Both engines of documents answer alike, whatever is kept and asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use souk_kit::documents::sql::SqlDocuments;
use souk_kit::documents::{
    Direction, Documents, Filter, Found, Index, IndexValue, Missing, Query, Record, Sort, Test,
};
use souk_kit::id::CompanyId;
use souk_kit::sql::{Durability, Sql, SqlOptions};
use uuid::Uuid;

use super::Place;

const COLLECTION: &str = "likeness";
/// Fields that a document has several values of.
const SEVERAL: [&str; 2] = ["tag", "a.b$%"];
/// Fields that a document has one value of, or none.
const ONE: [&str; 3] = ["name", "offer.now.EUR.*", "$=\u{1}x."];
/// Fields that every document has.
const ALWAYS: &str = "rank";

fn company(n: u8) -> CompanyId {
    CompanyId::from_uuid(Uuid::from_u128(u128::from(n)))
}

/// Few values, so that they meet: empty is left out, as the SQL side sorts it with what is missing.
fn value() -> impl Strategy<Value = IndexValue> {
    prop_oneof![
        prop::sample::select(vec![
            "a", "A", "ab", "a b", "b", "é", "e\u{301}", "ß", "z", "\u{1}", "%", "a.", "日本"
        ])
        .prop_map(IndexValue::from),
        (-2i64..3).prop_map(IndexValue::from),
        "[a-c]{1,2}".prop_map(IndexValue::from),
    ]
}

fn record(n: usize) -> impl Strategy<Value = Record> {
    let company = prop::option::weighted(0.9, (0u8..3).prop_map(company));
    let several = prop::collection::vec((prop::sample::select(SEVERAL.to_vec()), value()), 0..5);
    let one = prop::collection::vec(prop::option::of(value()), ONE.len());
    (company, several, one, value(), prop::bool::weighted(0.1)).prop_map(
        move |(company, several, one, always, tombstone)| {
            let mut index = Index::default().unique(format!("key:{n}"));
            if !tombstone {
                index = index.field(ALWAYS, always);
                for (field, value) in several {
                    index = index.field(field, value);
                }
                for (field, value) in ONE.into_iter().zip(one) {
                    index = index.fields(field, value);
                }
            }
            Record {
                id: format!("doc_{:02}", n * 7 % 40),
                version: 1,
                schema_version: 3,
                company,
                state: format!("{{\"n\":{n},\"a.b\":1.50,\"$\":\"\\u0000\"}}"),
                tombstone,
                pending: Vec::new(),
                outcomes: Vec::new(),
                index,
            }
        },
    )
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        prop::collection::vec(value(), 0..4).prop_map(Test::In),
        (prop::option::of(value()), prop::option::of(value()))
            .prop_map(|(from, below)| Test::Range { from, below }),
        prop::sample::select(vec!["", "a", "b", "é", "7", "8", "日"])
            .prop_map(|text| Test::Prefix(text.into())),
        Just(Test::Exists),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let field = prop::sample::select(
        SEVERAL.iter().chain(&ONE).copied().chain([ALWAYS, "nowhere"]).collect::<Vec<_>>(),
    );
    let leaf = prop_oneof![
        4 => (field, test()).prop_map(|(field, test)| Filter::Field(field.into(), test)),
        1 => prop::collection::vec(0usize..45, 0..6)
            .prop_map(|ids| Filter::Ids(ids.into_iter().map(|n| format!("doc_{n:02}")).collect())),
        2 => prop::collection::vec(0u8..4, 0..3)
            .prop_map(|ids| Filter::Companies(ids.into_iter().map(company).collect())),
        1 => prop::collection::vec(0usize..45, 0..4)
            .prop_map(|keys| Filter::Keys(keys.into_iter().map(|n| format!("key:{n}")).collect())),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Any),
            inner.prop_map(Filter::negated),
        ]
    })
}

fn sort() -> impl Strategy<Value = Sort> {
    let direction = prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)];
    let field = prop_oneof![
        1 => Just((None, Missing::Never)),
        2 => Just((Some(ALWAYS), Missing::Never)),
        2 => (prop::sample::select(ONE.to_vec()), prop_oneof![Just(Missing::Never), Just(Missing::Last)])
            .prop_map(|(field, missing)| (Some(field), missing)),
    ];
    (direction, field).prop_map(|(direction, (field, missing))| Sort {
        field: field.map(Into::into),
        direction,
        missing,
    })
}

#[derive(Debug, Clone)]
struct Asked {
    filter: Filter,
    sort: Sort,
    backward: bool,
    limit: usize,
}

fn asked() -> impl Strategy<Value = Asked> {
    (filter(), sort(), any::<bool>(), 1usize..8).prop_map(|(filter, sort, backward, limit)| Asked {
        filter,
        sort,
        backward,
        limit,
    })
}

async fn embedded(folder: &std::path::Path) -> Arc<dyn Documents> {
    let options = SqlOptions { durability: Durability::ProcessCrash, ..SqlOptions::new(folder, "likeness") };
    Arc::new(SqlDocuments::new(Sql::open(options).await.unwrap()))
}

/// The list in pages, each with the cursors of its own engine: id, version, schema version and state of each row.
async fn listed(engine: &dyn Documents, asked: &Asked) -> Vec<Vec<(String, i64, u32, String)>> {
    let (mut pages, mut from) = (Vec::new(), None);
    loop {
        let Asked { filter, sort, backward, limit } = asked.clone();
        let query = Query { filter, sort, backward, from: from.clone(), limit };
        let found: Vec<Found> = engine.find(COLLECTION, &query).await.unwrap();
        let Some(last) = found.last() else { return pages };
        assert!(pages.len() < 50, "a list that does not end: {asked:?}");
        from = Some((last.sorted_by.clone(), last.id.clone()));
        pages.push(
            found.into_iter().map(|one| (one.id, one.version, one.schema_version, one.state)).collect(),
        );
    }
}

#[test]
fn random_documents_and_queries_have_the_same_answers_on_both_engines() {
    let Some(place) = Place::find() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (queries, rows) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut runner = TestRunner::new(Config {
        cases: 24,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    let records = (0usize..40).map(|n| record(n).boxed()).collect::<Vec<_>>();
    let outcome = runner.run(&(records, prop::collection::vec(asked(), 12)), |(records, all_asked)| {
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let (sql, mongo) = (embedded(folder.path()).await, place.engine().await);
            for engine in [&sql, &mongo] {
                engine.prepare(COLLECTION).await.unwrap();
                for record in &records {
                    engine.insert(COLLECTION, record).await.unwrap();
                }
            }
            for asked in &all_asked {
                let (ours, theirs) = (listed(&*sql, asked).await, listed(&*mongo, asked).await);
                prop_assert_eq!(&ours, &theirs, "{:?}", asked);
                let counts = (
                    sql.count(COLLECTION, &asked.filter).await.unwrap(),
                    mongo.count(COLLECTION, &asked.filter).await.unwrap(),
                );
                prop_assert_eq!(counts.0, counts.1, "count of {:?}", asked.filter);
                queries.fetch_add(1, Ordering::Relaxed);
                rows.fetch_add(ours.iter().map(Vec::len).sum(), Ordering::Relaxed);
            }
            Ok(())
        })
    });
    runtime.block_on(place.drop_databases());
    if let Err(TestError::Fail(reason, _)) = &outcome {
        panic!("{reason}");
    }
    outcome.unwrap();
    println!("counted: {} lists of {} rows alike on both engines", queries.into_inner(), rows.into_inner());
}
