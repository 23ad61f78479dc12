//! An index that another version of this program has made, in another layout: it answers until there is one of this
//! version's, and no question fails or sees half of the products meanwhile.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::elasticsearch::http::Method;
use ::tantivy::schema::{FAST, INDEXED, IndexRecordOption, STORED, STRING, Schema};
use ::tantivy::schema::{TextFieldIndexing, TextOptions};
use ::tantivy::{Index, TantivyDocument};
use serde_json::{Value as Json, json};
use souk_kit::page::SortDirection;
use souk_search::index::document::ProductDocument;
use souk_search::index::query::{Facet, Filter, Range, SearchQuery, Sort, SuggestQuery, Tuning};
use tokio_util::sync::CancellationToken;

use super::fixture::{
    Cluster, Side, ask, cluster, deletion, embedded_in, id, number, price, product, shop, upsert,
};
use crate::floor::{Floor, eventually};

/// Before any layout that a version has had.
const EARLIER: u32 = 0;
/// After this version's, however far it has come.
const LATER: u32 = u32::MAX;

const NUMBERS: [&str; 4] = ["open", "from", "until", "created"];

/// What another version keeps of a public product that all shops offer: no more than every layout has, and words of
/// names. There are no prices, brands, stems or anything else to count and sort by.
fn kept(document: &ProductDocument) -> Json {
    let name = document.text(None).unwrap().name.to_lowercase();
    json!({
        "id": document.id, "company": document.company, "shops": "*", "name_words": name,
        "open": 1, "from": i64::MIN, "until": i64::MAX, "created": document.created_at.timestamp_micros(),
    })
}

/// The index of a version that keeps `layout`, with these products. What it stores of the first is none of our documents.
async fn made_in(layout: u32, documents: &[ProductDocument], cluster: Option<&Cluster>) -> Side {
    let source = |n: usize| if n == 0 { json!({ "form": "another" }) } else { json!(documents[n]) };
    let all: Vec<_> = documents.iter().enumerate().map(|(n, one)| (one, kept(one), source(n))).collect();
    match cluster {
        None => embedded_made_in(layout, &all),
        Some(cluster) => {
            let side = cluster.index();
            put_on_cluster(layout, &all, &side).await;
            side
        }
    }
}

type Stored<'a> = (&'a ProductDocument, Json, Json);

fn embedded_made_in(layout: u32, documents: &[Stored<'_>]) -> Side {
    let folder = tempfile::tempdir().unwrap();
    let mut schema = Schema::builder();
    let words = TextFieldIndexing::default().set_tokenizer("whitespace");
    let words = words.set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let words = schema.add_text_field("name_words", TextOptions::default().set_indexing_options(words));
    let keywords = ["id", "company", "shops"].map(|name| (name, schema.add_text_field(name, STRING)));
    let numbers = NUMBERS.map(|name| (name, schema.add_i64_field(name, FAST)));
    let [high, low, revision] =
        ["id_high", "id_low", "revision"].map(|name| schema.add_u64_field(name, FAST));
    schema.add_u64_field("gone", INDEXED);
    let stored = schema.add_bytes_field("source", STORED);
    let generation = folder.path().join("generation-7");
    fs::create_dir(&generation).unwrap();
    let index = Index::create_in_dir(generation, schema.build()).unwrap();
    let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
    for (product, kept, source) in documents {
        let mut document = TantivyDocument::new();
        let (of_high, of_low) = product.id.uuid().as_u64_pair();
        document.add_u64(high, of_high);
        document.add_u64(low, of_low);
        document.add_u64(revision, product.revision);
        document.add_text(words, kept["name_words"].as_str().unwrap());
        keywords.iter().for_each(|(name, field)| document.add_text(*field, kept[name].as_str().unwrap()));
        numbers.iter().for_each(|(name, field)| document.add_i64(*field, kept[name].as_i64().unwrap()));
        document.add_bytes(stored, source.to_string().as_bytes());
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    drop(writer);
    let state = json!({ "live": "generation-7", "layout": layout });
    fs::write(folder.path().join("state.json"), state.to_string()).unwrap();
    embedded_in(folder)
}

async fn put_on_cluster(layout: u32, documents: &[Stored<'_>], side: &Side) {
    let live = format!("{}products", side.indices.as_ref().unwrap().prefix);
    let generation = format!("{live}-g-other");
    let keyword = || json!({ "type": "keyword" });
    let mut properties = json!({
        "id": keyword(), "company": keyword(), "shops": keyword(),
        "name_words": { "type": "text", "analyzer": "whitespace" },
        "gone": { "type": "boolean" },
        "source": { "type": "object", "enabled": false },
    });
    for name in NUMBERS {
        properties[name] = json!({ "type": "long" });
    }
    let made = json!({
        "settings": { "number_of_shards": 1, "number_of_replicas": 0 },
        "mappings": { "_meta": { "layout": layout }, "dynamic": false, "properties": properties },
        "aliases": { live: {}, format!("{generation}-writes"): {} },
    });
    side.call(Method::Put, &format!("/{generation}"), made.to_string()).await;
    let mut lines = String::new();
    for (product, kept, source) in documents {
        let mut document = kept.clone();
        document["gone"] = json!(false);
        document["source"] = source.clone();
        let (id, version) = (product.id, product.revision);
        let action = json!({ "index": { "_id": id, "version": version, "version_type": "external" } });
        for line in [action, document] {
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
    }
    let written = side.call(Method::Post, &format!("/{generation}/_bulk?refresh=true"), lines).await;
    assert_eq!(written["errors"], false, "{written}");
}

/// The names of the generations that there are.
async fn generations(side: &Side) -> BTreeSet<String> {
    if let Some(folder) = &side.folder {
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.map(|name| name.into_string().unwrap());
        return names.filter(|name| name.starts_with("generation-")).collect();
    }
    let prefix = &side.indices.as_ref().unwrap().prefix;
    let all = side.call(Method::Get, &format!("/{prefix}*/_alias"), String::new()).await;
    all.as_object().unwrap().keys().cloned().collect()
}

fn every_facet() -> Vec<Facet> {
    vec![
        Facet::Category,
        Facet::Brand,
        Facet::Tag,
        Facet::Attribute("colour".to_owned()),
        Facet::Rating,
        Facet::Availability,
        Facet::Price(vec![Range { at_least: Some(0), below: Some(1_000) }]),
    ]
}

/// Asks for everything in every order, page by page: each time all of `expected` is found, each once.
async fn finds_all_in_every_order(side: &Side, expected: &BTreeSet<u64>) {
    let by = |sort: fn(SortDirection) -> Sort| [sort(SortDirection::Asc), sort(SortDirection::Desc)];
    let sorts = [Sort::Relevance, Sort::Newest, Sort::Popularity, Sort::Rating];
    for sort in sorts.into_iter().chain(by(Sort::Price)).chain(by(Sort::Name)) {
        let mut query = SearchQuery { sort, first: 7, facets: every_facet(), ..ask("lamp") };
        query.audience.shop = Some(shop(1));
        let mut found = Vec::new();
        loop {
            let answer = side.index.search(&query).await.unwrap();
            assert_eq!(answer.total.count, u64::try_from(expected.len()).unwrap(), "{}: {sort:?}", side.name);
            assert_eq!(answer.facets.len(), query.facets.len());
            found.extend(answer.hits.iter().map(|hit| number(hit.id)));
            if !answer.has_next {
                break;
            }
            query.after = answer.hits.last().map(|hit| hit.cursor.clone());
        }
        assert_eq!(found.len(), expected.len(), "{}: {sort:?}: {found:?}", side.name);
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), *expected, "{}: {sort:?}", side.name);
    }
}

/// Asks in every way for something that the index may not know: each is answered.
async fn answers_every_question(side: &Side) {
    let one = |value: &str| vec![value.to_owned()];
    let filters = [
        Filter::Category(one("cat")),
        Filter::Brand(one("Acme")),
        Filter::Tag(one("new")),
        Filter::Attribute { code: "colour".to_owned(), values: one("red") },
        Filter::Price(Range { at_least: Some(1), below: None }),
        Filter::RatingAtLeast(300),
        Filter::Product(vec![id(1)]),
    ];
    for filter in filters {
        let either = Filter::Or(vec![filter.clone(), Filter::Product(vec![id(2)])]);
        for filter in [filter, either] {
            let query = SearchQuery { filter, facets: every_facet(), ..ask("lamp") };
            side.index.search(&query).await.unwrap();
        }
    }
    for text in ["lam", "lmap", "lamp-2", "\"lamp 2\"", "lamps of acme", "", "nothing like it"] {
        let tuning = Tuning { pinned: vec![id(3)], buried: vec![id(4)], ..Tuning::default() };
        let answer = SearchQuery { highlight: true, tuning, ..ask(text) };
        side.index.search(&answer).await.unwrap();
        let (audience, text) = (ask("").audience, text.to_owned());
        side.index
            .suggest(&SuggestQuery {
                audience,
                text,
                limit: 5,
                popular: Vec::new(),
                tuning: Tuning::default(),
            })
            .await
            .unwrap();
    }
}

fn lamps(numbers: impl IntoIterator<Item = u64>) -> Vec<ProductDocument> {
    numbers.into_iter().map(|n| product(n, &format!("Lamp {n}"))).collect()
}

async fn an_earlier_layout_answers_until_another_is_published(cluster: Option<&Cluster>) {
    let side = made_in(EARLIER, &lamps(1..=20), cluster).await;
    assert!(side.index.needs_build().await.unwrap());
    finds_all_in_every_order(&side, &(1..=20).collect()).await;
    answers_every_question(&side).await;

    let mut changed = product(21, "Lamp 21");
    changed.brand = Some("Acme".to_owned());
    changed.prices = vec![price(500)];
    let changes = [upsert(changed.clone()), deletion(20, 2), upsert(product(19, "Late"))];
    let written = side.index.write(&changes).await.unwrap();
    assert_eq!((written.applied, written.stale), (2, 1), "{}", side.name);
    side.index.refresh().await.unwrap();
    let there: BTreeSet<u64> = (1..=19).chain([21]).collect();
    finds_all_in_every_order(&side, &there).await;

    let build = side.index.begin_build().await.unwrap();
    side.index.write_build(&build, &lamps(1..=10).into_iter().map(upsert).collect::<Vec<_>>()).await.unwrap();
    finds_all_in_every_order(&side, &there).await;
    let rest = lamps(11..=19).into_iter().chain([changed]).map(upsert).chain([deletion(20, 2)]);
    side.index.write_build(&build, &rest.collect::<Vec<_>>()).await.unwrap();
    side.index.publish(build).await.unwrap();
    assert!(!side.index.needs_build().await.unwrap(), "{}", side.name);
    finds_all_in_every_order(&side, &there).await;
    let of_brand = SearchQuery { filter: Filter::Brand(vec!["Acme".to_owned()]), ..ask("lamps") };
    assert_eq!(side.found(&of_brand).await, [21], "{}: what the earlier layout lacks", side.name);

    let before = generations(&side).await;
    let build = side.index.begin_build().await.unwrap();
    side.index.abandon(build).await.unwrap();
    let left = generations(&side).await;
    assert_eq!((before.len(), left.len()), (2, 1), "{}: {before:?}, {left:?}", side.name);
    assert!(left.iter().all(|name| !name.ends_with("-7") && !name.ends_with("-other")), "{left:?}");
}

#[tokio::test]
async fn tantivy_answers_in_an_earlier_layout_until_another_is_published() {
    an_earlier_layout_answers_until_another_is_published(None).await;
}

#[tokio::test]
async fn elasticsearch_answers_in_an_earlier_layout_until_another_is_published() {
    let Some(cluster) = cluster() else { return };
    an_earlier_layout_answers_until_another_is_published(Some(&cluster)).await;
}

async fn a_later_layout_answers_and_is_not_written(cluster: Option<&Cluster>) {
    let side = made_in(LATER, &lamps(1..=20), cluster).await;
    assert!(!side.index.needs_build().await.unwrap(), "{}: a later version does that", side.name);
    finds_all_in_every_order(&side, &(1..=20).collect()).await;
    answers_every_question(&side).await;
    let refused = side.index.write(&[deletion(20, 2)]).await.unwrap_err();
    assert!(format!("{refused:?}").contains("reindex"), "{refused:?}");
    // Whoever goes back for good has it built anew.
    let build = side.index.begin_build().await.unwrap();
    side.index.write_build(&build, &lamps(1..=20).into_iter().map(upsert).collect::<Vec<_>>()).await.unwrap();
    side.index.publish(build).await.unwrap();
    assert_eq!(side.index.write(&[deletion(20, 2)]).await.unwrap().applied, 1, "{}", side.name);
    side.index.refresh().await.unwrap();
    finds_all_in_every_order(&side, &(1..=19).collect()).await;
}

#[tokio::test]
async fn tantivy_answers_in_a_later_layout_and_does_not_write_it() {
    a_later_layout_answers_and_is_not_written(None).await;
}

#[tokio::test]
async fn elasticsearch_answers_in_a_later_layout_and_does_not_write_it() {
    let Some(cluster) = cluster() else { return };
    a_later_layout_answers_and_is_not_written(Some(&cluster)).await;
}

/// A worker starts over an index of an earlier layout while that is asked and products change: it builds one of its own.
async fn the_worker_builds_its_own_layout_by_itself(cluster: Option<&Cluster>) -> String {
    let count = 1_200;
    let floor = Floor::open().await;
    let told = (0..count).map(|n| floor.product_event(1, floor.product(floor.id(), &format!("lamp {n}"))));
    floor.tell(told.map(|event| ("product.events", event)).collect::<Vec<_>>()).await;
    let running = floor.run().await;
    let are_there = async || (floor.model.documents().len() == count).then_some(());
    eventually("all products", are_there).await;
    running.stop().await;
    let documents: Vec<_> = floor.model.documents().into_values().collect();
    let side = made_in(EARLIER, &documents, cluster).await;

    let over = Arc::new(AtomicBool::new(false));
    let asking = {
        let (index, over) = (Arc::clone(&side.index), Arc::clone(&over));
        tokio::spawn(async move {
            let mut questions = 0;
            while !over.load(Ordering::Relaxed) {
                let answer =
                    index.search(&SearchQuery { sort: Sort::Popularity, ..ask("lamp") }).await.unwrap();
                assert!(answer.total.count >= 1_200, "{} of 1200 products", answer.total.count);
                questions += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            questions
        })
    };
    let stop = CancellationToken::new();
    let worker = {
        let (ports, index) = (&floor.search.stage.ports, Arc::clone(&side.index));
        // The one before may not have let go of its database yet.
        let open = async || souk_search::indexer(ports, Arc::clone(&index), None).await.ok();
        let (worker, stop) = (eventually("the indexer's database", open).await, stop.clone());
        worker.migrate().await.unwrap();
        tokio::spawn(async move { worker.run(stop).await })
    };
    for n in 0..20 {
        floor.tell_product(1, floor.product(floor.id(), &format!("lamp of acme {n}"))).await;
    }
    let is_built = async || (!side.index.needs_build().await.unwrap()).then_some(());
    eventually("an index of this layout", is_built).await;
    let has_all = async || (side.index.count().await.unwrap() == 1_220).then_some(());
    eventually("old and new products", has_all).await;
    over.store(true, Ordering::Relaxed);
    let questions: u64 = asking.await.unwrap();
    stop.cancel();
    worker.await.unwrap();
    side.index.refresh().await.unwrap();
    let priced = Filter::Price(Range { at_least: Some(1), below: None });
    let query = SearchQuery { filter: priced, currency: Some("EUR".to_owned()), ..ask("lamp") };
    assert_eq!(side.index.search(&query).await.unwrap().total.count, 1_220, "{}: all have prices", side.name);
    format!(
        "{questions} questions while {} got from an earlier layout to this one with 1200 products and 20 changes, none \
         failed or missed",
        side.name
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_worker_brings_tantivy_to_its_own_layout_while_all_is_found() {
    let counted = the_worker_builds_its_own_layout_by_itself(None).await;
    println!("counted: {counted}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_worker_brings_elasticsearch_to_its_own_layout_while_all_is_found() {
    let Some(cluster) = cluster() else { return };
    let counted = the_worker_builds_its_own_layout_by_itself(Some(&cluster)).await;
    println!("counted: {counted}");
}
