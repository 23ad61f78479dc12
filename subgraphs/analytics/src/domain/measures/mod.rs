//! What is counted: one file per measure, and one line in [`ALL`]. A domain that has something of its own to count adds
//! what happens to [`Happening`] and its measures beside these.

pub(crate) mod clicks_at;
pub(crate) mod list_views;
pub(crate) mod lists;
pub(crate) mod product_clicks;
pub(crate) mod product_views;
pub(crate) mod products_created;
pub(crate) mod products_published;
pub(crate) mod result_clicks;
pub(crate) mod results_shown;
pub(crate) mod search_texts;
pub(crate) mod search_texts_without_results;
pub(crate) mod searchers;
pub(crate) mod searches;
pub(crate) mod searches_without_results;
pub(crate) mod shops_closed;
pub(crate) mod shops_opened;
pub(crate) mod viewing_ms;
pub(crate) mod views;
pub(crate) mod visitors;

use super::visit::Visit;

/// Something that measures may count.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Happening<'h> {
    /// A visitor did something.
    Visit(&'h Visit),
    /// A product was made.
    ProductCreated,
    /// A product became active for the first time.
    ProductPublished,
    /// A shop was made, or activated again.
    ShopOpened,
    /// A shop was deactivated.
    ShopClosed,
}

/// What a measure counts of something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Share {
    /// It is none of its business.
    Nothing,
    /// So many more.
    Count(i64),
    /// One more visitor, unless it was counted before; by its hash.
    Visitor(u64),
    /// So many more of one item, such as a product.
    Item(String, i64),
}

/// Something that is counted by hour, company and shop.
pub(crate) struct Measure {
    /// What the figures are stored under: never change it.
    pub(crate) name: &'static str,
    /// What it counts of something that happened.
    pub(crate) share: fn(&Happening<'_>) -> Share,
}

/// All measures.
pub(crate) const ALL: &[Measure] = &[
    views::MEASURE,
    viewing_ms::MEASURE,
    visitors::MEASURE,
    list_views::MEASURE,
    searches::MEASURE,
    searches_without_results::MEASURE,
    result_clicks::MEASURE,
    products_created::MEASURE,
    products_published::MEASURE,
    shops_opened::MEASURE,
    shops_closed::MEASURE,
    product_views::MEASURE,
    product_clicks::MEASURE,
    lists::MEASURE,
    search_texts::MEASURE,
    search_texts_without_results::MEASURE,
    searchers::MEASURE,
    results_shown::MEASURE,
    clicks_at::MEASURE,
];
