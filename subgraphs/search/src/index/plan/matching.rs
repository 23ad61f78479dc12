//! What a reading asks of products, and what it is worth when they have it.

use super::condition::Condition;
use super::fields::{Keyword, Role, TextField, sort_name};
use super::reading::{Reading, Unit};
use crate::index::document::ProductId;
use crate::index::query::Tuning;
use crate::index::words::forgiven_edits;

/// What the whole text as an SKU or barcode is worth: more than words ever reach.
const WHOLE_CODE: f32 = 4_096.0;
/// What a word as an SKU or barcode is worth.
const CODE: f32 = 60.0;
/// What the whole name is worth.
const WHOLE_NAME: f32 = 30.0;
/// What a product that is not buried is worth beside those that are.
const NOT_BURIED: f32 = 16_384.0;
/// What the last of the pinned products is worth; each before it that much more.
const PINNED: f32 = 1_048_576.0;
/// What words count without their endings, as beginnings, mistyped.
const STEM: f32 = 0.7;
const BEGINNING: f32 = 0.5;
const MISTYPED: f32 = 0.25;

/// How much may be amiss with the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// They are as typed.
    Strict,
    /// They may be mistyped.
    Tolerant,
    /// They may be mistyped, and one may be missing.
    Partial,
}

impl Stage {
    pub(crate) const ALL: [Self; 3] = [Self::Strict, Self::Tolerant, Self::Partial];

    fn forgives(self) -> bool {
        self != Self::Strict
    }
}

/// What finds the words of a reading: everything, when nothing was typed.
pub(crate) fn words(reading: &Reading, stage: Stage, roles: &[Role]) -> Condition {
    if reading.is_empty() {
        return if reading.is_blank { Condition::Everything } else { Condition::Nothing };
    }
    let unit = |one: &Unit| unit(one, reading, stage, roles);
    let units: Vec<_> = reading.units.iter().map(unit).collect();
    let phrases = reading.phrases.iter().map(|row| phrase(row, roles));
    let needed = units.len().saturating_sub(1);
    let mut conditions = match stage {
        Stage::Partial if units.len() > 2 => vec![Condition::AtLeast(needed, units)],
        Stage::Strict | Stage::Tolerant | Stage::Partial => units,
    };
    conditions.extend(phrases);
    let row = |row: &[String]| Condition::Phrase(TextField::Words(Role::Name), row.to_vec());
    let mut preferences: Vec<_> = reading.typed.windows(2).map(row).collect();
    let name = sort_name(&reading.typed.join(" "));
    preferences
        .push(Condition::Fixed(WHOLE_NAME, Box::new(Condition::Keyword(Keyword::SortName, vec![name]))));
    let found = Condition::Preferring(Box::new(Condition::All(conditions)), preferences);
    if reading.code.is_empty() {
        return found;
    }
    let code = Condition::Keyword(Keyword::Codes, vec![reading.code.clone()]);
    Condition::Any(vec![found, Condition::Fixed(WHOLE_CODE, Box::new(code))])
}

fn unit(unit: &Unit, reading: &Reading, stage: Stage, roles: &[Role]) -> Condition {
    let last = unit.words.len().saturating_sub(1);
    let typed = unit.words.iter().enumerate().map(|(position, one)| {
        word(
            one,
            reading,
            Accept { beginning: unit.is_last && position == last, mistyped: stage.forgives() },
            roles,
        )
    });
    let as_typed = all(typed.collect());
    if unit.synonyms.is_empty() {
        return as_typed;
    }
    let exact = Accept { beginning: false, mistyped: false };
    let synonym = |row: &Vec<String>| all(row.iter().map(|one| word(one, reading, exact, roles)).collect());
    Condition::Best(std::iter::once(as_typed).chain(unit.synonyms.iter().map(synonym)).collect())
}

fn all(mut conditions: Vec<Condition>) -> Condition {
    match (conditions.pop(), conditions.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            conditions.push(last);
            Condition::All(conditions)
        }
        (None, _) => Condition::Everything,
    }
}

#[derive(Clone, Copy)]
struct Accept {
    beginning: bool,
    mistyped: bool,
}

fn word(word: &str, reading: &Reading, accept: Accept, roles: &[Role]) -> Condition {
    let stem = reading.language.stem(word);
    let edits = if accept.mistyped { forgiven_edits(word) } else { 0 };
    let mut ways = Vec::new();
    for &role in roles {
        let (weight, field) = (role.weight(), TextField::Words(role));
        ways.push(Condition::Weighted(weight, Box::new(Condition::Word(field, word.to_owned()))));
        let stem = Condition::Word(TextField::Stems(role), stem.clone());
        ways.push(Condition::Weighted(weight * STEM, Box::new(stem)));
        if accept.beginning {
            let prefix = Condition::Prefix(field, word.to_owned());
            ways.push(Condition::Fixed(weight * BEGINNING, Box::new(prefix)));
        }
        if edits > 0 {
            let fuzzy = Condition::Fuzzy(field, word.to_owned(), edits);
            ways.push(Condition::Fixed(weight * MISTYPED, Box::new(fuzzy)));
        }
    }
    let code = Condition::Keyword(Keyword::Codes, vec![word.to_owned()]);
    ways.push(Condition::Fixed(CODE, Box::new(code)));
    if accept.beginning && word.chars().any(|c| c.is_ascii_digit()) {
        let code = Condition::KeywordPrefix(Keyword::Codes, word.to_owned());
        ways.push(Condition::Fixed(Role::Name.weight() * BEGINNING, Box::new(code)));
    }
    Condition::Best(ways)
}

fn phrase(row: &[String], roles: &[Role]) -> Condition {
    let in_role = |&role: &Role| {
        let field = TextField::Words(role);
        let phrase = match row {
            [only] => Condition::Word(field, only.clone()),
            row => Condition::Phrase(field, row.to_vec()),
        };
        Condition::Weighted(role.weight(), Box::new(phrase))
    };
    Condition::Best(roles.iter().map(in_role).collect())
}

/// Puts a company's pinned products first and its buried ones last.
pub(crate) fn tuned(found: Condition, tuning: &Tuning, most: usize) -> Condition {
    let keyword =
        |ids: &[ProductId]| Condition::Keyword(Keyword::Id, ids.iter().map(ToString::to_string).collect());
    let mut tuned = found;
    if !tuning.buried.is_empty() {
        let others = Condition::Not(Box::new(keyword(&tuning.buried)));
        tuned = Condition::Preferring(Box::new(tuned), vec![Condition::Fixed(NOT_BURIED, Box::new(others))]);
    }
    let pinned = tuning.pinned.get(..most).unwrap_or(&tuning.pinned);
    if pinned.is_empty() {
        return tuned;
    }
    let mut score = 0.0;
    let pins = pinned.iter().rev().map(|id| {
        score += PINNED;
        Condition::Fixed(score, Box::new(keyword(std::slice::from_ref(id))))
    });
    Condition::Any(pins.chain([tuned]).collect::<Vec<_>>())
}
