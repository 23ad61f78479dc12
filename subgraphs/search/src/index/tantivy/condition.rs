//! Conditions as Tantivy's queries.

use std::ops::Bound;

use ::tantivy::Term;
use ::tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, FuzzyTermQuery,
    InvertedIndexRangeQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery, TermSetQuery,
};
use ::tantivy::schema::IndexRecordOption;

use super::price;
use super::schema::ProductSchema;
use crate::index::plan::PriceContext;
use crate::index::plan::condition::{Condition, TIE_BREAKER};

type Boxed = Box<dyn Query>;

pub(super) struct Translator<'a> {
    pub(super) schema: &'a ProductSchema,
    pub(super) price: Option<&'a PriceContext>,
}

impl Translator<'_> {
    pub(super) fn query(&self, condition: &Condition) -> Boxed {
        match condition {
            Condition::Everything => Box::new(ConstScoreQuery::new(Box::new(AllQuery), 1.0)),
            Condition::Nothing => Box::new(EmptyQuery),
            Condition::All(parts) => self.boolean(Occur::Must, parts),
            Condition::Any(parts) => self.boolean(Occur::Should, parts),
            Condition::AtLeast(count, parts) => {
                let parts = parts.iter().map(|part| (Occur::Should, self.query(part))).collect();
                Box::new(BooleanQuery::with_minimum_required_clauses(parts, *count))
            }
            Condition::Best(parts) => {
                let parts = parts.iter().map(|part| self.query(part)).collect();
                Box::new(DisjunctionMaxQuery::with_tie_breaker(parts, TIE_BREAKER))
            }
            Condition::Preferring(needed, preferred) => {
                let preferred = preferred.iter().map(|part| (Occur::Should, self.query(part)));
                let needed = std::iter::once((Occur::Must, self.query(needed)));
                Box::new(BooleanQuery::new(needed.chain(preferred).collect()))
            }
            Condition::Not(part) => Box::new(BooleanQuery::new(vec![
                (Occur::Must, Box::new(AllQuery)),
                (Occur::MustNot, self.query(part)),
            ])),
            Condition::Fixed(score, part) => Box::new(ConstScoreQuery::new(self.query(part), *score)),
            Condition::Weighted(weight, part) => Box::new(BoostQuery::new(self.query(part), *weight)),
            term => self.leaf(term).unwrap_or_else(|| Box::new(EmptyQuery)),
        }
    }

    /// Filters that all hold, without a score.
    pub(super) fn filter(&self, condition: &Condition) -> Boxed {
        Box::new(ConstScoreQuery::new(self.query(condition), 0.0))
    }

    fn boolean(&self, occur: Occur, parts: &[Condition]) -> Boxed {
        Box::new(BooleanQuery::new(parts.iter().map(|part| (occur, self.query(part))).collect()))
    }

    fn leaf(&self, condition: &Condition) -> Option<Boxed> {
        Some(match condition {
            Condition::Word(field, word) => {
                Box::new(TermQuery::new(self.schema.text(*field, word)?, IndexRecordOption::WithFreqs))
            }
            Condition::Prefix(field, start) => {
                beginning(self.schema.text(*field, start)?, self.schema.text(*field, &past(start))?)
            }
            Condition::Fuzzy(field, word, edits) => {
                Box::new(FuzzyTermQuery::new(self.schema.text(*field, word)?, *edits, true))
            }
            Condition::Phrase(field, words) => {
                let terms: Option<Vec<_>> = words.iter().map(|word| self.schema.text(*field, word)).collect();
                Box::new(PhraseQuery::new(terms?))
            }
            Condition::Keyword(keyword, values) => {
                let terms = values.iter().filter_map(|value| self.schema.keyword(*keyword, value));
                Box::new(TermSetQuery::new(terms))
            }
            Condition::KeywordPrefix(keyword, start) => {
                beginning(self.schema.keyword(*keyword, start)?, self.schema.keyword(*keyword, &past(start))?)
            }
            Condition::Number(number, range) => {
                let least = self.schema.number(*number, range.at_least.unwrap_or(i64::MIN))?;
                let end = match range.below {
                    Some(end) => Bound::Excluded(self.schema.number(*number, end)?),
                    None => Bound::Unbounded,
                };
                Box::new(RangeQuery::new(Bound::Included(least), end))
            }
            Condition::Price(range) => price::within(self.price?.clone(), *range),
            _ => return None,
        })
    }
}

fn beginning(start: Term, end: Term) -> Boxed {
    Box::new(InvertedIndexRangeQuery::new(Bound::Included(start), Bound::Excluded(end)))
}

/// What comes after all that begins so: nothing that is indexed holds the last of all characters.
fn past(start: &str) -> String {
    format!("{start}{}", char::MAX)
}
