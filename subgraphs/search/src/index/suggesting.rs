//! Completions while typing: products, categories, brands and what others search for.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use souk_kit::fault::Fault;

use super::answer::{FacetCounts, Suggestion, SuggestionKind};
use super::asking::{plan, stage, total};
use super::document::ProductDocument;
use super::engine::Engine;
use super::plan::condition::Condition;
use super::plan::fields::{Keyword, Role};
use super::plan::matching::{self, Stage};
use super::plan::reading::Reading;
use super::plan::{Found, Plan};
use super::query::{Facet, SuggestQuery, Tuning};
use super::words::{Language, words};

/// Most suggestions of each kind.
const MOST: usize = 20;
/// How many searches of others are tried, the most popular first.
const MOST_TRIED: usize = 20;
/// How many products are looked at for the names of categories, at once.
const LOOKED_AT: usize = 50;
/// How many categories that none of these stand in are asked for by themselves, those with the most products first.
const MOST_ASKED: usize = 20;

/// The suggestions for what was typed: searches, categories, brands, products, the best of each kind first.
pub(crate) async fn suggest<E: Engine>(engine: &E, query: &SuggestQuery) -> Result<Vec<Suggestion>, Fault> {
    let limit = query.limit.min(MOST);
    let reading = read(&query.text, query.audience.locale.as_deref());
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
    let categories = Categories { query, reading: &reading, limit };
    let categories = categories.fitting(engine);
    let searches = popular(engine, query, &reading, limit);
    let (products, brands, categories, searches) =
        futures::try_join!(products, brands, categories, searches)?;
    let mut suggestions = searches;
    suggestions.extend(categories);
    suggestions.extend(brands_of(&brands, &reading).into_iter().take(limit));
    let documents = products.hits.iter().filter_map(|hit| hit.document.as_deref());
    suggestions.extend(documents.filter_map(|document| product(document, query)));
    Ok(suggestions)
}

/// Of the words that a search must have to go on from what was typed, the one that the fewest are likely to have: what
/// to look among very many searches by.
pub(crate) fn telling_word(text: &str, locale: Option<&str>) -> Option<String> {
    read(text, locale).units.into_iter().flat_map(|unit| unit.words).max_by_key(|word| word.chars().count())
}

/// What was typed, as loose words also where they are quoted: nobody has typed to the end yet.
fn read(text: &str, locale: Option<&str>) -> Reading {
    Reading::of(&text.replace('"', " "), Language::of_locale(locale), &Tuning::default())
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

/// What categories are called, by their ids.
type Names = BTreeMap<String, String>;

/// Looks for categories whose names go on from what was typed.
struct Categories<'q> {
    query: &'q SuggestQuery,
    reading: &'q Reading,
    limit: usize,
}

impl Categories<'_> {
    /// Those with the most products first. They are counted by their ids, and products that stand in them know their
    /// names: the best ones of all, then those of any category that has no name yet, then one of each such category.
    async fn fitting<E: Engine>(&self, engine: &E) -> Result<Vec<Suggestion>, Fault> {
        let mut plan = self.plan(LOOKED_AT);
        plan.facets = vec![Facet::Category];
        let found = engine.find(&plan).await?;
        let ids: Vec<&str> = counts(&found).map(|(id, _)| id).collect();
        let mut names = Names::new();
        self.learn(&found, &mut names);
        let unnamed = self.unnamed(&ids, &names);
        if !unnamed.is_empty() {
            self.learn(&engine.find(&self.standing_in(unnamed, LOOKED_AT)).await?, &mut names);
        }
        let unnamed = self.unnamed(&ids, &names).into_iter().take(MOST_ASKED);
        let plans: Vec<Plan> = unnamed.map(|id| self.standing_in(vec![id], 1)).collect();
        for found in try_join_all(plans.iter().map(|plan| engine.find(plan))).await? {
            self.learn(&found, &mut names);
        }
        let named = ids.into_iter().filter_map(|id| Some((id, names.get(id)?)));
        let suggestion = |(id, name): (&str, &String)| Suggestion {
            kind: SuggestionKind::Category(id.to_owned()),
            text: name.clone(),
        };
        Ok(named.filter(|(_, name)| self.fits(name)).map(suggestion).take(self.limit).collect())
    }

    fn plan(&self, limit: usize) -> Plan {
        let mut plan = asked(self.reading, Stage::Strict, &[Role::Category], self.query);
        plan.limit = limit;
        plan.with_documents = true;
        plan
    }

    fn standing_in(&self, categories: Vec<String>, limit: usize) -> Plan {
        let mut plan = self.plan(limit);
        plan.filters.push(Condition::Keyword(Keyword::Categories, categories));
        plan
    }

    fn learn(&self, found: &Found, names: &mut Names) {
        let documents = found.hits.iter().filter_map(|hit| hit.document.as_deref());
        let locale = self.query.audience.locale.as_deref();
        for known in documents.filter_map(|document| document.categories_for(locale)) {
            names.extend(known.iter().map(|(id, name)| (id.clone(), name.clone())));
        }
    }

    /// Categories without a name that may be among the first that fit; none when enough before them do.
    fn unnamed(&self, ids: &[&str], names: &Names) -> Vec<String> {
        let mut fitting = 0;
        let mut unnamed = Vec::new();
        for id in ids {
            match names.get(*id) {
                Some(name) => fitting += usize::from(self.fits(name)),
                None if fitting < self.limit => unnamed.push((*id).to_owned()),
                None => break,
            }
        }
        unnamed
    }

    fn fits(&self, name: &str) -> bool {
        goes_on(name, self.reading)
    }
}

/// Searches of others that go on from what was typed. What they searched for may be sold no more, or elsewhere, and
/// visitors may have made it up: only what finds something for who asks is suggested.
async fn popular<E: Engine>(
    engine: &E,
    query: &SuggestQuery,
    reading: &Reading,
    limit: usize,
) -> Result<Vec<Suggestion>, Fault> {
    let mut fitting: Vec<_> = query.popular.iter().filter(|search| goes_on(&search.text, reading)).collect();
    fitting.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
    fitting.dedup_by(|a, b| a.text == b.text);
    let mut fitting = fitting.into_iter().map(|search| &search.text).take(MOST_TRIED);
    let mut suggestions = Vec::new();
    while suggestions.len() < limit {
        let some: Vec<_> = fitting.by_ref().take(limit - suggestions.len()).collect();
        if some.is_empty() {
            break;
        }
        let finds = some.iter().map(|text| finds_something(engine, query, text));
        let finds = try_join_all(finds).await?;
        let found = some.into_iter().zip(finds).filter(|(_, finds)| *finds);
        suggestions
            .extend(found.map(|(text, _)| Suggestion { kind: SuggestionKind::Search, text: text.clone() }));
    }
    Ok(suggestions)
}

async fn finds_something<E: Engine>(engine: &E, query: &SuggestQuery, text: &str) -> Result<bool, Fault> {
    let language = Language::of_locale(query.audience.locale.as_deref());
    let reading = Reading::of(text, language, &query.tuning);
    Ok(total(engine, &reading, Stage::Strict, &query.audience).await? > 0)
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
