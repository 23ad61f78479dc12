//! "Did you mean": words that the audience's own products have, close to those that find nothing.

use std::collections::BTreeMap;

use souk_kit::fault::Fault;

use super::asking::{plan, total};
use super::document::ProductDocument;
use super::engine::Engine;
use super::plan::condition::Condition;
use super::plan::fields::{Role, TextField};
use super::plan::matching::Stage;
use super::plan::reading::Reading;
use super::query::SearchQuery;
use super::words::{Language, words};

/// How many products are looked at for each word.
const LOOKED_AT: usize = 50;
/// How much of a text is corrected, in characters and in words.
const LONGEST: usize = 200;
const MOST_WORDS: usize = 8;
/// Texts that a word is taken from: whoever named the product chose these words.
const ROLES: [Role; 4] = [Role::Name, Role::Brand, Role::Category, Role::Tag];

/// The text with its words replaced so that it finds something; none when no such words are there.
pub(crate) async fn correct<E: Engine>(
    engine: &E,
    text: &str,
    reading: &Reading,
    query: &SearchQuery,
) -> Result<Option<String>, Fault> {
    let mut corrected: String = text.chars().take(LONGEST).collect();
    let mut is_changed = false;
    let typed = words(&corrected);
    // From the end, so that the places of the words before stay right.
    for word in typed.iter().take(MOST_WORDS).rev() {
        let alone = Reading::of(&word.folded, reading.language.clone(), &query.tuning);
        if total(engine, &alone, Stage::Strict, &query.audience).await? > 0 {
            continue;
        }
        if let Some(better) = closest(engine, &word.folded, query).await? {
            corrected.replace_range(word.start..word.end, &better);
            is_changed = true;
        }
    }
    if !is_changed {
        return Ok(None);
    }
    let language = Language::of_locale(query.audience.locale.as_deref());
    let reading = Reading::of(&corrected, language, &query.tuning);
    let finds = total(engine, &reading, Stage::Strict, &query.audience).await? > 0;
    Ok(finds.then_some(corrected))
}

async fn closest<E: Engine>(engine: &E, word: &str, query: &SearchQuery) -> Result<Option<String>, Fault> {
    let edits = match word.chars().count() {
        0..=2 => return Ok(None),
        3 => 1,
        _ => 2,
    };
    let ways = ROLES.map(|role| Condition::Fuzzy(TextField::Words(role), word.to_owned(), edits));
    let mut plan = plan(Condition::Fixed(1.0, Box::new(Condition::Any(ways.into()))), &query.audience);
    plan.limit = LOOKED_AT;
    plan.with_documents = true;
    let found = engine.find(&plan).await?;
    let mut candidates: BTreeMap<String, usize> = BTreeMap::new();
    for document in found.hits.iter().filter_map(|hit| hit.document.as_deref()) {
        let mut own = named(document);
        own.sort();
        own.dedup();
        for candidate in own {
            *candidates.entry(candidate).or_default() += 1;
        }
    }
    let distance = |candidate: &str| strsim::osa_distance(word, candidate);
    let near = candidates.into_iter().filter(|(candidate, _)| distance(candidate) <= usize::from(edits));
    Ok(near
        .min_by_key(|(candidate, count)| (distance(candidate), std::cmp::Reverse(*count)))
        .map(|(word, _)| word))
}

/// The words of a product's name, brand, categories and tags.
fn named(document: &ProductDocument) -> Vec<String> {
    let of_locales =
        document.texts.values().flat_map(|text| std::iter::once(&text.name).chain(text.categories.values()));
    let texts = of_locales.chain(&document.brand).chain(&document.tags);
    texts.flat_map(|text| words(text)).map(|word| word.folded).collect()
}
