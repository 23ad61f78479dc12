//! What searches over a real catalogue must find first, and that both sides answer them alike.

use std::collections::{BTreeMap, BTreeSet};

use souk_search::index::document::{Availability, ProductDocument};
use souk_search::index::query::{Facet, SearchQuery, Synonyms, Tuning};

use super::fixture::{Side, ask, cluster, embedded, number, price, product};

const PRODUCTS: &str = include_str!("catalogue/products.csv");
const QUERIES: &str = include_str!("catalogue/queries.txt");

/// The articles as products, by their codes.
pub(super) fn products() -> BTreeMap<u64, ProductDocument> {
    let mut reader = csv::Reader::from_reader(PRODUCTS.as_bytes());
    reader.records().map(|row| article(&row.unwrap())).map(|one| (number(one.id), one)).collect()
}

fn article(row: &csv::StringRecord) -> ProductDocument {
    let code: u64 = row[0].parse().unwrap();
    let mut one = product(code, &row[1]);
    let departments: Vec<&str> = row[2].split(" > ").collect();
    one.categories = departments.iter().map(|name| (*name).to_owned()).collect();
    let names = departments.iter().map(|name| ((*name).to_owned(), (*name).to_owned()));
    one.texts.get_mut("en").unwrap().categories = names.collect();
    one.skus = row[3].split(' ').map(str::to_owned).collect();
    one.barcodes = BTreeSet::from([format!("5010000{code}")]);
    one.prices = vec![price(row[4].parse().unwrap())];
    one.popularity = row[5].parse().unwrap();
    one.brand = Some(["Acme", "Brio", "Cook"][usize::try_from(code % 3).unwrap()].to_owned());
    one.availability = Availability::InStock;
    one
}

fn tuned(text: &str) -> SearchQuery {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let tuning = Tuning {
        synonyms: vec![
            Synonyms::Equivalent(words(&["tealight", "t-light"])),
            Synonyms::Equivalent(words(&["doormat", "door mat"])),
            Synonyms::OneWay { from: "xmas".to_owned(), to: words(&["christmas"]) },
            Synonyms::OneWay { from: "brolly".to_owned(), to: words(&["umbrella", "parasol"]) },
            Synonyms::OneWay { from: "tote".to_owned(), to: words(&["shopper", "bag"]) },
        ],
        ..Tuning::default()
    };
    SearchQuery { tuning, first: 10, ..ask(text) }
}

/// A line of the table.
struct Case<'a> {
    text: &'a str,
    first: usize,
    expected: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    let case = |line: &'static str| {
        let parts: Vec<_> = line.split('|').map(str::trim).collect();
        Case { text: parts[1], first: parts[2].parse().unwrap(), expected: parts[3] }
    };
    QUERIES.lines().filter(|line| !line.trim().is_empty()).map(case).collect()
}

fn holds(case: &Case<'_>, found: &[u64], names: &BTreeMap<u64, ProductDocument>) -> bool {
    let found = &found[..found.len().min(case.first)];
    let Some(words) = case.expected.strip_prefix("= ") else {
        let codes = case.expected.strip_prefix("# ").unwrap().split(' ');
        return codes.map(|code| code.parse().unwrap()).all(|code: u64| found.contains(&code));
    };
    let has_words = |code: &u64| {
        let name = names[code].texts["en"].name.to_lowercase();
        words.split('/').any(|one| name.contains(one))
            || words.split(' ').all(|all| all.split('/').any(|one| name.contains(one)))
    };
    !found.is_empty() && found.iter().all(has_words)
}

/// Answers the whole table: the hits of each search in order, and its total. Fails with all lines that do not hold.
async fn judge(side: &Side) -> Vec<(Vec<u64>, u64)> {
    let products = products();
    side.fill(products.values().cloned()).await;
    let (mut answers, mut wrong) = (Vec::new(), Vec::new());
    for case in cases() {
        let answer = side.index.search(&tuned(case.text)).await.unwrap();
        let found: Vec<_> = answer.hits.iter().map(|hit| number(hit.id)).collect();
        if !holds(&case, &found, &products) {
            let names: Vec<_> = found.iter().map(|code| products[code].texts["en"].name.as_str()).collect();
            wrong.push(format!("{} ({}): {names:?}", case.text, case.expected));
        }
        answers.push((found, answer.total.count));
    }
    assert!(answers.len() >= 60);
    assert!(wrong.is_empty(), "{}:\n{}", side.name, wrong.join("\n"));
    answers
}

#[tokio::test]
async fn tantivy_finds_first_what_is_meant() {
    let answers = judge(&embedded()).await;
    println!("counted: {} searches over {} products hold on Tantivy", answers.len(), products().len());
}

#[tokio::test]
async fn elasticsearch_finds_first_what_is_meant_and_answers_as_tantivy_does() {
    let Some(cluster) = cluster() else { return };
    let (ours, theirs) = (embedded(), cluster.index());
    let left = judge(&ours).await;
    let right = judge(&theirs).await;
    let mut same_order = 0;
    for (case, (left, right)) in cases().iter().zip(left.iter().zip(&right)) {
        assert_eq!(left.1, right.1, "{}: the totals", case.text);
        same_order += u32::from(left.0 == right.0);
    }
    for case in cases() {
        assert_eq!(whole(&ours, case.text).await, whole(&theirs, case.text).await, "{}", case.text);
    }
    let all = left.len();
    println!("counted: {all} searches hold on Elasticsearch and find the same as on Tantivy");
    println!("counted: {same_order} of them have the same first ten in the same order");
}

/// All that a search finds, sorted by id, up to a bound; and its facets.
async fn whole(side: &Side, text: &str) -> (BTreeSet<u64>, Vec<Vec<(String, u64)>>) {
    let mut query = tuned(text);
    query.first = 100;
    query.facets = vec![Facet::Category, Facet::Brand, Facet::Price(vec![])];
    let mut found = BTreeSet::new();
    let mut facets = Vec::new();
    for _ in 0..5 {
        let answer = side.index.search(&query).await.unwrap();
        found.extend(answer.hits.iter().map(|hit| number(hit.id)));
        let counts = answer
            .facets
            .iter()
            .map(|facet| facet.values.iter().map(|one| (one.value.clone(), one.count)).collect());
        facets = counts.collect();
        query.after = answer.hits.last().map(|hit| hit.cursor.clone());
        if !answer.has_next {
            return (found, facets);
        }
    }
    // Of very many the first few hundred may differ at the edge.
    (BTreeSet::new(), facets)
}
