//! The embedded document store answers its queries from indexes.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use souk_kit::documents::sql::SqlDocuments;
use souk_kit::documents::{
    Direction, Documents, Filter, Index, IndexValue, Missing, Query, Record, Sort, Test,
};
use souk_kit::id::CompanyId;
use souk_kit::sql::{Durability, Sql, SqlOptions, StatementLog};
use uuid::Uuid;

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

fn by(field: &'static str) -> Sort {
    Sort { field: Some(field.into()), direction: Direction::Ascending, missing: Missing::Never }
}

fn by_id() -> Sort {
    Sort { field: None, direction: Direction::Ascending, missing: Missing::Never }
}

/// A step that reads every row: `SCAN d`. One that walks an index in the wanted order and stops at the page's
/// end says `SCAN d USING … INDEX`.
fn reads_everything(step: &str) -> bool {
    step.starts_with("SCAN ")
        && !step.contains("INDEX")
        && !step.contains("CONSTANT")
        && !step.contains("SUBQUERY")
}

#[tokio::test]
async fn no_query_reads_a_whole_collection() {
    let folder = tempfile::tempdir().unwrap();
    let log = StatementLog::default();
    let options = SqlOptions {
        durability: Durability::ProcessCrash,
        statements: Some(log.clone()),
        ..SqlOptions::new(folder.path(), "documents")
    };
    let sql = Sql::open(options).await.unwrap();
    let engine: Arc<dyn Documents> = Arc::new(SqlDocuments::new(sql.clone()));
    engine.prepare(COLLECTION).await.unwrap();
    for n in 0..60 {
        engine.insert(COLLECTION, &record(n)).await.unwrap();
    }
    let red = Filter::equal("colour", "red");
    let bright = Filter::Field("watts".into(), Test::Range { from: Some(IndexValue::from(10)), below: None });
    let named = Filter::Field("colour".into(), Test::Prefix("r".into()));
    let own = Filter::Companies(vec![company(1)]);
    let queries = [
        (Filter::everything(), by_id()),
        (own.clone(), by_id()),
        (own.clone(), by("watts")),
        (red.clone(), by("watts")),
        (own.clone().and(red.clone()).and(bright.clone()), by("watts")),
        (Filter::Any(vec![red.clone(), named]), by_id()),
        (Filter::Not(Box::new(red)).and(own), by_id()),
        (bright, by("watts")),
        (Filter::Ids(vec!["lamp_001".into(), "lamp_002".into()]), by_id()),
        (Filter::Keys(vec!["name:1".into()]), by_id()),
    ];
    drop(log.take());
    for (filter, sort) in queries {
        let from = Some((sort.field.as_ref().map(|_| IndexValue::from(1)), "lamp_001".to_owned()));
        let query = Query { filter, sort, backward: false, from, limit: 20 };
        engine.find(COLLECTION, &query).await.unwrap();
        let statement = log.take().pop().unwrap();
        let explain = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {statement}"));
        let steps = sql.reader().query_all_raw(explain).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert!(!steps.iter().any(|step| reads_everything(step)), "{query:?}\n{statement}\n{steps:#?}");
        drop(log.take());
    }
}
