//! Three companies on one started process: one that is closed with everything in it, one that is open and has drafts
//! and a closed shop, and the caller's own.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::platform::{Platform, Shape};
use crate::side::Side;
use crate::souk::{BROWSER, http};

/// What the variables of an operation stand for, by their names.
pub(super) type World = BTreeMap<String, String>;

/// A picture of one pixel.
const PICTURE: &str = "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da6364f8cf500f00038601805a347d6b0000000049454e44ae426082";
/// Where nothing is: the end of an id, after the prefix of its kind.
const NO_ID: &str = "01h2xcejqtf2nbrexx3vqjhp41";

pub(super) struct Stage {
    platform: Platform,
    client: reqwest::Client,
    /// Who must not be told.
    pub(super) callers: Vec<(&'static str, Option<String>)>,
    /// Who sees everything.
    pub(super) operator: String,
    /// Of a company that was deactivated.
    pub(super) closed: World,
    /// Drafts and a deactivated shop of an active company, and what of it is public.
    pub(super) open: World,
    /// What is the same in every world: the caller's own, and what is public.
    known: World,
}

impl Stage {
    pub(super) async fn set(side: Side) -> Self {
        let mut platform = Platform::empty(side.settings());
        platform.start_all(Shape::Together);
        let operator = platform.succeeds(&["token", "--role", "super-admin"]);
        let world = World::new;
        let mut stage = Self {
            platform,
            client: http(),
            callers: Vec::new(),
            operator,
            closed: world(),
            open: world(),
            known: world(),
        };
        stage.closed = stage.company("Hidden", "IS", "Atlantic/Reykjavik").await;
        stage.open = stage.company("Veiled", "GL", "America/Nuuk").await;
        let own = stage.company("Rival", "FO", "Atlantic/Faroe").await;
        stage.known = own.into_iter().map(|(name, value)| (known("own", &name), value)).collect();
        stage.open_up().await;
        let closed = stage.closed.clone();
        let off = "mutation($id: ID!) { companyDeactivate(input: { id: $id, expectedVersion: 1 }) { userErrors { code } } }";
        stage.make(off, &json!({ "id": closed["company"] }), "").await;
        stage.until_hidden().await;
        let rival = stage.platform.token_at("company-admin", "rival");
        let customer = stage.platform.succeeds(&["token", "--role", "customer"]);
        stage.callers = vec![("a rival", Some(rival)), ("a customer", Some(customer)), ("nobody", None)];
        stage
    }

    /// The whole answer to a line of the operations.
    pub(super) async fn answer(&self, token: Option<&str>, line: &str, world: &World) -> Value {
        let known = self.known.iter().chain(world).filter(|(name, _)| line.contains(&format!("${name}:")));
        let variables: serde_json::Map<String, Value> =
            known.map(|(name, value)| (name.clone(), json!(value))).collect();
        self.send(token, line, &Value::Object(variables)).await
    }

    /// Sends an operation, with a picture for its variable `file` if it has one.
    async fn send(&self, token: Option<&str>, query: &str, variables: &Value) -> Value {
        let mut request =
            self.client.post(self.platform.gateway().url("/graphql")).header("x-souk-client", "tests");
        request = request.header("user-agent", BROWSER);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let mut body = json!({ "query": query, "variables": variables });
        let request = if query.contains("$file:") {
            body["variables"]["file"] = Value::Null;
            let picture = reqwest::multipart::Part::bytes(hex::decode(PICTURE).unwrap()).file_name("a.png");
            let form = reqwest::multipart::Form::new()
                .text("operations", body.to_string())
                .text("map", r#"{"0":["variables.file"]}"#)
                .part("0", picture);
            request.multipart(form)
        } else {
            request.json(&body)
        };
        request.send().await.unwrap().json().await.unwrap()
    }

    /// What the operator makes; answers the id at `pointer`, which an empty one does not look for.
    async fn make(&self, mutation: &str, variables: &Value, pointer: &str) -> String {
        let answer = self.send(Some(&self.operator), mutation, variables).await;
        let payload = answer["data"].as_object().and_then(|data| data.values().next());
        let payload = payload.unwrap_or_else(|| panic!("{mutation}: {answer}"));
        assert_eq!(payload["userErrors"], json!([]), "{mutation}: {answer}");
        payload.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    async fn make_of(&self, kind: &str, what: &str, input: Value) -> String {
        let mutation = format!(
            "mutation($input: {}CreateInput!) {{ {kind}Create(input: $input) {{ {what} {{ id }} userErrors {{ code path message }} }} }}",
            capital(kind)
        );
        self.make(&mutation, &json!({ "input": input }), &format!("/{what}/id")).await
    }

    /// A company with one of everything, all found by the same name.
    async fn company(&self, name: &str, country: &str, zone: &str) -> World {
        let lower = name.to_lowercase();
        let (slug, reference, code) = (lower.clone(), format!("{lower}-reference"), format!("{lower}-code"));
        let user = format!("user_{}", ulid_like(&lower));
        let address = json!({ "line1": "1 Street", "city": "Town", "country": country,
            "coordinates": { "latitude": 64.14, "longitude": -21.94 } });
        let company = self
            .make_of(
                "company",
                "company",
                json!({ "name": name, "slug": slug, "externalReference": reference,
                "owner": user, "address": address, "settings": { "currency": "EUR", "timeZone": zone } }),
            )
            .await;
        let shop = self
            .make_of(
                "shop",
                "shop",
                json!({ "company": company, "name": name, "slug": slug, "kind": "PHYSICAL",
                "externalReference": reference, "manager": user, "staff": [user], "timeZone": zone,
                "address": address }),
            )
            .await;
        let named = |more: Value| {
            let mut input = json!({ "company": company, "name": name });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        let labelled = || json!({ "slug": slug, "externalReference": reference });
        let category = self.make_of("category", "category", named(labelled())).await;
        let child = json!({ "company": company, "name": "Child", "parent": category });
        self.make_of("category", "category", child).await;
        let collection = self.make_of("collection", "collection", named(labelled())).await;
        let attribute =
            self.make_of("attribute", "attribute", named(json!({ "code": code, "kind": "TEXT" }))).await;
        self.make_of("attribute", "attribute", named(json!({ "code": "shade", "kind": "TEXT" }))).await;
        let price_list = self
            .make_of("priceList", "priceList", named(json!({ "externalReference": reference, "shop": shop })))
            .await;
        let barcode = format!("{lower}-barcode");
        let status = if name == "Veiled" { "DRAFT" } else { "ACTIVE" };
        let product = named(json!({ "slug": slug, "externalReference": reference, "status": status,
            "brand": format!("{name} Brand"), "tags": [lower], "categories": [category],
            "attributes": [{ "code": code, "values": ["x"] }, { "code": "shade", "values": [lower] }],
            "variants": [{ "sku": name, "externalReference": reference, "barcode": barcode,
                "prices": [{ "amount": "9.00", "currency": "EUR" }] }] }));
        let product = self.make_of("product", "product", product).await;
        let found = self.found(&product).await;
        let variant = found["variants"][0]["id"].as_str().unwrap().to_owned();
        let upload = "mutation($product: ID!, $file: Upload!) { productMediaUpload(input: { product: $product, file: $file }) { media { id } userErrors { code message } } }";
        let media = self.make(upload, &json!({ "product": product }), "/media/id").await;
        let (brand, tag, value) = (format!("{name} Brand"), lower.clone(), lower);
        [
            ("company", company),
            ("shop", shop),
            ("product", product),
            ("variant", variant),
            ("media", media),
            ("category", category),
            ("collection", collection),
            ("attribute", attribute),
            ("priceList", price_list),
            ("user", user),
            ("slug", slug),
            ("reference", reference),
            ("sku", name.to_owned()),
            ("barcode", barcode),
            ("name", name.to_owned()),
            ("brand", brand),
            ("tag", tag),
            ("code", code),
            ("value", value),
            ("country", country.to_owned()),
            ("zone", zone.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    async fn found(&self, product: &str) -> Value {
        let query = "query($id: ID!) { product(id: $id) { variants { id } } }";
        let mut found = self.send(Some(&self.operator), query, &json!({ "id": product })).await;
        found["data"]["product"].take()
    }

    /// Gives the open company what is public, with the draft in it, and closes its other shop.
    async fn open_up(&mut self) {
        let (company, draft) = (self.open["company"].clone(), self.open["product"].clone());
        let (shop, variant) = (self.open["shop"].clone(), self.open["variant"].clone());
        let named = json!({ "company": company, "name": "Public" });
        let shop_input = json!({ "company": company, "name": "Public", "slug": "public", "kind": "ONLINE",
            "timeZone": "Europe/Berlin" });
        let open_shop = self.make_of("shop", "shop", shop_input).await;
        let category = self.make_of("category", "category", named.clone()).await;
        let collection = self.make_of("collection", "collection", named).await;
        let product = json!({ "company": company, "name": "Public", "status": "ACTIVE", "categories": [category],
            "variants": [{ "prices": [{ "amount": "9.00", "currency": "EUR" }] }] });
        let product = self.make_of("product", "product", product).await;
        let open_variant = self.found(&product).await["variants"][0]["id"].as_str().unwrap().to_owned();
        let update = "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) { userErrors { code message } } }";
        let both = [category.clone(), self.open["category"].clone()];
        self.make(update, &json!({ "input": { "id": draft, "categories": both } }), "").await;
        let add = "mutation($input: CollectionProductsInput!) { collectionProductsAdd(input: $input) { userErrors { code message } } }";
        for collection in [&collection, &self.open["collection"]] {
            let products = json!({ "input": { "id": collection, "products": [draft, product] } });
            self.make(add, &products, "").await;
        }
        let set = "mutation($input: PriceListPricesSetInput!) { priceListPricesSet(input: $input) { userErrors { code message } } }";
        let price =
            |variant: &str| json!({ "variant": variant, "price": { "amount": "5.00", "currency": "EUR" } });
        let prices = [price(&variant), price(&open_variant)];
        self.make(set, &json!({ "input": { "id": self.open["priceList"], "prices": prices } }), "").await;
        let off = "mutation($id: ID!) { shopDeactivate(input: { id: $id, expectedVersion: 1 }) { userErrors { code } } }";
        self.make(off, &json!({ "id": shop }), "").await;
        let public = [
            ("company", company),
            ("shop", open_shop),
            ("category", category),
            ("collection", collection),
            ("product", product),
            ("variant", open_variant),
        ];
        self.known.extend(public.map(|(name, value)| (known("open", name), value)));
    }

    /// Waits until the catalogue and analytics have heard that the company is closed.
    async fn until_hidden(&self) {
        let query = "query($company: ID!) { products(company: $company) { totalCount } }";
        let track = "mutation($company: ID!) { track(input: { company: $company, events: [] }) { userErrors { code } } }";
        let variables = json!({ "company": self.closed["company"] });
        for _ in 0..200 {
            let products = self.send(None, query, &variables).await;
            let tracked = self.send(None, track, &variables).await;
            if products["data"]["products"]["totalCount"] == 0
                && tracked["data"]["track"]["userErrors"] == json!([{ "code": "NOT_FOUND" }])
            {
                return self.until_unfound().await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the subgraphs did not hear that a company was deactivated");
    }

    /// Waits until search has everything, and has heard that the company and a shop are closed.
    async fn until_unfound(&self) {
        let query = "query($ids: [ID!], $company: ID, $shop: ID) {
            closed: search(where: { ids: $ids }, company: $company) { totalCount }
            drafts: search(shop: $shop) { totalCount } }";
        let ids = [&self.closed["product"]];
        let variables = json!({ "ids": ids, "company": self.closed["company"], "shop": self.open["shop"] });
        let everywhere = json!({ "ids": ids, "company": null, "shop": self.open["shop"] });
        let found = async |token: Option<&str>, variables: &Value| {
            let data = self.send(token, query, variables).await["data"].take();
            (data["closed"]["totalCount"].clone(), data["drafts"]["totalCount"].clone())
        };
        for _ in 0..400 {
            let operator = found(Some(&self.operator), &variables).await;
            let nobody = [found(None, &variables).await, found(None, &everywhere).await];
            if operator == (json!(1), json!(2)) && nobody.iter().all(|seen| *seen == (json!(0), json!(0))) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("search did not hear of everything");
    }
}

/// `company` of the caller's own is `ownCompany`.
fn known(whose: &str, name: &str) -> String {
    format!("{whose}{}", capital(name))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Twenty-six digits that an id may end in, different for each name.
fn ulid_like(name: &str) -> String {
    let letter = if name.starts_with('h') {
        '2'
    } else if name.starts_with('v') {
        '3'
    } else {
        '4'
    };
    NO_ID.replace("qjhp41", &format!("qjhp4{letter}"))
}

/// What does not exist, of the same kinds.
pub(super) fn nothing(like: &World) -> World {
    let none = |name: &str, value: &str| match name {
        "country" => "AQ".to_owned(),
        "zone" => "Antarctica/Troll".to_owned(),
        "code" => "nosuch-code".to_owned(),
        "slug" | "reference" | "barcode" => format!("nosuch-{name}"),
        "sku" | "name" | "brand" | "tag" | "value" => format!("Nosuch {name}"),
        _ => format!("{}_{NO_ID}", value.split_once('_').unwrap().0),
    };
    like.iter().map(|(name, value)| (name.clone(), none(name, value))).collect()
}
