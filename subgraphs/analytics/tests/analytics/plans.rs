//! How the database answers each list of items: by the keys of its tables, whatever is in them.

use sea_orm::sqlx::Row;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};

use crate::storefront::{Storefront, click, list, product, search, view};

const WEEK: (&str, &str) = ("2026-03-08T00:00:00Z", "2026-03-15T00:00:00Z");

async fn database(front: &Storefront) -> DatabaseConnection {
    let ports = &front.analytics.stage.ports;
    let url = match &ports.postgres {
        Some(postgres) => format!("{}/{}analytics", postgres.url, postgres.prefix),
        None => format!("sqlite:{}?mode=ro", ports.folder.join("analytics.sqlite").display()),
    };
    let database = Database::connect(ConnectOptions::new(url).max_connections(1).to_owned()).await.unwrap();
    if ports.postgres.is_some() {
        for setting in ["enable_seqscan = off", "plan_cache_mode = force_generic_plan"] {
            database.execute_unprepared(&format!("SET {setting}")).await.unwrap();
        }
    }
    database
}

/// The steps of the plan of a statement, for any values.
async fn steps(database: &DatabaseConnection, sql: &str) -> Vec<String> {
    if database.get_database_backend() == DatabaseBackend::Sqlite {
        let explain = Statement::from_string(DatabaseBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = database.query_all_raw(explain).await.unwrap();
        return rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    }
    let highest = (1..=999).take_while(|n| sql.contains(&format!("${n}"))).count();
    let values = vec!["NULL"; highest].join(", ");
    database.execute_unprepared(&format!("PREPARE list AS {sql}")).await.unwrap();
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE list({values})");
    let explain = sea_orm::sqlx::raw_sql(sea_orm::sqlx::AssertSqlSafe(explain));
    let rows: Vec<PgRow> = explain.fetch_all(database.get_postgres_connection_pool()).await.unwrap();
    database.execute_unprepared("DEALLOCATE list").await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn scans_a_table(step: &str) -> bool {
    let is_scan =
        ["hour_tally", "product_owner"].iter().any(|table| step.starts_with(&format!("SCAN {table}")));
    is_scan || step.contains("Seq Scan")
}

#[tokio::test]
async fn lists_are_found_by_company_measure_and_hours_and_owners_by_product() {
    let front = Storefront::open().await;
    front.owns(front.company, 1..=3).await;
    let at = front.now();
    let mut events: Vec<_> = (1..=3).map(|n| view(n, at, &product(n))).collect();
    events.extend((1..=3).map(|n| click(10 + n, at, 9, &product(n), 1)));
    events.extend((1..=3).map(|n| list(20 + n, at, &format!("list {n}"))));
    events.extend((1..=3).map(|n| search(30 + n, at, &format!("text {n}"), 1)));
    events.extend((1..=3).map(|n| search(40 + n, at, &format!("text {n}"), 0)));
    front.track(1, &events).await;
    front.count().await;
    let database = database(&front).await;
    let (mut explained, mut of_owners) = (0, 0);
    for name in ["topProducts", "trendingProducts", "topLists", "popularSearches", "searchesWithoutResults"] {
        let page =
            |args: &str| format!("{name}({args}) {{ totalCount pageInfo {{ endCursor startCursor }} }}");
        let first = front.figures(&front.admin(), WEEK, &page("first: 1")).await[name].clone();
        assert_eq!(first["totalCount"], 3, "{name}");
        let cursor = &first["pageInfo"]["endCursor"];
        for args in [format!("first: 1, after: {cursor}"), format!("last: 1, before: {cursor}")] {
            drop(front.analytics.statements());
            front.figures(&front.admin(), WEEK, &page(&args)).await;
            for sql in front.analytics.statements() {
                // Without its values, PostgreSQL takes what cases come to for texts.
                if database.get_database_backend() == DatabaseBackend::Postgres && sql.contains("CASE") {
                    continue;
                }
                let steps = steps(&database, &sql).await;
                assert!(!steps.iter().any(|step| scans_a_table(step)), "{steps:#?}\n{sql}");
                if sql.contains("product_owner") {
                    let is_by_key = |step: &String| {
                        step.contains("product_owner") && step.contains("id=?")
                            || step.contains("product_owner_pkey")
                    };
                    assert!(steps.iter().any(is_by_key), "{steps:#?}\n{sql}");
                    of_owners += 1;
                }
                explained += 1;
            }
        }
    }
    assert!(of_owners > 0);
    println!("counted: {explained} statements explained, {of_owners} of which look for owners");
}
