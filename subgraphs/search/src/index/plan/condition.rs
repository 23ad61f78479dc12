//! Conditions over the terms and values of indexed products.

use super::fields::{Keyword, Number, TextField};
use crate::index::query::Range;

/// What holds for a product, and how much it adds to its score.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// Everything, at a score of 1.
    Everything,
    /// Nothing.
    Nothing,
    /// All of these; scores add up.
    All(Vec<Condition>),
    /// One of these at least; scores add up.
    Any(Vec<Condition>),
    /// So many of these at least; scores add up.
    AtLeast(usize, Vec<Condition>),
    /// One of these at least; the best score counts, and a tenth of the others.
    Best(Vec<Condition>),
    /// The first; the others only add to the score.
    Preferring(Box<Condition>, Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// This, at a score of its own.
    Fixed(f32, Box<Condition>),
    /// This, with its score multiplied.
    Weighted(f32, Box<Condition>),
    /// The text has the word; scored by BM25.
    Word(TextField, String),
    /// The text has a word that begins so.
    Prefix(TextField, String),
    /// The text has a word that is at most so many edits away; swapping two neighbours is one.
    Fuzzy(TextField, String, u8),
    /// The text has the words in this row; scored by BM25.
    Phrase(TextField, Vec<String>),
    /// One of these stands among the keywords.
    Keyword(Keyword, Vec<String>),
    /// A keyword begins so.
    KeywordPrefix(Keyword, String),
    /// The number lies within.
    Number(Number, Range),
    /// The price lies within.
    Price(Range),
}

/// What each score of a [`Condition::Best`] but the best is multiplied by.
pub(crate) const TIE_BREAKER: f32 = 0.1;
