//! How SQLite and MongoDB answer each list: the plan may walk an index in order, but never reads a whole table.

use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use serde_json::{Value as Json, json};
use souk_engines::mongodb::MongoDbDocuments;
use souk_kit::principal::Principal;
use souk_kit::testing::{Caller, Stage, principals};

use crate::shop_floor::{Floor, payload};
use crate::side::{Asked, Place};

struct Planner {
    floor: Floor,
    side: Side,
}

/// What explains.
enum Side {
    Sqlite(DatabaseConnection),
    /// What was asked of the engine since; and the database, if the server can explain.
    MongoDb(Arc<Mutex<Vec<Asked>>>, Option<MongoDbDocuments>),
}

/// A statement and the steps of its plan.
struct Plan {
    sql: String,
    steps: Vec<String>,
}

impl Plan {
    /// `SCAN d` reads every row; `SCAN d USING INDEX` walks in the wanted order and stops at the page's end.
    fn reads_a_whole_table(&self) -> bool {
        self.steps.iter().any(|step| {
            step == "COLLSCAN"
                || step.starts_with("SCAN ")
                    && !["INDEX", "CONSTANT", "SUBQUERY", "one"].iter().any(|part| step.contains(part))
        })
    }

    fn sorts(&self) -> bool {
        self.steps.iter().any(|step| step == "SORT" || step.contains("TEMP B-TREE FOR ORDER BY"))
    }
}

impl Planner {
    async fn on_sqlite() -> Self {
        let floor = Floor::on(Stage::new().await.unwrap()).await;
        let file = floor.catalog.stage.ports.folder.join("catalog.sqlite");
        let database = Database::connect(format!("sqlite:{}?mode=ro", file.display())).await.unwrap();
        Self { floor, side: Side::Sqlite(database) }
    }

    async fn on_mongodb() -> Option<Self> {
        let mut stage = Stage::new().await.unwrap();
        let place = Place::find(&stage).await?;
        let test = "the plans of the catalogue's lists";
        let explains = souk_stand::mongodb_is_real(place.url(), test).await.then(|| place.documents());
        let side = Side::MongoDb(place.asked(), explains);
        let place = Arc::new(place);
        stage.ports.documents = Some(place.clone());
        let floor = Floor::on(stage).await;
        for collection in ["products", "category_trees", "attribute_sets", "collections", "price_lists"] {
            let there = place.indexes(collection).await;
            let declared = ["_id_", "company_values", "keys", "order", "outcomes", "pending", "values"];
            assert_eq!(there, declared, "{collection}");
        }
        Some(Self { floor, side })
    }

    /// The plans of all statements of a query; without steps where the server cannot explain.
    async fn of(&self, caller: &Caller, query: &str, variables: Json) -> Vec<Plan> {
        drop(self.floor.catalog.statements());
        if let Side::MongoDb(asked, _) = &self.side {
            asked.lock().unwrap().clear();
        }
        let reply = caller.send(query, variables).await;
        assert!(reply["errors"].is_null(), "{reply}");
        match &self.side {
            Side::Sqlite(database) => self.of_statements(database).await,
            Side::MongoDb(asked, documents) => {
                let asked = std::mem::take(&mut *asked.lock().unwrap());
                of_asked(asked, documents.as_ref()).await
            }
        }
    }

    async fn of_statements(&self, database: &DatabaseConnection) -> Vec<Plan> {
        let mut plans = Vec::new();
        for sql in self.floor.catalog.statements() {
            let explain =
                Statement::from_string(DatabaseBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
            let rows = database.query_all_raw(explain).await.unwrap();
            let steps = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
            plans.push(Plan { sql, steps });
        }
        plans
    }
}

async fn of_asked(asked: Vec<Asked>, documents: Option<&MongoDbDocuments>) -> Vec<Plan> {
    let mut plans = Vec::new();
    for one in asked {
        let Some(documents) = documents else {
            plans.push(Plan { sql: format!("{one:?}"), steps: Vec::new() });
            continue;
        };
        let explained = match &one {
            Asked::Page(collection, query) => documents.explain(collection, query).await.unwrap(),
            Asked::Count(collection, filter) => {
                vec![documents.explain_count(collection, filter).await.unwrap()]
            }
        };
        for plan in explained {
            assert!(!plan.steps.is_empty(), "{plan:?}");
            plans.push(Plan { sql: plan.asked.to_string(), steps: plan.steps });
        }
    }
    plans
}

fn trader() -> Principal {
    let Principal::User(mut user) = principals::customer() else { panic!("customers are users") };
    user.customer_groups = vec!["trade".into(), "vip".into()];
    Principal::User(user)
}

const PRODUCTS: &str = "query($company: ID, $shop: ID, $currency: CurrencyCode, $where: ProductWhere,
    $sort: ProductSort, $after: String) { products(company: $company, shop: $shop, currency: $currency,
    where: $where, sort: $sort, after: $after, first: 2) { nodes { id } pageInfo { endCursor } } }";

#[tokio::test]
async fn no_list_reads_a_whole_table_of_sqlite_and_lists_over_companies_walk_an_index_in_order() {
    explain_every_list(Planner::on_sqlite().await).await;
}

#[tokio::test]
async fn no_list_reads_a_whole_collection_of_mongodb_and_lists_over_companies_walk_an_index_in_order() {
    if let Some(planner) = Planner::on_mongodb().await {
        explain_every_list(planner).await;
    }
}

async fn explain_every_list(planner: Planner) {
    let floor = &planner.floor;
    let create =
        "mutation($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } } }";
    let input = json!({ "company": floor.company, "name": "Kitchen" });
    let reply = floor.admin().send(create, json!({ "input": input })).await;
    let category = payload(&reply)["category"]["id"].clone();
    for n in 0..5 {
        let variants = json!([{ "prices": [{ "amount": "5.00", "currency": "GBP" }] }]);
        let fields = json!({ "categories": [category], "tags": ["tea"], "variants": variants });
        floor.product(&format!("P{n}"), fields).await;
    }
    let callers = [floor.nobody(), floor.admin(), floor.manager(), floor.caller(trader())];
    let sorts = ["NAME", "CREATED_AT", "UPDATED_AT", "PRICE"];
    let sorts: Vec<_> = sorts.iter().map(|field| json!({ "field": field })).chain([json!(null)]).collect();
    let filters = [
        json!(null),
        json!({ "tagsAny": ["tea"] }),
        json!({ "categories": [category] }),
        json!({ "price": { "from": "1", "below": "9" } }),
        json!({ "NOT": { "nameStartsWith": "x" }, "status": ["ACTIVE"] }),
        json!({ "createdAt": { "from": "2020-01-01T00:00:00Z" } }),
    ];
    let mut seen = 0;
    for caller in &callers {
        for sort in &sorts {
            for filter in &filters {
                for context in [
                    json!({ "currency": "GBP" }),
                    json!({ "company": floor.company }),
                    json!({ "shop": floor.shops[0] }),
                ] {
                    let over_companies = context.get("currency").is_some();
                    let mut variables = json!({ "sort": sort, "where": filter });
                    crate::shop_floor::merge(&mut variables, context);
                    let reply = caller.send(PRODUCTS, variables.clone()).await;
                    let after = &reply["data"]["products"]["pageInfo"]["endCursor"];
                    for after in [&Json::Null, after] {
                        variables["after"] = after.clone();
                        for plan in planner.of(caller, PRODUCTS, variables.clone()).await {
                            seen += 1;
                            let Plan { sql, steps } = &plan;
                            assert!(!plan.reads_a_whole_table(), "{variables}\n{sql}\n{steps:#?}");
                            let may_sort = !over_companies || !filter.is_null();
                            assert!(may_sort || !plan.sorts(), "{variables}\n{sql}\n{steps:#?}");
                        }
                    }
                }
            }
        }
    }
    assert!(seen >= 700, "only {seen} statements were explained");
    let others = [
        "query($company: ID!) { collections(company: $company) { nodes { name products { nodes { name } } } } }",
        "query($company: ID!) { priceLists(company: $company) { nodes { name } } }",
        "query($company: ID!) { categories(company: $company) { nodes { name products { nodes { name } } } } }",
        "query($company: ID!) { attributes(company: $company) { nodes { code } } }",
        "query($company: ID!) { products(company: $company) { totalCount nodes { collections { nodes { name } } } } }",
        "{ collections { totalCount nodes { id } } }",
        "{ collections(sort: { field: UPDATED_AT, direction: DESC }) { nodes { id } } }",
        "{ collections(sort: { field: CREATED_AT }, where: { nameStartsWith: \"c\" }) { nodes { id } } }",
        "query($company: ID!) { collections(company: $company, where: { slug: [\"x\"], externalReference: [\"x\"],
            updatedAt: { from: \"2020-01-01T00:00:00Z\" } }) { nodes { id } } }",
        "{ priceLists { totalCount nodes { id prices { totalCount nodes { minQuantity } } } } }",
        "{ categories { totalCount nodes { id children { nodes { id } } } } }",
        "{ attributes { totalCount nodes { id } } }",
        "{ productVariants { totalCount nodes { id } } }",
        "{ productVariants(where: { barcode: [\"x\"] }) { nodes { id } } }",
        "query($company: ID!) { productVariants(company: $company, where: { OR: [{ sku: [\"x\"] },
            { externalReference: [\"x\"] }, { ids: [\"var_01h2xcejqtf2nbrexx3vqjhp41\"] }] }) { nodes { id } } }",
        "query($company: ID!) { products(company: $company, where: { slug: [\"x\"], sku: [\"x\"],
            externalReference: [\"x\"] }) { nodes { id } } }",
    ];
    let mut explained = 0;
    for query in others {
        for caller in [floor.admin(), floor.nobody()] {
            if query.contains("priceLists")
                && caller.send(query, json!({})).await["data"]["priceLists"].is_null()
            {
                continue;
            }
            for plan in planner.of(&caller, query, json!({ "company": floor.company })).await {
                explained += 1;
                let Plan { sql, steps } = &plan;
                // How many there are of all companies is counted by looking at all.
                let counts_all = sql.starts_with("SELECT COUNT") && !query.contains("$company");
                assert!(counts_all || !plan.reads_a_whole_table(), "{query}\n{sql}\n{steps:#?}");
            }
        }
    }
    assert!(explained >= 45, "only {explained} statements were explained");
    match &planner.side {
        Side::MongoDb(_, None) => println!("counted: {} plans not explained", seen + explained),
        _ => println!("counted: {} plans explained", seen + explained),
    }
}
