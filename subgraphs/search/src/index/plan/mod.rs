//! What an engine is asked for: conditions over terms, an order, facets. Engines translate it and decide nothing.

pub(crate) mod condition;
pub(crate) mod fields;
pub(crate) mod filters;
pub(crate) mod matching;
pub(crate) mod reading;

use souk_kit::clock::Timestamp;
use souk_kit::id::ShopId;
use souk_kit::page::SortDirection;

use super::answer::{FacetCounts, Total};
use super::document::{ProductDocument, ProductId};
use super::query::Facet;
use condition::Condition;

/// One question to an engine.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// What is found, and how well it fits.
    pub(crate) matching: Condition,
    /// What must hold besides, without any part in the score.
    pub(crate) filters: Vec<Condition>,
    /// What was selected of a facet: narrows all but the facet's own counts.
    pub(crate) selections: Vec<(Dimension, Condition)>,
    /// Which price counts; none when the question names no currency.
    pub(crate) price: Option<PriceContext>,
    /// What to count.
    pub(crate) facets: Vec<Facet>,
    /// In which order.
    pub(crate) order: Order,
    /// Only what stands after this.
    pub(crate) after: Option<Position>,
    /// How many hits.
    pub(crate) limit: usize,
    /// Whether hits carry their documents.
    pub(crate) with_documents: bool,
}

/// What a facet counts, apart from how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dimension {
    Category,
    Brand,
    Tag,
    Attribute(String),
    Rating,
    Availability,
    Price,
}

impl Dimension {
    pub(crate) fn of(facet: &Facet) -> Self {
        match facet {
            Facet::Category => Self::Category,
            Facet::Brand => Self::Brand,
            Facet::Tag => Self::Tag,
            Facet::Attribute(code) => Self::Attribute(code.clone()),
            Facet::Rating => Self::Rating,
            Facet::Availability => Self::Availability,
            Facet::Price(_) => Self::Price,
        }
    }
}

/// Which of a product's prices counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PriceContext {
    pub(crate) currency: String,
    pub(crate) shop: Option<ShopId>,
    pub(crate) at: Timestamp,
}

/// By what hits are ordered; equals by their ids, what lacks the value last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Greatest score first, then most popular.
    Score,
    Price(SortDirection),
    Newest,
    Popularity,
    Rating,
    Name(SortDirection),
}

impl Order {
    /// The order's name in cursors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Price(SortDirection::Asc) => "price:asc",
            Self::Price(SortDirection::Desc) => "price:desc",
            Self::Newest => "newest",
            Self::Popularity => "popularity",
            Self::Rating => "rating",
            Self::Name(SortDirection::Asc) => "name:asc",
            Self::Name(SortDirection::Desc) => "name:desc",
        }
    }

    pub(crate) fn is_ascending(self) -> bool {
        match self {
            Self::Price(direction) | Self::Name(direction) => direction == SortDirection::Asc,
            Self::Score | Self::Newest | Self::Popularity | Self::Rating => false,
        }
    }
}

/// Where a hit stands in an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Position {
    pub(crate) value: OrderValue,
    /// What parts equal scores; 0 in other orders.
    pub(crate) popularity: i64,
    pub(crate) id: ProductId,
}

/// The value that a hit is ordered by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OrderValue {
    Score(f32),
    Number(Option<i64>),
    /// Empty in an index whose layout lacks it.
    Text(String),
}

/// What an engine answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) hits: Vec<FoundHit>,
    pub(crate) total: Total,
    pub(crate) facets: Vec<FacetCounts>,
}

/// A hit as an engine answers it.
#[derive(Debug, Clone)]
pub(crate) struct FoundHit {
    pub(crate) position: Position,
    /// None when it was not asked for, or when another version wrote it in a form that this one does not read.
    pub(crate) document: Option<Box<ProductDocument>>,
}
