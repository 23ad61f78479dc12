//! Random products and questions: an index must answer as its twin does.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use souk_kit::page::SortDirection;
use souk_search::index::document::{Assortment, Availability, Price, ProductDocument};
use souk_search::index::query::{Facet, Filter, Range, SearchQuery, Sort, SuggestQuery, Tuning};

use super::fixture::{
    Side, ask, cluster, company, embedded, hours, number, price, product, shop, staff, visitor,
};
use super::twin;

const WORDS: [&str; 5] = ["kettle", "lamp", "rope", "vase", "quilt"];
const BRANDS: [&str; 3] = ["Acme", "Brio", "Cook & Co"];
const COLOURS: [&str; 3] = ["red", "dark blue", "grün"];

/// Small numbers that a product or question is made of.
type Dice = [u8; 16];

fn pick<T: Clone>(of: &[T], die: u8) -> T {
    of[usize::from(die) % of.len()].clone()
}

fn some<T: Clone + Ord>(of: &[T], die: u8) -> BTreeSet<T> {
    of.iter().enumerate().filter(|(place, _)| die >> place & 1 == 1).map(|(_, one)| one.clone()).collect()
}

fn strings(of: BTreeSet<&str>) -> BTreeSet<String> {
    of.into_iter().map(str::to_owned).collect()
}

fn made(n: u64, dice: Dice) -> ProductDocument {
    let name = format!("{} {}", pick(&WORDS, dice[0]), pick(&WORDS, dice[1]));
    let mut one = product(n, &name);
    one.company = company(u64::from(dice[2] % 2) + 1);
    one.publication.is_active = dice[2] & 2 == 0;
    one.publication.company_active = dice[2] & 0b1_1100 != 4;
    one.publication.from = dice[3].is_multiple_of(3).then(|| hours(i64::from(dice[3] % 5) - 2));
    one.publication.until = dice[3].is_multiple_of(4).then(|| hours(i64::from(dice[3] % 7) - 2));
    let listed = some(&[shop(1), shop(2), shop(3)], dice[4]);
    one.shops = if listed.is_empty() { Assortment::All } else { Assortment::Listed(listed) };
    one.brand = (dice[5] % 4 != 3).then(|| pick(&BRANDS, dice[5]).to_owned());
    one.tags = strings(some(&["new", "Sale!"], dice[6]));
    one.categories = strings(some(&["c1", "c2", "c3"], dice[7]));
    one.attributes = [("colour", &COLOURS), ("col", &["x", "y", "z"])]
        .map(|(code, values)| (code.to_owned(), strings(some(values, dice[8] >> (code.len() / 2)))))
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .collect();
    one.prices = prices(dice[9], dice[10]);
    one.created_at = hours(-i64::from(dice[11] % 6));
    one.popularity = u64::from(dice[12] % 4);
    one.rating = (!dice[13].is_multiple_of(3)).then_some(u16::from(dice[13]) * 2 % 501);
    one.availability =
        pick(&[Availability::InStock, Availability::OutOfStock, Availability::Unknown], dice[14]);
    one
}

/// One price at most for any currency, shop and instant.
fn prices(which: u8, amount: u8) -> Vec<Price> {
    let amount = i64::from(amount % 20) * 100;
    let mut prices = Vec::new();
    match which % 4 {
        0 => {}
        1 => prices.push(price(amount)),
        2 => {
            prices.push(Price { until: Some(hours(0)), ..price(amount) });
            prices.push(Price { from: Some(hours(0)), ..price(2_000 - amount) });
        }
        _ => prices.push(Price { from: Some(hours(1)), ..price(amount) }),
    }
    if which & 4 != 0 {
        prices.push(Price { shop: Some(shop(1)), ..price(amount + 50) });
    }
    if which & 8 != 0 {
        prices.push(Price { currency: "EUR".to_owned(), ..price(amount + 7) });
    }
    if which & 16 != 0 {
        prices.push(Price { shop: Some(shop(2)), currency: "EUR".to_owned(), ..price(3) });
    }
    prices
}

fn filter(kind: u8, die: u8) -> Filter {
    let list = |of: &[&str]| strings(some(of, die)).into_iter().collect::<Vec<_>>();
    match kind % 8 {
        0 => Filter::Brand(list(&BRANDS)),
        1 => Filter::Category(list(&["c1", "c2", "c3"])),
        2 => Filter::Tag(list(&["new", "Sale!"])),
        3 => Filter::Attribute { code: "colour".to_owned(), values: list(&COLOURS) },
        4 => {
            let at_least = (die & 1 == 0).then_some(i64::from(die) * 5);
            Filter::Price(Range { at_least, below: (die & 2 == 0).then_some(i64::from(die) * 10) })
        }
        5 => Filter::RatingAtLeast(u16::from(die) * 2),
        6 => Filter::Availability(vec![pick(&[Availability::InStock, Availability::Unknown], die)]),
        _ => Filter::Attribute { code: "col".to_owned(), values: vec!["x".to_owned()] },
    }
}

fn asked(dice: Dice) -> SearchQuery {
    let text = match dice[0] % 4 {
        0 => String::new(),
        1 => format!("{} {}", pick(&WORDS, dice[1]), pick(&WORDS, dice[2])),
        _ => pick(&WORDS, dice[1]).to_owned(),
    };
    let (up, down) = (SortDirection::Asc, SortDirection::Desc);
    let sorts = [
        Sort::Price(up),
        Sort::Price(down),
        Sort::Newest,
        Sort::Popularity,
        Sort::Rating,
        Sort::Name(up),
        Sort::Name(down),
        Sort::Relevance,
    ];
    let one = filter(dice[3], dice[4]);
    let two = filter(dice[5], dice[6]);
    let three = filter(dice[3], dice[7]);
    let mut query = SearchQuery { sort: pick(&sorts, dice[8]), first: 100, ..ask(&text) };
    query.filter = match dice[9] % 8 {
        0 => Filter::everything(),
        1 => one,
        2 => Filter::And(vec![one, two]),
        3 => Filter::Or(vec![one, two]),
        4 => Filter::And(vec![Filter::Or(vec![one, three]), two]),
        5 => Filter::And(vec![Filter::And(vec![one, two]), Filter::Or(vec![])]),
        6 => Filter::Or(vec![Filter::And(vec![one, two]), three]),
        _ => Filter::And(vec![one, three]),
    };
    query.facets = vec![
        Facet::Brand,
        Facet::Category,
        Facet::Tag,
        Facet::Attribute("colour".to_owned()),
        Facet::Attribute("col".to_owned()),
        Facet::Rating,
        Facet::Availability,
        Facet::Price(vec![
            Range { at_least: None, below: Some(700) },
            Range { at_least: Some(700), below: Some(1_500) },
            Range { at_least: Some(1_000), below: None },
        ]),
    ];
    query.audience.visibility = pick(&[visitor(), visitor(), staff(1), staff(2)], dice[10]);
    query.audience.company = pick(&[None, Some(company(1))], dice[11]);
    query.audience.closed = if dice[11] % 8 < 6 { Vec::new() } else { vec![company(2)] };
    query.audience.shop = pick(&[None, Some(shop(1)), Some(shop(2))], dice[12]);
    query.audience.at = hours(i64::from(dice[13] % 3) - 1);
    query.currency = Some(pick(&["GBP", "EUR", "USD"], dice[14]).to_owned());
    query
}

/// Compares a side with the twin on random products and questions. How many questions it answered alike.
fn compare(cases: u32, open: impl Fn() -> Side) -> usize {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let asked_of = std::cell::Cell::new(0);
    let products = prop::collection::vec(any::<Dice>(), 0..60);
    let questions = prop::collection::vec(any::<Dice>(), 40);
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..Config::default()
    });
    let outcome = runner.run(&(products, questions), |(products, questions)| {
        runtime.block_on(async {
            let side = open();
            let products: Vec<_> = (1..).zip(products).map(|(n, dice)| made(n, dice)).collect();
            side.fill(products.clone()).await;
            for query in questions.into_iter().map(asked) {
                same(&side, &products, &query).await?;
                asked_of.set(asked_of.get() + 1);
            }
            Ok(())
        })
    });
    outcome.unwrap();
    asked_of.get()
}

async fn same(side: &Side, products: &[ProductDocument], query: &SearchQuery) -> Result<(), TestCaseError> {
    let mut expected = twin::answer(products, query);
    let answer = side.index.search(query).await.unwrap();
    let mut found: Vec<_> = answer.hits.iter().map(|hit| number(hit.id)).collect();
    if query.sort == Sort::Relevance {
        found.sort_unstable();
        expected.found.sort_unstable();
    }
    prop_assert_eq!(&found, &expected.found, "{:?}", query);
    prop_assert_eq!(answer.total.count, u64::try_from(found.len()).unwrap());
    for (counts, expected) in answer.facets.iter().zip(&expected.facets) {
        let counts: Vec<_> = counts.values.iter().map(|one| (one.value.clone(), one.count)).collect();
        prop_assert_eq!(&counts, expected, "{:?}", query);
    }
    Ok(())
}

#[test]
fn tantivy_answers_as_its_twin_does() {
    let questions = compare(10, embedded);
    println!("counted: {questions} random questions, answered by Tantivy and its twin alike");
}

#[test]
fn elasticsearch_answers_as_its_twin_does() {
    let Some(cluster) = cluster() else { return };
    let questions = compare(4, || cluster.index());
    println!("counted: {questions} random questions, answered by Elasticsearch and its twin alike");
}

/// Asks for random texts; how many were answered.
fn ask_anything(cases: u32, side: &Side) -> u32 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(
        side.fill((1..).zip(WORDS).map(|(n, word)| product(n, &format!("{word} \"Été\" t-x 陶瓷 9z")))),
    );
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let text = prop_oneof!["[ketlampropvs \"'-]{0,30}", ".{0,60}", "[a-z陶瓷é\u{301}\"]{0,20}"];
    let outcome = runner.run(&(text, any::<bool>()), |(text, highlight)| {
        let suggest = SuggestQuery {
            audience: ask("").audience,
            text: text.clone(),
            limit: 5,
            popular: Vec::new(),
            tuning: Tuning::default(),
        };
        let query = SearchQuery { highlight, facets: vec![Facet::Attribute(text.clone())], ..ask(&text) };
        prop_assert!(runtime.block_on(side.index.search(&query)).is_ok(), "{:?}", text);
        prop_assert!(runtime.block_on(side.index.suggest(&suggest)).is_ok(), "{:?}", text);
        Ok(())
    });
    outcome.unwrap();
    cases
}

#[test]
fn tantivy_answers_any_text() {
    println!("counted: {} random texts answered by Tantivy", ask_anything(200, &embedded()));
}

#[test]
fn elasticsearch_answers_any_text() {
    let Some(cluster) = cluster() else { return };
    let side = cluster.index();
    println!("counted: {} random texts answered by Elasticsearch", ask_anything(40, &side));
}
