//! Completions while typing, on both engines: names of categories, however many products stand in others, and quotes.

use std::collections::BTreeMap;

use souk_search::index::answer::{HighlightField, SuggestionKind};
use souk_search::index::document::ProductDocument;
use souk_search::index::query::{PopularSearch, SearchQuery, SuggestQuery, Synonyms, Tuning};

use super::fixture::{Side, ask, cluster, company, embedded, number, product, staff};

fn standing_in(n: u64, category: &str) -> ProductDocument {
    let mut one = product(n, "Thing");
    let names = BTreeMap::from([(category.to_lowercase(), category.to_owned())]);
    one.categories = names.keys().cloned().collect();
    one.texts.get_mut("en").unwrap().categories = names;
    one
}

/// The names of the categories, or of the products, that are suggested.
async fn suggested(
    side: &Side,
    text: &str,
    limit: usize,
    wanted: fn(&SuggestionKind) -> bool,
) -> Vec<String> {
    let query = SuggestQuery {
        audience: ask("").audience,
        text: text.into(),
        limit,
        popular: Vec::new(),
        tuning: Tuning::default(),
    };
    let suggestions = side.index.suggest(&query).await.unwrap().into_iter();
    suggestions.filter(|one| wanted(&one.kind)).map(|one| one.text).collect()
}

async fn small_categories_beside_large_ones_are_suggested(side: &Side) {
    let sizes = [("Lighting", 60), ("Lights", 55), ("Linen", 3), ("Lids", 2), ("Mugs", 1)];
    let names = sizes.iter().flat_map(|(name, size)| std::iter::repeat_n(*name, *size));
    side.fill((1..).zip(names).map(|(n, name)| standing_in(n, name))).await;
    let categories = async |text, limit| {
        suggested(side, text, limit, |kind| matches!(kind, SuggestionKind::Category(_))).await
    };
    assert_eq!(categories("li", 5).await, ["Lighting", "Lights", "Linen", "Lids"], "{}", side.name);
    assert_eq!(categories("li", 2).await, ["Lighting", "Lights"], "{}", side.name);
    assert_eq!(categories("line", 5).await, ["Linen"], "{}", side.name);
}

async fn quoted_words_are_completed_like_others(side: &Side) {
    side.fill([product(1, "Red Mug"), product(2, "Blue Mug")]).await;
    for text in ["red mug", "\"red mug\"", "\"red\" mu", "\"red mu"] {
        let products = suggested(side, text, 5, |kind| matches!(kind, SuggestionKind::Product(_))).await;
        assert_eq!(products, ["Red Mug"], "{}: {text}", side.name);
    }
}

/// What is sold no more, or elsewhere, or was made up leads to nothing.
async fn searches_of_others_are_suggested_where_they_find_something(side: &Side) {
    let mut products = vec![product(1, "Red Mug"), product(2, "Red Lamp"), product(3, "Red Settee")];
    products[1].publication.is_active = false;
    products[2].company = company(2);
    side.fill(products).await;
    let texts = ["red cheap pills", "red couch", "red lamp", "red mugs", "red rope", "red settee"];
    let popular = |(n, text): (u64, &str)| PopularSearch { text: text.into(), weight: 100 - n };
    let mut query = SuggestQuery {
        audience: ask("").audience,
        text: "red".into(),
        limit: 2,
        popular: (0..).zip(texts).map(popular).collect(),
        tuning: Tuning::default(),
    };
    let searches = async |query: &SuggestQuery| {
        let found = side.index.suggest(query).await.unwrap().into_iter();
        found.filter(|one| one.kind == SuggestionKind::Search).map(|one| one.text).collect::<Vec<_>>()
    };
    assert_eq!(searches(&query).await, ["red mugs", "red settee"], "{}", side.name);
    query.tuning.synonyms = vec![Synonyms::Equivalent(vec!["couch".into(), "settee".into()])];
    assert_eq!(searches(&query).await, ["red couch", "red mugs"], "{}", side.name);
    query.audience.company = Some(company(1));
    assert_eq!(searches(&query).await, ["red mugs"], "{}", side.name);
    query.audience.visibility = staff(1);
    assert_eq!(searches(&query).await, ["red lamp", "red mugs"], "{}", side.name);
}

/// More products on a page than are looked at at once, and words that stand far behind in long texts.
async fn each_product_of_a_page_has_its_own_marks(side: &Side) {
    let mut products: Vec<_> = (1..=35).map(|n| product(n, &format!("Mug {n}"))).collect();
    let far = format!("{} mug", "word ".repeat(20_000));
    products[4].texts.get_mut("en").unwrap().description = far;
    side.fill(products).await;
    let query = SearchQuery { highlight: true, first: 34, ..ask("mugs") };
    let answer = side.index.search(&query).await.unwrap();
    assert_eq!((answer.hits.len(), answer.has_next), (34, true), "{}", side.name);
    for hit in &answer.hits {
        let n = number(hit.id);
        let marks: Vec<_> = hit.highlights.iter().map(|mark| (mark.field, mark.html.as_str())).collect();
        assert_eq!(
            marks,
            [(HighlightField::Name, format!("<mark>Mug</mark> {n}").as_str())],
            "{}",
            side.name
        );
    }
    let none = side.index.search(&SearchQuery { highlight: true, ..ask("") }).await.unwrap();
    assert!(none.hits.iter().all(|hit| hit.highlights.is_empty()), "{}", side.name);
}

#[tokio::test]
async fn tantivy_completes_and_marks() {
    small_categories_beside_large_ones_are_suggested(&embedded()).await;
    quoted_words_are_completed_like_others(&embedded()).await;
    searches_of_others_are_suggested_where_they_find_something(&embedded()).await;
    each_product_of_a_page_has_its_own_marks(&embedded()).await;
}

#[tokio::test]
async fn elasticsearch_completes_and_marks() {
    let Some(cluster) = cluster() else { return };
    small_categories_beside_large_ones_are_suggested(&cluster.index()).await;
    quoted_words_are_completed_like_others(&cluster.index()).await;
    searches_of_others_are_suggested_where_they_find_something(&cluster.index()).await;
    each_product_of_a_page_has_its_own_marks(&cluster.index()).await;
}
