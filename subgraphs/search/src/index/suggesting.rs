//! Completions while typing: products, categories, brands and what others search for.

use std::collections::BTreeMap;

use souk_kit::fault::Fault;

use super::answer::{FacetCounts, Suggestion, SuggestionKind};
use super::asking::{plan, stage};
use super::document::ProductDocument;
use super::engine::Engine;
use super::plan::fields::Role;
use super::plan::matching::{self, Stage};
use super::plan::reading::Reading;
use super::plan::{Found, Plan};
use super::query::{Facet, SuggestQuery, Tuning};
use super::words::{Language, words};

/// Most suggestions of each kind.
const MOST: usize = 20;
/// How many products are looked at for the names of categories.
const LOOKED_AT: usize = 50;

/// The suggestions for what was typed: searches, categories, brands, products, the best of each kind first.
pub(crate) async fn suggest<E: Engine>(engine: &E, query: &SuggestQuery) -> Result<Vec<Suggestion>, Fault> {
    let limit = query.limit.min(MOST);
    let language = Language::of_locale(query.audience.locale.as_deref());
    let reading = Reading::of(&query.text, language, &Tuning::default());
    if reading.typed.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let products = async {
        let stage = stage(engine, &reading, &query.audience).await?;
        let mut plan = asked(&reading, stage, &Role::ALL, query);
        plan.limit = limit;
        plan.with_documents = true;
        engine.find(&plan).await
    };
    let brands = async {
        let mut plan = asked(&reading, Stage::Strict, &[Role::Brand], query);
        plan.facets = vec![Facet::Brand];
        engine.find(&plan).await
    };
    let categories = async {
        let mut plan = asked(&reading, Stage::Strict, &[Role::Category], query);
        plan.facets = vec![Facet::Category];
        plan.limit = LOOKED_AT;
        plan.with_documents = true;
        engine.find(&plan).await
    };
    let (products, brands, categories) = futures::try_join!(products, brands, categories)?;
    let mut suggestions = popular(query, &reading, limit);
    suggestions.extend(categories_of(&categories, query, &reading).into_iter().take(limit));
    suggestions.extend(brands_of(&brands, &reading).into_iter().take(limit));
    let documents = products.hits.iter().filter_map(|hit| hit.document.as_deref());
    suggestions.extend(documents.filter_map(|document| product(document, query)));
    Ok(suggestions)
}

/// Of the words that a search must have to go on from what was typed, the one that the fewest are likely to have: what
/// to look among very many searches by.
pub(crate) fn telling_word(text: &str, locale: Option<&str>) -> Option<String> {
    let reading = Reading::of(text, Language::of_locale(locale), &Tuning::default());
    reading.units.into_iter().flat_map(|unit| unit.words).max_by_key(|word| word.chars().count())
}

fn asked(reading: &Reading, stage: Stage, roles: &[Role], query: &SuggestQuery) -> Plan {
    plan(matching::words(reading, stage, roles), &query.audience)
}

fn product(document: &ProductDocument, query: &SuggestQuery) -> Option<Suggestion> {
    let text = document.text(query.audience.locale.as_deref())?;
    Some(Suggestion { kind: SuggestionKind::Product(document.id), text: text.name.clone() })
}

fn counts(found: &Found) -> impl Iterator<Item = (&str, u64)> {
    let values = found.facets.iter().flat_map(|FacetCounts { values, .. }| values);
    values.map(|value| (value.value.as_str(), value.count))
}

fn brands_of(found: &Found, reading: &Reading) -> Vec<Suggestion> {
    let brands = counts(found).filter(|(brand, _)| goes_on(brand, reading));
    brands.map(|(brand, _)| Suggestion { kind: SuggestionKind::Brand, text: brand.to_owned() }).collect()
}

fn categories_of(found: &Found, query: &SuggestQuery, reading: &Reading) -> Vec<Suggestion> {
    let documents = found.hits.iter().filter_map(|hit| hit.document.as_deref());
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for known in documents.filter_map(|document| document.categories_for(query.audience.locale.as_deref())) {
        names.extend(known.iter().map(|(id, name)| (id.as_str(), name.as_str())));
    }
    let named = counts(found).filter_map(|(id, _)| Some((id, *names.get(id)?)));
    let fitting = named.filter(|(_, name)| goes_on(name, reading));
    let suggestion = |(id, name): (&str, &str)| Suggestion {
        kind: SuggestionKind::Category(id.to_owned()),
        text: name.to_owned(),
    };
    fitting.map(suggestion).collect()
}

fn popular(query: &SuggestQuery, reading: &Reading, limit: usize) -> Vec<Suggestion> {
    let mut fitting: Vec<_> = query.popular.iter().filter(|search| goes_on(&search.text, reading)).collect();
    fitting.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
    fitting.dedup_by(|a, b| a.text == b.text);
    let suggestion = |text: &String| Suggestion { kind: SuggestionKind::Search, text: text.clone() };
    fitting.into_iter().take(limit).map(|search| suggestion(&search.text)).collect()
}

/// Whether a text has every word that was typed, the last as a beginning.
fn goes_on(text: &str, reading: &Reading) -> bool {
    let own = words(text);
    let stem = |word: &str| reading.language.stem(word);
    reading.units.iter().all(|unit| {
        let last = unit.words.len().saturating_sub(1);
        unit.words.iter().enumerate().all(|(position, typed)| {
            let may_go_on = unit.is_last && position == last;
            own.iter().any(|word| {
                word.folded == *typed
                    || stem(&word.folded) == stem(typed)
                    || may_go_on && word.folded.starts_with(typed.as_str())
            })
        })
    })
}
