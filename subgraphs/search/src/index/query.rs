//! What is asked of the index: words, who asks, filters, facets, order and page.

use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::page::SortDirection;
use souk_kit::permission::Visibility;

use super::document::{Availability, ProductId};

/// Most values that an answer has of one facet, and most ranges that are asked for.
pub const LARGEST_FACET: usize = 100;
/// The longest code of an attribute, in characters: the catalogue gives none that is longer.
pub const LONGEST_CODE: usize = 120;
/// Up to where totals are exact.
pub const EXACT_TOTAL: u64 = 10_000;

/// Who asks, where and when: what every question to the index begins with.
#[derive(Debug, Clone)]
pub struct Audience {
    /// What the caller may see. Without reach of its own that is what is public at `at`.
    pub visibility: Visibility,
    /// The instant for which publish windows and prices count.
    pub at: Timestamp,
    /// Only products of this company.
    pub company: Option<CompanyId>,
    /// Companies of which it is known that the public does not see them, whatever the index still says.
    pub closed: Vec<CompanyId>,
    /// Only products that are offered in this shop, at its prices. That it is active is for the caller to see to.
    pub shop: Option<ShopId>,
    /// The reader's locale (BCP 47): whose language words are analysed in, and whose texts are highlighted; none
    /// is English. Words are found as they stand in any language.
    pub locale: Option<String>,
}

/// A search.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// Who asks.
    pub audience: Audience,
    /// The words, as typed; "quoted ones" must stand together. A blank text finds everything, signs alone nothing.
    pub text: String,
    /// ISO 4217: what prices are filtered, sorted and counted in. Without it no product has a price.
    pub currency: Option<String>,
    /// Which of them. A condition that stands alone or under the outermost `And` and speaks of one facet only is
    /// the selection of that facet, which does not narrow the facet's own counts.
    pub filter: Filter,
    /// What to count.
    pub facets: Vec<Facet>,
    /// In which order.
    pub sort: Sort,
    /// How many, 0 to [`LARGEST_PAGE`](souk_kit::page::LARGEST_PAGE).
    pub first: usize,
    /// After which cursor: one of an answer to the same question.
    pub after: Option<String>,
    /// Whether to mark what was found in the texts.
    pub highlight: bool,
    /// What the company has said about searches.
    pub tuning: Tuning,
}

/// What a company has said about how its products are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Words that mean the same.
    pub synonyms: Vec<Synonyms>,
    /// Words that are left out of searches, beyond those of the language.
    pub stop_words: Vec<String>,
    /// What comes first when sorted by relevance, in this order, whether the words find it or not; filters and
    /// visibility hold for it, too. At most 100.
    pub pinned: Vec<ProductId>,
    /// What comes last when sorted by relevance.
    pub buried: Vec<ProductId>,
}

/// Words, or rows of words, that find what the others say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Synonyms {
    /// Each finds all the others.
    Equivalent(Vec<String>),
    /// Who types `from` finds what says one of `to` as well, and not the other way round.
    OneWay {
        /// What is typed.
        from: String,
        /// What is found in addition.
        to: Vec<String>,
    },
}

/// Which products. Values within one condition are alternatives; a condition without values lets none through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of these hold; of none: everything.
    And(Vec<Filter>),
    /// One of these holds; of none: nothing.
    Or(Vec<Filter>),
    /// It is one of these products.
    Product(Vec<ProductId>),
    /// It stands in one of these categories, or below.
    Category(Vec<String>),
    /// It is of one of these brands, as they are shown.
    Brand(Vec<String>),
    /// It has one of these tags, as they are shown.
    Tag(Vec<String>),
    /// It has one of these values of the attribute.
    Attribute {
        /// The attribute's code.
        code: String,
        /// Its values.
        values: Vec<String>,
    },
    /// Its price, in the currency and shop of the query, lies within; a product without a price does not.
    Price(Range),
    /// It is rated so high at least, in hundredths of a star.
    RatingAtLeast(u16),
    /// Its availability is one of these.
    Availability(Vec<Availability>),
}

impl Filter {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self::And(Vec::new())
    }
}

/// From one amount to another, in the currency's minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// The least that lies within.
    pub at_least: Option<i64>,
    /// The least that lies beyond.
    pub below: Option<i64>,
}

impl Range {
    /// Whether an amount lies within.
    #[must_use]
    pub fn contains(&self, amount: i64) -> bool {
        self.at_least.is_none_or(|least| least <= amount) && self.below.is_none_or(|end| amount < end)
    }
}

/// What to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facet {
    /// Categories, with all that lies below each; values are ids.
    Category,
    /// Brands.
    Brand,
    /// Tags.
    Tag,
    /// The values of one attribute.
    Attribute(String),
    /// How many are rated 4, 3, 2 and 1 stars and more; values are these digits.
    Rating,
    /// Availability; values are [`Availability::as_str`].
    Availability,
    /// How many cost how much, by these ranges; values are their positions, 0 upwards. The lowest and highest
    /// price stand beside them, whatever the ranges.
    Price(Vec<Range>),
}

/// The order of the answer. Whatever it is, equals stand in the order of their ids, and what lacks the value last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// What fits best first; without words, what is most sought after.
    Relevance,
    /// By price in the currency and shop of the query.
    Price(SortDirection),
    /// Newest first.
    Newest,
    /// Most sought after first.
    Popularity,
    /// Best rated first.
    Rating,
    /// By name in the product's own language, without regard to case and accents.
    Name(SortDirection),
}

/// What was typed so far.
#[derive(Debug, Clone)]
pub struct SuggestQuery {
    /// Who asks.
    pub audience: Audience,
    /// What was typed; its last word is a beginning.
    pub text: String,
    /// How many of each kind, at most 20.
    pub limit: usize,
    /// What others search for, for the company or all; those that go on from the text and find something for who asks are
    /// suggested.
    pub popular: Vec<PopularSearch>,
    /// What the company has said about searches.
    pub tuning: Tuning,
}

/// A search that many make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopularSearch {
    /// Its words.
    pub text: String,
    /// How popular it is; greater is more.
    pub weight: u64,
}
