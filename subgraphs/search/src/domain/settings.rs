//! What a company says of how its products are found: synonyms, stop words, and what comes first or last for certain
//! searches.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use souk_kit::id::CompanyId;

use super::ids::{ProductId, SettingsId};
use crate::index::query::{Synonyms, Tuning};

/// Most sets of synonyms, and most curated searches, of one company.
pub const MOST_ENTRIES: usize = 100;
/// Most stop words of one company.
pub const MOST_STOP_WORDS: usize = 100;
/// Most words of one set of synonyms, and most wordings of one curated search.
pub const MOST_WORDS: usize = 20;
/// Most products that one curated search puts first, and most that it puts last.
pub const MOST_PRODUCTS: usize = 50;
/// The longest word or wording, in characters.
pub const LONGEST_WORD: usize = 100;

/// The settings of one company. Those that were never set are empty, at version 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Their id.
    pub id: SettingsId,
    /// Whose they are.
    pub company: CompanyId,
    /// How often they were changed.
    pub version: i64,
    /// What they say.
    pub content: Content,
}

/// What settings say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Words that find what others say.
    #[serde(default)]
    pub synonyms: Vec<SynonymSet>,
    /// Words that are left out of searches.
    #[serde(default)]
    pub stop_words: Vec<String>,
    /// Searches with products that come first or last.
    #[serde(default)]
    pub curations: Vec<Curation>,
}

/// Words that find what others say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynonymSet {
    /// What is typed; none: each of `words` finds all the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What is found.
    pub words: Vec<String>,
}

/// Searches with products that come first or last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Curation {
    /// The wordings, of which one is searched for.
    pub searches: Vec<String>,
    /// What comes first, in this order.
    #[serde(default)]
    pub pinned: Vec<ProductId>,
    /// What comes last.
    #[serde(default)]
    pub buried: Vec<ProductId>,
}

/// What of settings is to be another; none leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub struct SettingsChange {
    /// All sets of synonyms.
    pub synonyms: Option<Vec<SynonymSet>>,
    /// All stop words.
    pub stop_words: Option<Vec<String>>,
    /// All curated searches.
    pub curations: Option<Vec<Curation>>,
}

/// Why settings are refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where, from the input down.
    pub path: Vec<String>,
    /// Why.
    pub reason: Reason,
}

/// Why settings are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A word without letters or digits.
    #[error("must have a letter or a digit")]
    Required,
    /// A word or wording of too many characters.
    #[error("must have at most {LONGEST_WORD} characters")]
    TooLong,
    /// A list of too many entries.
    #[error("has too many entries: at most {0}")]
    TooMany(usize),
    /// A set of synonyms of which nothing follows.
    #[error("needs two words at least, or one word and what it stands for")]
    TooFew,
    /// The same twice.
    #[error("stands there twice")]
    Duplicate,
}

impl Settings {
    /// The settings of a company that never set any.
    #[must_use]
    pub fn unset(company: CompanyId) -> Self {
        Self { id: id_of(company), company, version: 0, content: Content::default() }
    }

    /// Applies a change, all of it or nothing; whether anything is another now.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn apply(&mut self, change: SettingsChange) -> Result<bool, Vec<Refusal>> {
        let mut next = self.content.clone();
        let mut refusals = Vec::new();
        if let Some(synonyms) = change.synonyms {
            next.synonyms = synonyms.into_iter().map(SynonymSet::trimmed).collect();
            check_synonyms(&next.synonyms, &mut refusals);
        }
        if let Some(words) = change.stop_words {
            next.stop_words = words.iter().map(|word| word.trim().to_owned()).collect();
            check_words(&next.stop_words, MOST_STOP_WORDS, &["stopWords"], &mut refusals);
        }
        if let Some(curations) = change.curations {
            next.curations = curations.into_iter().map(Curation::trimmed).collect();
            check_curations(&next.curations, &mut refusals);
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let is_another = next != self.content;
        self.content = next;
        Ok(is_another)
    }
}

impl Content {
    /// What they say about a search for `text`.
    #[must_use]
    pub fn tuning(&self, text: &str) -> Tuning {
        let synonyms = self.synonyms.iter().map(|set| match &set.from {
            None => Synonyms::Equivalent(set.words.clone()),
            Some(from) => Synonyms::OneWay { from: from.clone(), to: set.words.clone() },
        });
        let wording = plain(text);
        let is_meant = |curation: &&Curation| curation.searches.iter().any(|search| plain(search) == wording);
        let curation = self.curations.iter().find(is_meant);
        Tuning {
            synonyms: synonyms.collect(),
            stop_words: self.stop_words.clone(),
            pinned: curation.map(|curation| curation.pinned.clone()).unwrap_or_default(),
            buried: curation.map(|curation| curation.buried.clone()).unwrap_or_default(),
        }
    }
}

impl SynonymSet {
    fn trimmed(self) -> Self {
        Self {
            from: self.from.map(|from| from.trim().to_owned()),
            words: self.words.iter().map(|word| word.trim().to_owned()).collect(),
        }
    }
}

impl Curation {
    fn trimmed(self) -> Self {
        Self { searches: self.searches.iter().map(|search| search.trim().to_owned()).collect(), ..self }
    }
}

/// The id of a company's settings: there is one of them.
#[must_use]
pub fn id_of(company: CompanyId) -> SettingsId {
    SettingsId::from_uuid(company.uuid())
}

/// A wording without regard to case and to the space between words.
fn plain(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check_synonyms(sets: &[SynonymSet], refusals: &mut Vec<Refusal>) {
    check_count(sets.len(), MOST_ENTRIES, &["synonyms"], refusals);
    for (place, set) in sets.iter().enumerate() {
        let place = place.to_string();
        check_words(&set.words, MOST_WORDS, &["synonyms", &place, "words"], refusals);
        if let Some(from) = &set.from {
            refusals.extend(check_word(from, &["synonyms", &place, "from"]));
        }
        if set.words.len() < if set.from.is_some() { 1 } else { 2 } {
            refusals.push(refusal(&["synonyms", &place, "words"], Reason::TooFew));
        }
    }
}

fn check_curations(curations: &[Curation], refusals: &mut Vec<Refusal>) {
    check_count(curations.len(), MOST_ENTRIES, &["curations"], refusals);
    let mut wordings = BTreeSet::new();
    for (place, curation) in curations.iter().enumerate() {
        let place = place.to_string();
        let way = ["curations", place.as_str(), "searches"];
        if curation.searches.is_empty() {
            refusals.push(refusal(&way, Reason::Required));
        }
        check_words(&curation.searches, MOST_WORDS, &way, refusals);
        if !curation.searches.iter().all(|search| wordings.insert(plain(search))) {
            refusals.push(refusal(&way, Reason::Duplicate));
        }
        check_count(curation.pinned.len(), MOST_PRODUCTS, &["curations", &place, "pinned"], refusals);
        check_count(curation.buried.len(), MOST_PRODUCTS, &["curations", &place, "buried"], refusals);
        let products: BTreeSet<_> = curation.pinned.iter().chain(&curation.buried).collect();
        if products.len() < curation.pinned.len() + curation.buried.len() {
            refusals.push(refusal(&["curations", &place], Reason::Duplicate));
        }
    }
}

fn check_words(words: &[String], most: usize, way: &[&str], refusals: &mut Vec<Refusal>) {
    check_count(words.len(), most, way, refusals);
    for (place, word) in words.iter().enumerate() {
        let place = place.to_string();
        let way: Vec<&str> = way.iter().copied().chain([place.as_str()]).collect();
        refusals.extend(check_word(word, &way));
    }
}

fn check_word(word: &str, way: &[&str]) -> Option<Refusal> {
    if !word.chars().any(char::is_alphanumeric) {
        return Some(refusal(way, Reason::Required));
    }
    (word.chars().count() > LONGEST_WORD).then(|| refusal(way, Reason::TooLong))
}

fn check_count(count: usize, most: usize, way: &[&str], refusals: &mut Vec<Refusal>) {
    if count > most {
        refusals.push(refusal(way, Reason::TooMany(most)));
    }
}

fn refusal(way: &[&str], reason: Reason) -> Refusal {
    Refusal { path: way.iter().map(|step| (*step).to_owned()).collect(), reason }
}

#[cfg(test)]
mod tests {
    use souk_kit::clock::Timestamp;

    use super::*;

    fn settings() -> Settings {
        Settings::unset(CompanyId::new(Timestamp::UNIX_EPOCH))
    }

    fn set(from: Option<&str>, words: &[&str]) -> SynonymSet {
        SynonymSet { from: from.map(Into::into), words: words.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn what_follows_from_nothing_or_is_too_much_is_refused_where_it_stands() {
        let product = ProductId::new(Timestamp::UNIX_EPOCH);
        let twice = Curation { searches: vec!["tea".into()], pinned: vec![product], buried: vec![product] };
        let change = SettingsChange {
            synonyms: Some(vec![set(None, &["cup"]), set(Some(" "), &["mug"])]),
            stop_words: Some(vec!["x".repeat(101)]),
            curations: Some(vec![twice.clone(), Curation { pinned: vec![], buried: vec![], ..twice }]),
        };
        let mut found = settings();
        let refusals = found.apply(change).unwrap_err();
        let refusals: Vec<_> = refusals.iter().map(|one| (one.path.join("."), one.reason)).collect();
        assert_eq!(
            refusals,
            [
                ("synonyms.0.words".to_owned(), Reason::TooFew),
                ("synonyms.1.from".to_owned(), Reason::Required),
                ("stopWords.0".to_owned(), Reason::TooLong),
                ("curations.0".to_owned(), Reason::Duplicate),
                ("curations.1.searches".to_owned(), Reason::Duplicate),
            ]
        );
        assert_eq!(found.content, Content::default());
    }

    #[test]
    fn a_search_is_curated_whatever_its_case_and_spaces() {
        let product = ProductId::new(Timestamp::UNIX_EPOCH);
        let mut found = settings();
        let curation = Curation { searches: vec!["Tea  Pot".into()], pinned: vec![product], buried: vec![] };
        let change = SettingsChange {
            synonyms: Some(vec![set(None, &["cup", "mug"]), set(Some("brew"), &["tea"])]),
            stop_words: None,
            curations: Some(vec![curation]),
        };
        assert_eq!(found.apply(change.clone()), Ok(true));
        assert_eq!(found.apply(change), Ok(false));
        assert_eq!(found.content.tuning(" tea POT").pinned, [product]);
        let other = found.content.tuning("pot");
        assert!(other.pinned.is_empty() && other.synonyms.len() == 2);
    }
}
