//! What the index costs alone, on both of its engines: requests per second and latency of searches with three facets,
//! of well-typed and of mistyped words, and how long a change takes to be found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::DateTime;
use souk_kit::clock::Timestamp;
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;
use souk_search::index::document::{
    Assortment, Availability, Change, Price, ProductDocument, ProductId, ProductText, Publication,
};
use souk_search::index::query::{Audience, Facet, Filter, Range, SearchQuery, Sort, Tuning};
use souk_search::index::{SharedSearchIndex, elasticsearch, tantivy};
use uuid::Uuid;

use crate::latencies::Latencies;

/// Real articles (CC BY 4.0: see the README beside them), repeated until there are enough.
const ARTICLES: &str = include_str!("../../subgraphs/search/tests/search/index/catalogue/products.csv");
const SIZES: [usize; 2] = [3_000, 100_000];
const AT_ONCE: usize = 4;
/// How many searches each of those at once makes.
const SEARCHES: usize = 150;
const CHANGES: usize = 50;
const AT: Timestamp = DateTime::UNIX_EPOCH;

/// Measures both engines at each size.
pub(crate) async fn run() {
    for size in SIZES {
        let folder = tempfile::tempdir().unwrap();
        let embedded = measure("Tantivy", &tantivy::open_writer(folder.path()).unwrap(), size).await;
        let Some(url) = souk_stand::elasticsearch_url() else { continue };
        let prefix = format!("index-bench-{}-", Uuid::now_v7().simple());
        let cluster = measure("Elasticsearch", &elasticsearch::connect(&url, &prefix).unwrap(), size).await;
        println!(
            "measured: searches in {size} products: {:.2} times as long on Elasticsearch as on Tantivy",
            cluster / embedded
        );
        remove(&url, &prefix).await;
    }
}

/// Prints the figures of one engine; answers the median of its searches in milliseconds.
async fn measure(engine: &str, index: &SharedSearchIndex, size: usize) -> f64 {
    let articles: Vec<_> =
        csv::Reader::from_reader(ARTICLES.as_bytes()).into_records().map(Result::unwrap).collect();
    let begun = Instant::now();
    let build = index.begin_build().await.unwrap();
    let numbers: Vec<usize> = (0..size).collect();
    for part in numbers.chunks(500) {
        let changes =
            part.iter().map(|n| Change::Upsert(Box::new(product(*n, &articles[n % articles.len()], 1))));
        index.write_build(&build, &changes.collect::<Vec<_>>()).await.unwrap();
    }
    index.publish(build).await.unwrap();
    let took = begun.elapsed().as_secs_f64();
    println!("measured: {engine}, {size} products: built in {took:.1} s, {:.0} a second", size as f64 / took);
    let names: Vec<_> = articles.iter().map(|row| row[1].to_owned()).collect();
    let mistyped = names.iter().map(|name| mistyped(name)).collect();
    let median = searches(&format!("{engine}, {size} products: searches"), index, names).await;
    searches(&format!("{engine}, {size} products: mistyped searches"), index, mistyped).await;
    changes(engine, index, size, &articles).await;
    median
}

/// The name with two letters of each longer word exchanged.
fn mistyped(name: &str) -> String {
    let words = name.split(' ').map(|word| match word.as_bytes() {
        letters @ [_, _, _, _, ..] if word.is_ascii() => {
            let mut letters = letters.to_vec();
            letters.swap(1, 2);
            String::from_utf8(letters).unwrap()
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Prints what searches for words of `names` take; answers the median in milliseconds.
async fn searches(what: &str, index: &SharedSearchIndex, names: Vec<String>) -> f64 {
    let names: Arc<[String]> = names.into();
    for text in ["warm", "up"] {
        index.search(&question(text)).await.unwrap();
    }
    let begun = Instant::now();
    let tasks = (0..AT_ONCE).map(|task| {
        let (index, names) = (Arc::clone(index), Arc::clone(&names));
        tokio::spawn(async move {
            let mut took = Vec::new();
            for n in 0..SEARCHES {
                let name = &names[(n * 97 + task * 31) % names.len()];
                // A word, two words, or what is typed of a third.
                let words: Vec<&str> = name.split(' ').take(n % 3 + 1).collect();
                let begun = Instant::now();
                index.search(&question(&words.join(" "))).await.unwrap();
                took.push(begun.elapsed());
            }
            took
        })
    });
    let mut took = Latencies::default();
    for task in tasks.collect::<Vec<_>>() {
        took.extend(task.await.unwrap());
    }
    let a_second = took.len() as f64 / begun.elapsed().as_secs_f64();
    println!(
        "measured: {what} with three facets, {AT_ONCE} at once: p50 {:.1} ms, \
         p99 {:.1} ms, {a_second:.0} a second",
        took.percentile(50),
        took.percentile(99)
    );
    took.percentile(50)
}

async fn changes(engine: &str, index: &SharedSearchIndex, size: usize, articles: &[csv::StringRecord]) {
    let mut took = Latencies::default();
    for n in 0..CHANGES {
        let mut changed = product(n, &articles[n % articles.len()], 2);
        let sign = format!("sign{n}");
        changed.tags.insert(sign.clone());
        let mut query = question("");
        query.facets.clear();
        query.filter = Filter::Tag(vec![sign]);
        let begun = Instant::now();
        index.write(&[Change::Upsert(Box::new(changed))]).await.unwrap();
        while index.search(&query).await.unwrap().total.count == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        took.push(begun.elapsed());
    }
    println!(
        "measured: {engine}, {size} products: from a change's write to its being found: p50 {:.0} ms, \
         p99 {:.0} ms (aim 1,000)",
        took.percentile(50),
        took.percentile(99)
    );
}

fn product(n: usize, article: &csv::StringRecord, revision: u64) -> ProductDocument {
    let departments: BTreeSet<String> = article[2].split(" > ").map(str::to_owned).collect();
    let text = ProductText {
        name: article[1].to_owned(),
        description: format!("{} from the department {}", &article[1], &article[2]),
        categories: departments.iter().map(|name| (name.clone(), name.clone())).collect(),
        attributes: Vec::new(),
    };
    let company = u64::try_from(n % 3).unwrap();
    ProductDocument {
        id: ProductId::from_uuid(Uuid::from_u128(u128::try_from(n).unwrap() + (7 << 64))),
        company: CompanyId::from_uuid(Uuid::from_u64_pair(1, company)),
        revision,
        publication: Publication {
            is_active: true,
            from: None,
            until: None,
            company_active: true,
            shop_active: true,
        },
        shops: Assortment::All,
        default_locale: "en".to_owned(),
        texts: BTreeMap::from([("en".to_owned(), text)]),
        brand: Some(format!("Brand {}", n % 50)),
        tags: BTreeSet::new(),
        skus: BTreeSet::from([format!("{}-{n}", &article[0])]),
        barcodes: BTreeSet::new(),
        categories: departments,
        attributes: BTreeMap::from([("colour".to_owned(), BTreeSet::from([format!("colour {}", n % 12)]))]),
        prices: vec![Price {
            currency: "GBP".to_owned(),
            shop: None,
            amount_minor: article[4].parse().unwrap(),
            from: None,
            until: None,
        }],
        created_at: AT,
        popularity: article[5].parse().unwrap(),
        rating: None,
        availability: Availability::InStock,
    }
}

fn question(text: &str) -> SearchQuery {
    let below = |below| Range { at_least: None, below: Some(below) };
    SearchQuery {
        audience: Audience {
            visibility: Visibility::public_only(),
            at: AT,
            company: None,
            closed: Vec::new(),
            shop: None,
            locale: Some("en".to_owned()),
        },
        text: text.to_owned(),
        currency: Some("GBP".to_owned()),
        filter: Filter::everything(),
        facets: vec![Facet::Category, Facet::Brand, Facet::Price(vec![below(100), below(500), below(2_000)])],
        sort: Sort::Relevance,
        first: 24,
        after: None,
        highlight: false,
        tuning: Tuning::default(),
    }
}

/// Removes what was measured on a cluster.
async fn remove(url: &str, prefix: &str) {
    let client = reqwest::Client::new();
    let indices: serde_json::Value =
        client.get(format!("{url}/{prefix}*/_alias")).send().await.unwrap().json().await.unwrap();
    for index in indices.as_object().unwrap().keys() {
        client.delete(format!("{url}/{index}")).send().await.unwrap();
    }
}
