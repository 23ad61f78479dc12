//! How the database answers each list: its SQL and its plan, which may walk an index in order but never scan and sort.
//! SQLite's are kept as snapshots; PostgreSQL's depend on how much is in the tables, so there scans are forbidden and
//! what is left is looked at.

use sea_orm::sqlx::Row;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use serde_json::{Value as Json, json};
use souk_kit::testing::Caller;

use crate::market::{Market, new_shop, shop, with};

/// The columns of a row say nothing about how it is found.
fn shortened(sql: &str) -> String {
    let mut short = String::new();
    for (n, part) in sql.split("SELECT ").enumerate() {
        if n > 0 {
            short.push_str("SELECT ");
        }
        match part.split_once(" FROM ") {
            Some((columns, rest)) if columns.matches(", ").count() > 5 => {
                short.push_str("… FROM ");
                short.push_str(rest);
            }
            _ => short.push_str(part),
        }
    }
    short
}

struct Planner {
    market: Market,
    database: DatabaseConnection,
}

impl Planner {
    async fn new() -> Self {
        let market = Market::open().await;
        let ports = &market.merchants.stage.ports;
        let url = match &ports.postgres {
            Some(postgres) => format!("{}/{}merchants", postgres.url, postgres.prefix),
            None => format!("sqlite:{}?mode=ro", ports.folder.join("merchants.sqlite").display()),
        };
        let database =
            Database::connect(ConnectOptions::new(url).max_connections(1).to_owned()).await.unwrap();
        if ports.postgres.is_some() {
            for setting in ["enable_seqscan = off", "plan_cache_mode = force_generic_plan"] {
                database.execute_unprepared(&format!("SET {setting}")).await.unwrap();
            }
        }
        Self { market, database }
    }

    fn is_sqlite(&self) -> bool {
        self.database.get_database_backend() == DatabaseBackend::Sqlite
    }

    /// The statements of `query`, each with its plan.
    async fn of(&self, caller: &Caller, query: &str, variables: Json) -> String {
        let _ = self.market.merchants.statements();
        let reply = caller.send(query, variables).await;
        assert!(reply["errors"].is_null(), "{reply}");
        let mut text = String::new();
        for sql in self.market.merchants.statements() {
            text.push_str(&shortened(&sql));
            text.push('\n');
            for step in self.steps(&sql).await {
                assert!(!scans_a_table(&step), "{step}\n{sql}");
                text.extend(["  ", &step, "\n"]);
            }
        }
        text
    }

    async fn steps(&self, sql: &str) -> Vec<String> {
        if self.is_sqlite() {
            let explain =
                Statement::from_string(DatabaseBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
            let rows = self.database.query_all_raw(explain).await.unwrap();
            return rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        }
        // A plan for any values: prepared, its parameters' types found, and explained with none of them known.
        let highest = (1..=999).take_while(|n| sql.contains(&format!("${n}"))).count();
        let values = match highest {
            0 => String::new(),
            _ => format!("({})", vec!["NULL"; highest].join(", ")),
        };
        self.database.execute_unprepared(&format!("PREPARE list AS {sql}")).await.unwrap();
        let explain = format!("EXPLAIN (COSTS OFF) EXECUTE list{values}");
        let explain = sea_orm::sqlx::raw_sql(sea_orm::sqlx::AssertSqlSafe(explain));
        let pool = self.database.get_postgres_connection_pool();
        let rows: Vec<PgRow> = explain.fetch_all(pool).await.unwrap();
        self.database.execute_unprepared("DEALLOCATE list").await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// `SCAN shop` reads every row; `SCAN shop USING INDEX` walks in the wanted order and stops at the page's end.
fn scans_a_table(step: &str) -> bool {
    let table = ["company", "shop", "shop_hours", "shop_staff"]
        .iter()
        .any(|t| step.starts_with(&format!("SCAN {t}")));
    table && !step.contains("INDEX") || step.contains("Seq Scan")
}

/// Whether rows are put in order after they are found.
fn sorts(plan: &str) -> bool {
    plan.contains("TEMP B-TREE") || plan.contains("Sort")
}

const COMPANIES: &str = "query($sort: CompanySort, $after: String) { companies(sort: $sort, after: $after) { nodes { id } pageInfo { endCursor } } }";
const SHOPS: &str = "query($sort: ShopSort, $after: String, $company: ID, $where: ShopWhere) {
    shops(sort: $sort, after: $after, company: $company, where: $where) { nodes { id } pageInfo { endCursor } } }";

#[tokio::test]
async fn lists_of_companies_walk_their_index() {
    let planner = Planner::new().await;
    let (nobody, admin) = (planner.market.nobody(), planner.market.admin());
    let mut text = String::new();
    for sort in [json!({ "field": "NAME" }), json!({ "field": "CREATED_AT", "direction": "DESC" })] {
        for caller in [&nobody, &admin] {
            let first = caller.send(COMPANIES, json!({ "sort": sort })).await;
            let after = &first["data"]["companies"]["pageInfo"]["endCursor"];
            let plan = planner.of(caller, COMPANIES, json!({ "sort": sort, "after": after })).await;
            assert!(!sorts(&plan), "{plan}");
            text.push_str(&plan);
        }
    }
    if planner.is_sqlite() {
        insta::assert_snapshot!("plans_of_lists_of_companies", text);
    }
}

#[tokio::test]
async fn lists_of_shops_walk_their_index() {
    let planner = Planner::new().await;
    let (nobody, admin) = (planner.market.nobody(), planner.market.admin());
    let mut text = String::new();
    let (by_name, newest) =
        (json!({ "field": "NAME" }), json!({ "field": "CREATED_AT", "direction": "DESC" }));
    for (sort, company) in
        [(&by_name, Json::Null), (&newest, Json::Null), (&by_name, json!(planner.market.bazaar))]
    {
        for caller in [&nobody, &admin] {
            let variables = json!({ "sort": sort, "company": company });
            let first = caller.send(SHOPS, variables.clone()).await;
            let after = json!({ "after": first["data"]["shops"]["pageInfo"]["endCursor"] });
            let plan = planner.of(caller, SHOPS, with(variables, after)).await;
            assert!(!sorts(&plan), "{plan}");
            text.push_str(&plan);
        }
    }
    if planner.is_sqlite() {
        insta::assert_snapshot!("plans_of_lists_of_shops", text);
    }
}

#[tokio::test]
async fn what_is_near_open_or_within_companies_is_found_by_index() {
    let planner = Planner::new().await;
    let market = &planner.market;
    let hours =
        json!({ "openingHours": { "weekly": [{ "day": "FRIDAY", "opens": "22:00", "closes": "02:00" }] } });
    new_shop(&market.admin(), with(shop(market.bazaar, "night"), hours)).await;
    let near = "{ shopsNearby(near: { latitude: 52.5, longitude: 13.4 }, withinMetres: 900) { nodes { distanceMetres } } }";
    let nobody = market.nobody();
    let mut text = planner.of(&nobody, near, json!({})).await;
    text.push_str(&planner.of(&nobody, SHOPS, json!({ "where": { "openNow": true } })).await);
    let within = "{ companies { nodes { shops(first: 2) { nodes { id } totalCount } } } }";
    text.push_str(&planner.of(&nobody, within, json!({})).await);
    if planner.is_sqlite() {
        insta::assert_snapshot!("plans_of_other_queries_of_shops", text);
    }
}

/// The columns that a list of the market reads, without those that are constants instead.
async fn columns(market: &Market, query: &str) -> String {
    let _ = market.merchants.statements();
    let reply = market.platform().send(query, json!({})).await;
    assert!(reply["errors"].is_null(), "{reply}");
    let list = market.merchants.statements().pop().unwrap();
    let (columns, _) = list.strip_prefix("SELECT ").unwrap().split_once(" FROM ").unwrap();
    let read = columns.split(", ").filter_map(|column| column.rsplit_once('.'));
    read.map(|(_, column)| column.trim_matches('"')).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn lists_read_only_the_columns_that_the_query_asks_for() {
    let market = Market::open().await;
    let least = columns(&market, "{ companies { nodes { id } } }").await;
    insta::assert_snapshot!(least, @"id version slug name currency time_zone tax_rate_ppm prices_include_tax plan_tier plan_standing active created_at updated_at");
    for field in [
        "logo",
        "description",
        "contact { email }",
        "address { city }",
        "branding { tagline }",
        "privateMetadata { key }",
    ] {
        let query = format!(
            "{{ companies(where: {{ slug: [\"bazaar\"] }}) {{ ...F }} }} fragment F on CompanyConnection {{ edges {{ node {{ {field} }} }} }}"
        );
        let column =
            if field.starts_with("private") { "private_metadata" } else { field.split(' ').next().unwrap() };
        let read = columns(&market, &query).await;
        assert!(
            read.split(' ').any(|one| one == column) && read.len() == least.len() + column.len() + 1,
            "{field}: {read}"
        );
    }
    let least = columns(&market, "{ shops { nodes { id } } }").await;
    insta::assert_snapshot!(least, @"id version company_id slug name kind time_zone active created_at updated_at");
    let hours = columns(&market, "{ shops { nodes { openNow staff { nodes { id } } } } }").await;
    assert_eq!(hours.len(), least.len() + " opening_hours staff".len(), "{hours}");
    let within = columns(&market, "{ companies { nodes { shops { nodes { description } } } } }").await;
    assert_eq!(within.len(), least.len() + " description".len(), "{within}");
}
