//! Whoever uses the platform cannot tell what it stands on: the same steps have the same answers on embedded stores and
//! on real engines, ids and times aside.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::platform::{COMPANY, Platform, Shape};
use crate::side::Side;

const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test]
async fn every_step_has_the_same_answer_on_both_sides() {
    let mut sides = Side::all().into_iter();
    let embedded = journey(sides.next().unwrap()).await;
    let Some(engines) = sides.next() else { return };
    let engines = journey(engines).await;
    assert_eq!(embedded.len(), engines.len());
    let steps = embedded.iter().zip(&engines);
    let differing: Vec<String> = steps
        .filter_map(|((step, here), (_, there))| Some(format!("{step}\n  {}", difference(here, there, "")?)))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    println!(
        "counted: {} steps with the same answers on embedded stores and on real engines",
        embedded.len()
    );
}

/// Where two answers differ first, and how; the one of the embedded side comes first.
fn difference(here: &Value, there: &Value, path: &str) -> Option<String> {
    match (here, there) {
        _ if here == there => None,
        (Value::Array(these), Value::Array(those)) if these.len() == those.len() => {
            let pairs = these.iter().zip(those).enumerate();
            pairs.into_iter().find_map(|(n, (this, that))| difference(this, that, &format!("{path}/{n}")))
        }
        (Value::Object(these), Value::Object(those)) if these.keys().eq(those.keys()) => {
            these.iter().find_map(|(name, this)| difference(this, &those[name], &format!("{path}/{name}")))
        }
        _ => Some(format!("{path}: {here}\n    instead of {there}")),
    }
}

/// What was asked, and the answer without what may differ.
type Steps = Vec<(String, Value)>;

struct Journey {
    platform: Platform,
    admin: String,
    steps: Steps,
    /// The ids that came up, in the order of their coming up.
    ids: BTreeMap<String, String>,
    /// What was refused and should not have been, or the other way round.
    surprises: Vec<String>,
}

async fn journey(side: Side) -> Steps {
    let platform = Platform::with_demo(side, Shape::Together);
    let admin = platform.token("company-admin");
    let mut journey =
        Journey { platform, admin, steps: Vec::new(), ids: BTreeMap::new(), surprises: Vec::new() };
    journey.visitor_browses().await;
    journey.merchant_works().await;
    journey.stranger_is_refused().await;
    journey.everything_is_found().await;
    journey.visitor_searches().await;
    journey.platform.terminate_all();
    assert!(journey.surprises.is_empty(), "{side:?}: {}", journey.surprises.join("\n"));
    journey.steps
}

impl Journey {
    /// Asks what has an answer, which may be that something is wrong with the input, and keeps it; gives it as it is.
    async fn step(&mut self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let answer = self.answer(token, query, variables).await;
        if answer.get("errors").is_some() {
            self.surprises.push(format!("{query}: {answer}"));
        }
        answer
    }

    /// Asks what is refused with this code.
    async fn refused(&mut self, code: &str, token: Option<&str>, query: &str, variables: Value) {
        let answer = self.answer(token, query, variables).await;
        if answer["errors"][0]["extensions"]["code"] != code {
            self.surprises.push(format!("not {code}: {query}: {answer}"));
        }
    }

    async fn answer(&mut self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let answer = self.platform.gateway().answer(token, query, variables.clone()).await;
        let plain = self.plain(&answer);
        let variables = self.plain(&variables);
        self.steps.push((format!("{query} {variables}"), plain));
        answer
    }

    async fn visitor(&mut self, query: &str, variables: Value) -> Value {
        self.step(None, query, variables).await
    }

    async fn admin(&mut self, query: &str, variables: Value) -> Value {
        let admin = self.admin.clone();
        self.step(Some(&admin), query, variables).await
    }

    async fn visitor_browses(&mut self) {
        let shop =
            "query($slug: String!) { company(slug: $slug) { id name slug settings { currency timeZone }
            shops(first: 10) { totalCount nodes { id name kind address { city } } } } }";
        let found = self.visitor(shop, json!({ "slug": COMPANY })).await;
        let company = &found["data"]["company"];
        let (id, shop) = (company["id"].clone(), company["shops"]["nodes"][0]["id"].clone());
        let list = "query($company: ID!, $shop: ID, $first: Int, $after: String, $last: Int, $before: String, $where: ProductWhere, $sort: ProductSort) {
            products(company: $company, shop: $shop, first: $first, after: $after, last: $last, before: $before, where: $where, sort: $sort) {
              totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
              nodes { id name slug brand status tags version isPublished image { url } variants { sku } price { amount { amount currency } } categories { name slug } company { name } } } }";
        let by_name = json!({ "field": "NAME", "direction": "ASC" });
        let mut after = Value::Null;
        let mut before = Value::Null;
        for _ in 0..3 {
            let asked = json!({ "company": id, "first": 24, "after": after, "sort": by_name });
            let page = &self.visitor(list, asked).await["data"]["products"]["pageInfo"];
            after = page["endCursor"].clone();
            before = page["startCursor"].clone();
        }
        let back = json!({ "company": id, "last": 10, "before": before, "sort": by_name });
        self.visitor(list, back).await;
        for (field, direction) in [("NAME", "DESC"), ("PRICE", "ASC"), ("PRICE", "DESC")] {
            // Only what decides the order is asked for where several stand at one place.
            let short = "query($company: ID!, $sort: ProductSort) { products(company: $company, first: 50, sort: $sort) {
                totalCount nodes { price { amount { amount currency } } } } }";
            let sort = json!({ "field": field, "direction": direction });
            self.visitor(short, json!({ "company": id, "sort": sort })).await;
        }
        for filter in [
            json!({ "nameStartsWith": "S" }),
            json!({ "status": ["ACTIVE"], "price": { "from": "2.00", "below": "5.00" } }),
            json!({ "NOT": { "nameStartsWith": "S" } }),
            json!({ "OR": [{ "nameStartsWith": "A" }, { "nameStartsWith": "B" }] }),
            json!({ "brand": ["Nobody's"] }),
            json!({ "ids": [] }),
        ] {
            for shop in [&Value::Null, &shop] {
                let asked =
                    json!({ "company": id, "shop": shop, "first": 30, "where": filter, "sort": by_name });
                self.visitor(list, asked).await;
            }
        }
        let tree =
            "query($company: ID!) { categories(company: $company, first: 50) { totalCount nodes { name slug
            children(first: 20) { nodes { name } } products(first: 3) { totalCount } } } }";
        self.visitor(tree, json!({ "company": id })).await;
        for (first, after) in
            [(json!(-1), Value::Null), (json!(1_000), Value::Null), (json!(5), json!("nonsense"))]
        {
            let asked = json!({ "company": id, "first": first, "after": after });
            self.refused("BAD_USER_INPUT", None, list, asked).await;
        }
        self.visitor("query { product(id: \"nonsense\") { name } }", json!({})).await;
    }

    async fn merchant_works(&mut self) {
        let company = json!(self.platform.company().await);
        let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) {
            product { id name slug version status variants { id sku barcode prices { nodes { amount { amount currency } } } } createdAt }
            userErrors { code path message } } }";
        let input = json!({ "company": company, "name": "Zanzibar Lantern", "status": "ACTIVE", "idempotencyKey": "lantern",
            "brand": "Zed", "tags": ["light", "night"], "externalReference": "zed-1",
            "variants": [{ "sku": "ZED-1", "barcode": "4006381333931", "prices": [{ "amount": "12.50", "currency": "GBP" }] }] });
        let made = self.admin(create, json!({ "input": input })).await;
        self.admin(create, json!({ "input": input })).await;
        let id = made["data"]["productCreate"]["product"]["id"].clone();
        let mut wrong = input.clone();
        wrong["idempotencyKey"] = json!("another");
        self.admin(create, json!({ "input": wrong })).await;
        wrong["variants"][0]["prices"][0]["amount"] = json!("-1.005");
        let admin = self.admin.clone();
        self.refused("IDEMPOTENCY_KEY_REUSED", Some(&admin), create, json!({ "input": wrong })).await;
        wrong["idempotencyKey"] = json!("a third");
        self.admin(create, json!({ "input": wrong })).await;
        let update = "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) {
            product { name version slug formerSlugs tags } userErrors { code path message } } }";
        for change in [
            json!({ "id": id, "name": "Mombasa Lantern", "slug": "mombasa", "expectedVersion": 1 }),
            json!({ "id": id, "name": "Too late", "expectedVersion": 1 }),
            json!({ "id": id, "tags": ["night", "dusk"] }),
            json!({ "id": id, "slug": "NOT A SLUG" }),
        ] {
            self.admin(update, json!({ "input": change })).await;
        }
        let by = "query($company: ID!, $slug: String, $reference: String) { product(company: $company, slug: $slug, externalReference: $reference) { id name slug } }";
        for (slug, reference) in [
            (json!("zanzibar-lantern"), Value::Null),
            (json!("mombasa"), Value::Null),
            (Value::Null, json!("zed-1")),
        ] {
            self.visitor(by, json!({ "company": company, "slug": slug, "reference": reference })).await;
        }
        let many = "mutation($input: ProductBulkCreateInput!) { productBulkCreate(input: $input) { writtenCount
            rows { index written product { id name version } userErrors { code path message } } userErrors { code message } } }";
        let rows = json!([
            { "name": "Draft Night", "status": "DRAFT", "externalReference": "bulk-1" },
            { "name": "", "externalReference": "bulk-2" },
            { "name": "Open Night", "status": "ACTIVE", "externalReference": "bulk-1" },
            { "name": "Plain Night", "status": "ACTIVE", "externalReference": "bulk-4", "brand": "Zed",
              "variants": [{ "sku": "PLAIN-4", "prices": [{ "amount": "3.10", "currency": "GBP" }] }] },
        ]);
        for policy in ["REJECT_ALL", "REJECT_FAILED_ROWS", "IGNORE_FAILED_FIELDS"] {
            let input =
                json!({ "company": company, "policy": policy, "rows": rows, "idempotencyKey": policy });
            self.admin(many, json!({ "input": input })).await;
        }
        let listed = "query($company: ID!) { products(company: $company, first: 20, where: { nameStartsWith: \"D\", status: [DRAFT] }) { totalCount nodes { name status } } }";
        self.admin(listed, json!({ "company": company })).await;
        self.visitor(listed, json!({ "company": company })).await;
        let shop = "mutation($input: ShopCreateInput!) { shopCreate(input: $input) { shop { id name slug kind version } userErrors { code path message } } }";
        for input in [
            json!({ "company": company, "name": "Pop-up", "slug": "pop-up", "kind": "ONLINE" }),
            json!({ "company": company, "name": "Pop-up again", "slug": "pop-up", "kind": "ONLINE" }),
            json!({ "company": company, "name": "", "slug": "other", "kind": "ONLINE" }),
        ] {
            self.admin(shop, json!({ "input": input })).await;
        }
        let delete = "mutation($input: ProductDeleteInput!) { productDelete(input: $input) { deletedId userErrors { code message } } }";
        for key in ["once", "once", "twice"] {
            let input = json!({ "externalReference": "bulk-1", "company": company, "idempotencyKey": key });
            self.admin(delete, json!({ "input": input })).await;
        }
    }

    async fn stranger_is_refused(&mut self) {
        let operator = self.platform.succeeds(&["token", "--role", "super-admin"]);
        let create = "mutation { companyCreate(input: { name: \"Rival\", slug: \"rival\", settings: { currency: \"EUR\" } }) { company { id name slug version } userErrors { code path } } }";
        self.step(Some(&operator), create, json!({})).await;
        self.step(Some(&operator), create, json!({})).await;
        let rival = self.platform.token_at("company-admin", "rival");
        let company = json!(self.platform.company().await);
        let steal = "mutation($company: ID!) { productCreate(input: { company: $company, name: \"Mine\" }) { product { id } userErrors { code message } } }";
        let look = "query($company: ID!) { products(company: $company, first: 5, where: { status: [DRAFT] }) { totalCount }
            company(id: $company) { analytics(from: \"2026-01-01T00:00:00Z\", until: \"2026-01-02T00:00:00Z\") { totals { views } } }
            search(company: $company, text: \"night\") { totalCount nodes { name } } }";
        self.step(Some(&rival), steal, json!({ "company": company })).await;
        self.refused("UNAUTHENTICATED", None, steal, json!({ "company": company })).await;
        self.everything_is_found().await;
        self.refused("FORBIDDEN", Some(&rival), look, json!({ "company": company })).await;
        self.refused("UNAUTHENTICATED", None, look, json!({ "company": company })).await;
        self.admin(look, json!({ "company": company })).await;
    }

    /// Waits until visitors find all that the catalogue lists, in all categories that it stands in or below: what
    /// products share, such as a category above theirs, spreads over them behind their own changes.
    async fn everything_is_found(&mut self) {
        let query = "query($company: ID!) { products(company: $company) { totalCount }
            categories(company: $company, first: 100) { nodes { id products { totalCount }
              children(first: 100) { nodes { id products { totalCount } } } } }
            search(company: $company, facets: [{ field: CATEGORY }]) { totalCount facets { values { value count } } } }";
        let company = self.platform.company().await;
        let start = Instant::now();
        loop {
            let found = self.platform.gateway().ask(None, query, json!({ "company": company })).await;
            let top = found["categories"]["nodes"].as_array().unwrap().iter();
            let all = top.flat_map(|one| one["children"]["nodes"].as_array().unwrap().iter().chain([one]));
            let listed: BTreeMap<_, _> = all
                .map(|one| (one["id"].to_string(), one["products"]["totalCount"].as_u64().unwrap()))
                .filter(|(_, count)| *count > 0)
                .collect();
            let facet = found["search"]["facets"][0]["values"].as_array().unwrap().iter();
            let in_search: BTreeMap<_, _> =
                facet.map(|one| (one["value"].to_string(), one["count"].as_u64().unwrap())).collect();
            if found["products"]["totalCount"] == found["search"]["totalCount"] && listed == in_search {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{listed:?} in the catalogue, in search {in_search:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn visitor_searches(&mut self) {
        let company = json!(self.platform.company().await);
        for text in [
            "",
            "heart",
            "hearts",
            "heart t-light",
            "lunch bag",
            "lunhc bag",
            "metal sign",
            "vintage",
            "vintge",
            "christmas",
            "crismas",
            "mombasa",
            "mombassa",
            "zed",
            "ZED-1",
            "4006381333931",
            "night",
            "\"lunch bag\"",
            "red retrospot",
            "retrosp",
            "cake stand",
            "t light holder",
            "alarm clock bakelike",
            "no such thing at all",
        ] {
            let hits = self.hits(&company, text, json!({})).await;
            self.steps.push((format!("hits of `{text}`"), hits));
        }
        for filter in [
            json!({ "brand": ["Zed"] }),
            json!({ "price": { "from": "1.00", "below": "3.00" } }),
            json!({ "tags": ["night"] }),
            json!({ "OR": [{ "brand": ["Zed"] }, { "price": { "below": "0.50" } }] }),
            json!({ "availability": ["IN_STOCK"] }),
        ] {
            let hits = self.hits(&company, "", filter.clone()).await;
            self.steps.push((format!("hits of {filter}"), hits));
        }
        // In the order of a field, with what decides it.
        let sorted = "query($company: ID!, $sort: ProductSearchSort) { search(company: $company, first: 100, sort: $sort) {
            totalCount nodes { name price { amount { amount } } } } }";
        for (field, direction) in [("NAME", "ASC"), ("NAME", "DESC"), ("PRICE", "ASC"), ("PRICE", "DESC")] {
            let sort = json!({ "field": field, "direction": direction });
            let mut answer = self
                .platform
                .gateway()
                .answer(None, sorted, json!({ "company": company, "sort": sort }))
                .await;
            if field == "PRICE" {
                let nodes = answer["data"]["search"]["nodes"].as_array_mut().unwrap();
                nodes.iter_mut().for_each(|node| node["name"] = Value::Null);
            }
            self.steps.push((format!("by {field} {direction}"), answer));
        }
        for (field, direction) in [("NEWEST", "ASC"), ("RATING", "ASC")] {
            let sort = json!({ "field": field, "direction": direction });
            self.refused("BAD_USER_INPUT", None, sorted, json!({ "company": company, "sort": sort })).await;
        }
        for text in ["lun", "vintage al", "mom", "xyzzy"] {
            let query = "query($company: ID!, $text: String!) { suggest(company: $company, text: $text, first: 20) { kind text } }";
            let answer =
                self.platform.gateway().ask(None, query, json!({ "company": company, "text": text })).await;
            let mut suggestions: Vec<String> =
                answer["suggest"].as_array().unwrap().iter().map(Value::to_string).collect();
            suggestions.sort();
            self.steps.push((format!("suggestions for `{text}`"), json!(suggestions)));
        }
        let wrong = "query($text: String) { search(text: $text, first: 1000) { totalCount } }";
        self.refused("BAD_USER_INPUT", None, wrong, json!({ "text": "x" })).await;
        self.refused("BAD_USER_INPUT", None, wrong, json!({ "text": "x".repeat(201) })).await;
    }

    /// All that is found, sorted by name, with totals and facets.
    async fn hits(&mut self, company: &Value, text: &str, filter: Value) -> Value {
        let query = "query($company: ID!, $text: String, $where: ProductSearchWhere, $after: String) {
            search(company: $company, text: $text, where: $where, first: 100, after: $after, facets: [
                { field: BRAND }, { field: TAG }, { field: AVAILABILITY }, { field: CATEGORY },
                { field: PRICE, ranges: [{ below: \"1.00\" }, { from: \"1.00\", below: \"5.00\" }, { from: \"5.00\" }] }]) {
              totalCount isTotalCountExact didYouMean pageInfo { hasNextPage endCursor }
              facets { field values { value count category { name } } lowest { amount } highest { amount } }
              nodes { name } } }";
        let (mut names, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "company": company, "text": text, "where": filter, "after": after });
            let mut answer = self.platform.gateway().ask(None, query, variables).await["search"].take();
            let nodes = answer["nodes"].as_array().unwrap().iter();
            names.extend(nodes.map(|node| node["name"].as_str().unwrap().to_owned()));
            if answer["pageInfo"]["hasNextPage"] == true {
                after = answer["pageInfo"]["endCursor"].take();
                continue;
            }
            names.sort();
            for facet in answer["facets"].as_array_mut().unwrap() {
                let values = facet["values"].as_array_mut().unwrap();
                for value in values.iter_mut().filter(|value| !value["category"].is_null()) {
                    value["value"] = Value::Null;
                }
                // Categories that are as frequent stand by their ids.
                values.sort_by_key(Value::to_string);
            }
            return json!({ "names": names, "total": answer["totalCount"], "exact": answer["isTotalCountExact"],
                "didYouMean": answer["didYouMean"], "facets": answer["facets"] });
        }
    }

    /// Without what may differ: ids are numbered as they come up, and times and cursors are gone.
    fn plain(&mut self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.plain(item)).collect(),
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| match name.as_str() {
                    "createdAt" | "updatedAt" | "endCursor" | "startCursor" | "after" | "before"
                    | "requestId" => (name.clone(), json!(!value.is_null())),
                    _ => (name.clone(), self.plain(value)),
                };
                Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
            }
            Value::String(text) => Value::String(self.without_ids(text)),
            other => other.clone(),
        }
    }

    fn without_ids(&mut self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let mut plain = String::new();
        for part in text.split_inclusive(|c| !is_part(c)) {
            let word = part.trim_end_matches(|c| !is_part(c));
            match word.rsplit_once('_') {
                Some((kind, end)) if end.len() == 26 => {
                    let count = self.ids.len();
                    let name = self.ids.entry(word.to_owned()).or_insert_with(|| format!("{kind} #{count}"));
                    plain.push_str(name);
                    plain.push_str(part.get(word.len()..).unwrap());
                }
                _ => plain.push_str(part),
            }
        }
        plain
    }
}
