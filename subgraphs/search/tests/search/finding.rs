//! Searches through the schema on a real index: words, filters, facets, orders, pages, settings and suggestions.

use serde_json::{Value as Json, json};
use souk_kit::testing::principals;
use souk_search::domain::ids::{CategoryId, ProductId};

use crate::floor::{Floor, Running, eventually};

/// A floor with a few products, and their ids in the order of their prices.
async fn shop() -> (Floor, Running, Vec<ProductId>) {
    let floor = Floor::indexed().await;
    let running = floor.run().await;
    let now = floor.search.stage.clock().now();
    let kitchen = CategoryId::new(now);
    let category = json!({ "id": kitchen, "name": "Kitchen" });
    let category = floor.event(floor.company, "category.created", &kitchen.to_string(), 1, category);
    floor.tell([("product.events", category)]).await;
    let goods = [
        ("Blue mug", "Acme", "drink", "blue", 300),
        ("Red mug", "Acme", "drink", "red", 500),
        ("Red teapot", "Bolt", "brew", "red", 2_000),
        ("Red kettle", "Bolt", "brew", "red", 4_000),
    ];
    let mut ids = Vec::new();
    for (name, brand, tag, colour, price) in goods {
        let id = floor.id();
        let mut product = floor.product(id, name);
        product["brand"] = json!(brand);
        product["tags"] = json!([tag]);
        product["attributes"] = json!([{ "code": "colour", "values": [colour] }]);
        product["categories"] = json!([kitchen]);
        product["variants"][0]["prices"][0]["amount_minor"] = json!(price);
        product["variants"][0]["sku"] = json!(format!("SKU-{price}"));
        floor.tell_product(1, product).await;
        ids.push(id);
    }
    shown(&floor, ids.len()).await;
    (floor, running, ids)
}

/// Waits until so many products are found.
async fn shown(floor: &Floor, count: usize) {
    // A busy cluster that has just made the index may not answer from it for long.
    let total = async || {
        let reply = floor.nobody().send("{ search { totalCount } }", json!({})).await;
        (reply["data"]["search"]["totalCount"] == count).then_some(())
    };
    eventually("all products", total).await;
}

async fn found(floor: &Floor, variables: Json) -> Json {
    let query = "query($text: String, $company: ID, $where: ProductSearchWhere, $facets: [SearchFacetInput!],
        $sort: ProductSearchSort, $first: Int, $after: String, $currency: CurrencyCode) {
      search(text: $text, company: $company, where: $where, facets: $facets, sort: $sort, first: $first, after: $after, currency: $currency) {
        totalCount isTotalCountExact didYouMean nodes { id } edges { cursor score highlights { field html } }
        facets { field attribute values { value count category { id } } lowest { amount } highest { amount } }
        pageInfo { hasNextPage hasPreviousPage endCursor } } }";
    let reply = floor.nobody().send(query, variables.clone()).await;
    assert!(reply.get("errors").is_none(), "{variables}: {reply}");
    reply["data"]["search"].clone()
}

fn ids(found: &Json) -> Vec<String> {
    let nodes = found["nodes"].as_array().unwrap().iter();
    nodes.map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn words_find_with_a_typo_and_tell_where_and_how_well() {
    let (floor, running, products) = shop().await;
    let teapot = found(&floor, json!({ "text": "teepot" })).await;
    assert_eq!(ids(&teapot), [products[2].to_string()]);
    assert!(teapot["edges"][0]["score"].as_f64().unwrap() > 0.0, "{teapot}");
    let marked = found(&floor, json!({ "text": "kettle" })).await;
    assert!(marked["edges"][0]["highlights"].to_string().contains("<mark>kettle</mark>"), "{marked}");
    let exact = found(&floor, json!({ "text": "SKU-300" })).await;
    assert_eq!(ids(&exact)[0], products[0].to_string());
    running.stop().await;
}

#[tokio::test]
async fn a_facets_own_selection_does_not_narrow_it_and_the_others_do() {
    let (floor, running, products) = shop().await;
    let asked = json!({ "company": floor.company, "where": { "brand": ["Bolt"], "attributes": [{ "code": "colour", "values": ["red"] }] },
        "facets": [{ "field": "BRAND" }, { "field": "ATTRIBUTE", "attribute": "colour" }, { "field": "CATEGORY" },
            { "field": "PRICE", "ranges": [{ "below": "10.00" }, { "from": "10.00" }] }, { "field": "AVAILABILITY" }] });
    let answer = found(&floor, asked).await;
    let counts = |place: usize| -> Vec<(String, i64)> {
        let values = answer["facets"][place]["values"].as_array().unwrap().iter();
        values
            .map(|one| (one["value"].as_str().unwrap().to_owned(), one["count"].as_i64().unwrap()))
            .collect()
    };
    assert_eq!(answer["totalCount"], 2);
    assert_eq!(counts(0), [("Bolt".to_owned(), 2), ("Acme".to_owned(), 1)]);
    assert_eq!(counts(1), [("red".to_owned(), 2)]);
    assert!(answer["facets"][2]["values"][0]["category"]["id"].is_string(), "{answer}");
    assert_eq!(counts(3), [("0".to_owned(), 0), ("1".to_owned(), 2)]);
    assert_eq!(
        (&answer["facets"][3]["lowest"]["amount"], &answer["facets"][3]["highest"]["amount"]),
        (&json!("20.00"), &json!("40.00"))
    );
    assert_eq!(counts(4), [("UNKNOWN".to_owned(), 2)]);
    assert_eq!(products.len(), 4);
    running.stop().await;
}

#[tokio::test]
async fn pages_in_the_order_of_prices_hold_each_product_once() {
    let (floor, running, products) = shop().await;
    let mut seen = Vec::new();
    let mut after = Json::Null;
    loop {
        let asked = json!({ "currency": "EUR", "sort": { "field": "PRICE" }, "first": 3, "after": after,
            "where": { "price": { "from": "3.01" } } });
        let page = found(&floor, asked).await;
        seen.extend(ids(&page));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    let expected: Vec<_> = products[1..].iter().map(ToString::to_string).collect();
    assert_eq!(seen, expected);
    running.stop().await;
}

#[tokio::test]
async fn settings_and_suggestions_hold_for_searches_of_the_company() {
    let (floor, running, products) = shop().await;
    let update = "mutation($input: SearchSettingsUpdateInput!) { searchSettingsUpdate(input: $input) { userErrors { code } } }";
    let input = json!({ "company": floor.company, "synonyms": [{ "words": ["beaker", "mug"] }],
        "curations": [{ "searches": ["red"], "pinned": [products[3]], "buried": [products[1]] }] });
    let known = async || {
        let reply = floor.admin().send(update, json!({ "input": input })).await;
        (reply["data"]["searchSettingsUpdate"]["userErrors"] == json!([])).then_some(())
    };
    eventually("settings of a known company", known).await;
    let beakers = found(&floor, json!({ "text": "beaker", "company": floor.company })).await;
    assert_eq!(beakers["totalCount"], 2, "{beakers}");
    assert_eq!(found(&floor, json!({ "text": "beaker" })).await["totalCount"], 0);
    let red = ids(&found(&floor, json!({ "text": "red", "company": floor.company })).await);
    assert_eq!((&red[0], &red[2]), (&products[3].to_string(), &products[1].to_string()));
    let suggest = "query($text: String!, $company: ID) { suggest(text: $text, company: $company) { kind text product { id } } }";
    let reply = floor.nobody().send(suggest, json!({ "text": "red tea" })).await;
    assert!(
        reply["data"]["suggest"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["product"]["id"] == json!(products[2])),
        "{reply}"
    );
    let reply = floor.nobody().send(suggest, json!({ "text": "red tea", "company": floor.rival })).await;
    assert_eq!(reply["data"]["suggest"], json!([]), "{reply}");
    running.stop().await;
}

#[tokio::test]
async fn a_draft_is_found_by_its_own_staff_alone() {
    let (floor, running, _) = shop().await;
    let mut draft = floor.product(floor.id(), "Green mug");
    draft["status"] = json!("draft");
    floor.tell_product(1, draft).await;
    let total = async |principal| {
        let reply = floor
            .search
            .caller(principal)
            .send("{ search(text: \"green\") { totalCount } suggest(text: \"gree\") { text } }", json!({}))
            .await;
        (reply["data"]["search"]["totalCount"].clone(), reply["data"]["suggest"].as_array().map(Vec::len))
    };
    let own = async || (total(principals::company_admin(floor.company)).await.0 == 1).then_some(());
    eventually("a draft", own).await;
    let others = [principals::nobody(), principals::customer(), principals::company_admin(floor.rival)];
    for principal in others {
        assert_eq!(total(principal).await, (json!(0), Some(0)));
    }
    running.stop().await;
}

#[tokio::test]
async fn what_analytics_tells_changes_the_order_and_what_is_suggested() {
    let (floor, running, products) = shop().await;
    let sought = async |first: [ProductId; 2]| {
        let answer = found(&floor, json!({ "sort": { "field": "POPULARITY" } })).await;
        (ids(&answer)[..2] == first.map(|id| id.to_string())).then_some(())
    };
    floor.tell_popularity(floor.company, 1, products[3], 5).await;
    floor.tell_popularity(floor.company, 1, products[1], 9).await;
    eventually("an order", async || sought([products[1], products[3]]).await).await;
    floor.tell_popularity(floor.company, 2, products[3], 12).await;
    eventually("another order", async || sought([products[3], products[1]]).await).await;

    let suggest = "query($company: ID) { suggest(text: \"red\", company: $company) { kind text } }";
    let searches = async |company| {
        let reply = floor.nobody().send(suggest, json!({ "company": company })).await;
        let suggested = reply["data"]["suggest"].as_array().unwrap().iter();
        let searches = suggested.filter(|one| one["kind"] == "SEARCH");
        searches.map(|one| one["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(searches(floor.company).await, [""; 0]);
    for (sequence, text) in [(1, "red teapot"), (2, "red kettle")] {
        let told = json!({ "searches": [{ "text": text, "score": 9 }, { "text": "mug", "score": 4 }] });
        let subject = floor.company.to_string();
        let event = floor.event(floor.company, "search.popular_changed", &subject, sequence, told);
        floor.tell([("analytics.events", event)]).await;
        eventually(text, async || (searches(floor.company).await == [text]).then_some(())).await;
    }
    assert_eq!(searches(floor.rival).await, [""; 0]);
    running.stop().await;
}

#[tokio::test]
async fn without_a_company_what_is_searched_for_in_all_that_are_open_is_suggested() {
    let floor = Floor::indexed().await;
    let running = floor.run().await;
    let names = ["red lamp", "red wine glasses", "mug", "crème brûlée", "red shoes", "red herring"];
    for name in names {
        floor.tell_product(1, floor.product(floor.id(), name)).await;
    }
    shown(&floor, names.len()).await;
    let tell = async |company, sequence, searches: &[(&str, u64)]| {
        let searches: Vec<_> =
            searches.iter().map(|(text, score)| json!({ "text": text, "score": score })).collect();
        let told = json!({ "searches": searches });
        let kind = "search.popular_changed";
        let event = floor.event(company, kind, &company.to_string(), sequence, told);
        floor.tell([("analytics.events", event)]).await;
    };
    let made_up = ("red cheap pills", 99);
    tell(floor.company, 1, &[made_up, ("red lamp", 9), ("red wine glasses", 6), ("mug", 5)]).await;
    tell(floor.rival, 1, &[("red wine glasses", 5), ("crème brûlée", 4)]).await;
    let suggested = async |text: &str| {
        let suggest = "query($text: String!) { suggest(text: $text) { kind text } }";
        let reply = floor.nobody().send(suggest, json!({ "text": text })).await;
        // A cluster that has just made the index may not answer from it yet.
        let Some(suggested) = reply["data"]["suggest"].as_array() else { return vec![reply.to_string()] };
        let searches = suggested.iter().filter(|one| one["kind"] == "SEARCH");
        searches.map(|one| one["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let comes = async |text: &str, expected: &[&str]| {
        eventually(text, async || (suggested(text).await == expected).then_some(())).await;
    };
    // What both search for counts for both.
    comes("red", &["red wine glasses", "red lamp"]).await;
    for (typed, expected) in [
        ("r", &["red wine glasses", "red lamp"][..]),
        ("the red", &["red wine glasses", "red lamp"]),
        ("Wine re", &["red wine glasses"]),
        ("glass r", &["red wine glasses"]),
        ("brul", &["crème brûlée"]),
        ("mugs", &["mug"]),
        ("redwood", &[]),
        ("ed", &[]),
        ("\"red", &["red wine glasses", "red lamp"]),
    ] {
        assert_eq!(suggested(typed).await, expected, "{typed}");
    }
    floor.tell_company(floor.rival, 2, false).await;
    comes("red", &["red lamp", "red wine glasses"]).await;
    assert_eq!(suggested("brul").await, [""; 0]);
    floor.tell_company(floor.rival, 3, true).await;
    comes("red", &["red wine glasses", "red lamp"]).await;
    // A list takes the place of the one before, and an earlier one changes nothing.
    tell(floor.rival, 3, &[("red shoes", 30)]).await;
    comes("red", &["red shoes", "red lamp", "red wine glasses"]).await;
    tell(floor.rival, 2, &[("red herring", 99)]).await;
    tell(floor.company, 2, &[]).await;
    comes("red", &["red shoes"]).await;
    running.stop().await;
}

#[tokio::test]
async fn words_are_taken_apart_in_a_language_that_reader_and_company_have() {
    let (floor, running, _) = shop().await;
    let company = souk_kit::id::CompanyId::new(floor.search.stage.clock().now());
    let english = json!({ "id": company, "active": true, "currency": "EUR", "locales": ["en"] });
    let event = floor.event(company, "company.created", &company.to_string(), 1, english);
    floor.tell([("company.events", event)]).await;
    let mut product = floor.product(floor.id(), "Green mug");
    product["company"] = json!(company);
    floor.tell_product(1, product).await;
    let reader = floor.nobody().reading(&["de-DE", "de;q=0.9", "en;q=0.8"]);
    let total = async |locale: Json| {
        let query = "query($company: ID, $locale: String) {
            search(text: \"the mug\", company: $company, locale: $locale) { totalCount } }";
        let reply = reader.send(query, json!({ "company": company, "locale": locale })).await;
        reply["data"]["search"]["totalCount"].clone()
    };
    eventually("the mug", async || (total(Json::Null).await == 1).then_some(())).await;
    assert_eq!(total(json!("de")).await, 0, "what is said outright counts");
    running.stop().await;
}

#[tokio::test]
async fn a_category_is_found_by_its_name_in_a_language_that_its_products_lack() {
    let (floor, running, products) = shop().await;
    let category = CategoryId::new(floor.search.stage.clock().now());
    let named = json!({ "id": category, "name": "Cookware", "translations": { "de": { "name": "Küche" } } });
    let event = floor.event(floor.company, "category.created", &category.to_string(), 1, named);
    floor.tell([("product.events", event)]).await;
    let mut product = floor.product(products[0], "Blue mug");
    product["categories"] = json!([category]);
    product["description"] = json!({ "html": "", "plain": "Dishwasher-safe" });
    floor.tell_product(2, product).await;
    let asked = "query($text: String!, $locale: String) {
        search(text: $text, locale: $locale) { nodes { id } edges { highlights { html } } }
        suggest(text: $text, locale: $locale) { kind text } }";
    let ask = async |text: &str, locale: &str| {
        let reply = floor.nobody().send(asked, json!({ "text": text, "locale": locale })).await;
        assert!(reply.get("errors").is_none(), "{reply}");
        reply["data"].clone()
    };
    let mug = json!([{ "id": products[0] }]);
    for (text, locale) in [("Küche", "de"), ("Küchen", "de-AT"), ("cookware", "en")] {
        let finds = async || (ask(text, locale).await["search"]["nodes"] == mug).then_some(());
        eventually(text, finds).await;
    }
    let suggested = ask("küch", "de").await["suggest"].clone();
    assert!(
        suggested.as_array().unwrap().contains(&json!({ "kind": "CATEGORY", "text": "Küche" })),
        "{suggested}"
    );
    assert!(
        suggested.as_array().unwrap().contains(&json!({ "kind": "PRODUCT", "text": "Blue mug" })),
        "{suggested}"
    );
    // Its own texts are those that there are.
    let marked = ask("dishwasher", "de").await["search"]["edges"][0]["highlights"].to_string();
    assert!(marked.contains("<mark>Dishwasher</mark>"), "{marked}");
    running.stop().await;
}

/// A reader's search: the products that it finds, and where the words were found.
async fn read(floor: &Floor, text: &str, locale: &str) -> (Vec<String>, String) {
    let query = "query($text: String!, $locale: String) {
        search(text: $text, locale: $locale) { nodes { id } edges { highlights { html } } }
        suggest(text: $text, locale: $locale) { text } }";
    let reply = floor.nobody().send(query, json!({ "text": text, "locale": locale })).await;
    assert!(reply.get("errors").is_none(), "{reply}");
    let found = &reply["data"]["search"];
    (ids(found), found["edges"][0]["highlights"].to_string())
}

#[tokio::test]
async fn a_selling_point_is_found_in_each_language_that_it_is_told_in() {
    let (floor, running, products) = shop().await;
    let mut product = floor.product(products[0], "Blue mug");
    product["features"] = json!(["Fits every hand"]);
    product["translations"] = json!({ "de": { "name": "Blauer Becher", "features": ["Liegt gut in der Hand", "Spülmaschinenfest"] },
        "fr": { "features": ["Tient bien en main"] } });
    floor.tell_product(2, product).await;
    let mug = [products[0].to_string()];
    for (text, locale, marked) in [
        ("fits every", "en", "<mark>Fits</mark> <mark>every</mark> hand"),
        ("spülmaschinenfest", "de", "<mark>Spülmaschinenfest</mark>"),
        ("SPULMASCHINENFEST", "DE-ch", "<mark>Spülmaschinenfest</mark>"),
        ("tient", "fr", "<mark>Tient</mark> bien en main"),
    ] {
        let finds = async || (read(&floor, text, locale).await.0 == mug).then_some(());
        eventually(text, finds).await;
        let (_, highlights) = read(&floor, text, locale).await;
        assert!(highlights.contains(marked), "{text}: {highlights}");
    }
    running.stop().await;
}

#[tokio::test]
async fn greek_words_are_found_and_none_of_them_holds_up_the_indexer() {
    let (floor, running, products) = shop().await;
    let mut product = floor.product(products[0], "Blue mug");
    product["translations"] =
        json!({ "el": { "name": "Ισαίσα ΚΟΎΠΑ", "description": { "html": "", "plain": "αντίθετε" } } });
    product["features"] = json!(["ισαισα"]);
    floor.tell_product(2, product).await;
    let later = floor.id();
    floor.tell_product(1, floor.product(later, "Green lantern")).await;
    for (text, locale, expected) in [
        ("lantern", "el", later),
        ("ισαισα", "el", products[0]),
        ("ισαισα", "en", products[0]),
        ("αντίθετε", "el", products[0]),
        ("κουπα", "el-GR", products[0]),
        ("\"ισαίσα κούπα\"", "el", products[0]),
    ] {
        let finds = async || (read(&floor, text, locale).await.0 == [expected.to_string()]).then_some(());
        eventually(text, finds).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn signs_find_nothing_and_a_blank_text_finds_everything() {
    let (floor, running, _) = shop().await;
    for (text, total) in
        [(json!("???"), 0), (json!("🙂"), 0), (json!(" "), 4), (json!(""), 4), (json!(null), 4)]
    {
        let found = found(&floor, json!({ "text": text })).await;
        assert_eq!((&found["totalCount"], &found["didYouMean"]), (&json!(total), &Json::Null), "{text}");
    }
    running.stop().await;
}
