//! What the index answers.

use super::document::ProductId;
use super::query::Facet;

/// The answer to a search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchAnswer {
    /// In the order that was asked for.
    pub hits: Vec<Hit>,
    /// Whether more follow.
    pub has_next: bool,
    /// How many there are on all pages.
    pub total: Total,
    /// In the order in which they were asked for.
    pub facets: Vec<FacetCounts>,
    /// When nothing was found: the words that would find something, with the caller's filters left aside.
    pub did_you_mean: Option<String>,
}

/// How many were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// The number, at most [`EXACT_TOTAL`](super::query::EXACT_TOTAL).
    pub count: u64,
    /// Whether there are more than the number says.
    pub is_lower_bound: bool,
}

/// One product that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Which one.
    pub id: ProductId,
    /// How well it fits; greater is better, comparable within one answer. None when the order is not by relevance.
    pub score: Option<f32>,
    /// What was found where, if asked for.
    pub highlights: Vec<Highlight>,
    /// For `after`.
    pub cursor: String,
}

/// A text with what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// Which text.
    pub field: HighlightField,
    /// The text, or the part of it around the words, as HTML: escaped, with `<mark>` around what was found.
    pub html: String,
}

/// A text that is highlighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HighlightField {
    /// The product's name.
    Name,
    /// Its brand.
    Brand,
    /// Its description.
    Description,
}

/// The counts of one facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCounts {
    /// Which facet.
    pub facet: Facet,
    /// Most frequent first, then by value; ratings and price ranges in their own order, zeros included.
    pub values: Vec<FacetValue>,
    /// The lowest and highest price, in minor units, of facets of price alone.
    pub price_bounds: Option<(i64, i64)>,
}

/// How many products have a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// The value: see [`Facet`].
    pub value: String,
    /// How many.
    pub count: u64,
}

/// A way to go on from what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What it leads to.
    pub kind: SuggestionKind,
    /// What to show, in the reader's language.
    pub text: String,
}

/// What a suggestion leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuggestionKind {
    /// A product.
    Product(ProductId),
    /// A category, by its id.
    Category(String),
    /// A brand.
    Brand,
    /// A search that others make.
    Search,
}

/// What came of writing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Changes that took effect in the live generation.
    pub applied: u64,
    /// Changes that were late or repeated, and had none.
    pub stale: u64,
}
