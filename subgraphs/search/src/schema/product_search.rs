//! `search`: products by words, filters and order.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, ShopKind, SoughtId};
use souk_kit::money::{Currency, CurrencyCode};
use souk_kit::page::{DEFAULT_PAGE, LARGEST_PAGE, PageInfo, SortDirection};

use super::facet::{SearchFacet, SearchFacetInput, facets};
use super::market::{Market, Place, text};
use super::product_search_where::{ProductSearchWhere, no_currency};
use super::references::Product;
use crate::index::SharedSearchIndex;
use crate::index::answer::{HighlightField, SearchAnswer};
use crate::index::query::{Filter, SearchQuery, Sort};
use crate::store::settings::SettingsStore;

#[derive(Default)]
pub(crate) struct ProductSearchQuery;

/// What found products are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ProductSearchSortField {
    /// How well they fit the words, best first; without words how sought after they are.
    Relevance,
    /// The price in the search's currency and shop, lowest first unless said otherwise.
    Price,
    /// When they were created, newest first.
    Newest,
    /// How sought after they are, most first.
    Popularity,
    /// The mean rating, best first.
    Rating,
    /// The name in the company's own language, from A unless said otherwise.
    Name,
}

/// In which order products are found. What lacks the value stands last; equal ones by id.
#[derive(Debug, Clone, Copy, InputObject)]
pub(crate) struct ProductSearchSort {
    /// By what.
    field: ProductSearchSortField,
    /// Upwards or downwards, for PRICE and NAME; the others have one direction only, and refuse another.
    direction: Option<SortDirection>,
}

/// A page of what was found.
pub(crate) struct ProductSearchConnection {
    answer: SearchAnswer,
    came_from: bool,
    currency: Option<Currency>,
}

/// One product that was found.
#[derive(SimpleObject)]
pub(crate) struct ProductSearchEdge {
    /// For `after`.
    cursor: String,
    /// The product.
    node: Option<Product>,
    /// How well it fits the words: greater is better, comparable within one answer; null in another order than by
    /// relevance.
    score: Option<f64>,
    /// Where the words were found, if that was asked for.
    highlights: Vec<SearchHighlight>,
}

/// A text with what was found in it.
#[derive(SimpleObject)]
pub(crate) struct SearchHighlight {
    /// Which text.
    field: SearchHighlightField,
    /// The text, or the part of it around the words, as HTML: escaped, with `<mark>` around what was found.
    html: String,
}

/// A text that is highlighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum SearchHighlightField {
    /// The product's name.
    Name,
    /// Its brand.
    Brand,
    /// Its description.
    Description,
}

impl From<HighlightField> for SearchHighlightField {
    fn from(field: HighlightField) -> Self {
        match field {
            HighlightField::Name => Self::Name,
            HighlightField::Brand => Self::Brand,
            HighlightField::Description => Self::Description,
        }
    }
}

#[Object]
impl ProductSearchQuery {
    /// Products that are found. Visitors and customers find what is public now; staff find the unpublished products of
    /// their own company or shops as well. A change is found within a second or so.
    #[expect(clippy::too_many_arguments, reason = "every argument narrows the search")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The words, as typed; \"quoted ones\" must stand together. At most 200 characters. Omitted, \
            null or empty: everything."
        )]
        text: Option<String>,
        #[graphql(desc = "Only products of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "Only products that are offered in this shop, at its prices.")] shop: Option<
            SoughtId<ShopKind>,
        >,
        #[graphql(
            desc = "What prices are in. Omitted or null: the currency of the company that is named, or whose \
            shop is; over several companies, filters, sorts and facets by price need it. Prices are those that \
            everyone pays: lists for customer groups do not count here."
        )]
        currency: Option<CurrencyCode>,
        #[graphql(
            desc = "The reader's language (BCP 47, such as \"de-CH\"), by which words are taken apart. Omitted \
            or null: the first language of the request that the company has, or else the company's own."
        )]
        locale: Option<String>,
        #[graphql(name = "where", desc = "Which of them.")] filter: Option<ProductSearchWhere>,
        #[graphql(name = "facets", desc = "What to count; at most 20 facets.")] counted: Option<
            Vec<SearchFacetInput>,
        >,
        #[graphql(desc = "In which order; by relevance when not said.")] sort: Option<ProductSearchSort>,
        #[graphql(desc = "How many; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor of the same search.")] after: Option<String>,
    ) -> Result<Option<ProductSearchConnection>, Fault> {
        let text = self::text(text)?;
        let first = size(first)?;
        let market = Place { company, shop, locale }.market(ctx).await?;
        let own = market.as_ref().and_then(|market| market.currency);
        let currency = currency.map(Currency::from).or(own);
        let came_from = after.is_some();
        let Some(Market { audience, .. }) = market else {
            return Ok(Some(ProductSearchConnection {
                answer: SearchAnswer::default(),
                came_from,
                currency,
            }));
        };
        let tuning = ctx.store::<SettingsStore>()?.tuning(audience.company, &text).await?;
        let query = SearchQuery {
            audience,
            text,
            currency: currency.map(|currency| currency.code().to_owned()),
            filter: filter.map_or_else(|| Ok(Filter::everything()), |filter| filter.filter(currency))?,
            facets: facets(counted, currency)?,
            sort: order(sort, currency)?,
            first,
            after,
            highlight: asks_for_highlights(ctx),
            tuning,
        };
        let answer = ctx.store::<SharedSearchIndex>()?.search(&query).await?;
        Ok(Some(ProductSearchConnection { answer, came_from, currency }))
    }
}

#[Object]
impl ProductSearchConnection {
    /// The products of this page, each with its cursor, its score and where the words were found.
    async fn edges(&self) -> Vec<ProductSearchEdge> {
        let edges = self.answer.hits.iter().map(|hit| ProductSearchEdge {
            cursor: hit.cursor.clone(),
            node: Some(hit.id.into()),
            score: hit.score.map(f64::from),
            highlights: hit
                .highlights
                .iter()
                .map(|found| SearchHighlight { field: found.field.into(), html: found.html.clone() })
                .collect(),
        });
        edges.collect()
    }

    /// The products of this page.
    async fn nodes(&self) -> Vec<Option<Product>> {
        self.answer.hits.iter().map(|hit| Some(hit.id.into())).collect()
    }

    /// Where this page stands among all that was found. Searches go forwards only.
    async fn page_info(&self) -> PageInfo {
        let cursor = |hit: Option<&crate::index::answer::Hit>| hit.map(|hit| hit.cursor.clone());
        PageInfo {
            has_previous_page: self.came_from,
            has_next_page: self.answer.has_next,
            start_cursor: cursor(self.answer.hits.first()),
            end_cursor: cursor(self.answer.hits.last()),
        }
    }

    /// How many products were found on all pages; exact up to 10,000.
    async fn total_count(&self) -> i64 {
        i64::try_from(self.answer.total.count).unwrap_or(i64::MAX)
    }

    /// Whether `totalCount` is exact; otherwise there are more.
    async fn is_total_count_exact(&self) -> bool {
        !self.answer.total.is_lower_bound
    }

    /// The facets, in the order in which they were asked for.
    async fn facets(&self) -> Vec<SearchFacet> {
        let facets = self.answer.facets.iter().cloned();
        facets.map(|counts| SearchFacet::new(counts, self.currency)).collect()
    }

    /// When nothing was found: words that would find something.
    async fn did_you_mean(&self) -> Option<&str> {
        self.answer.did_you_mean.as_deref()
    }
}

fn size(first: Option<i32>) -> Result<usize, Fault> {
    let Some(first) = first else { return Ok(DEFAULT_PAGE) };
    let size = usize::try_from(first).ok().filter(|size| *size <= LARGEST_PAGE);
    size.ok_or_else(|| Fault::bad_input("a page has 0 to 100 items"))
}

fn order(sort: Option<ProductSearchSort>, currency: Option<Currency>) -> Result<Sort, Fault> {
    let Some(ProductSearchSort { field, direction }) = sort else { return Ok(Sort::Relevance) };
    let downwards = |sort| match direction {
        None | Some(SortDirection::Desc) => Ok(sort),
        Some(SortDirection::Asc) => Err(Fault::bad_input("this order has no other direction than DESC")),
    };
    let either = direction.unwrap_or(SortDirection::Asc);
    match field {
        ProductSearchSortField::Relevance => downwards(Sort::Relevance),
        ProductSearchSortField::Newest => downwards(Sort::Newest),
        ProductSearchSortField::Popularity => downwards(Sort::Popularity),
        ProductSearchSortField::Rating => downwards(Sort::Rating),
        ProductSearchSortField::Name => Ok(Sort::Name(either)),
        ProductSearchSortField::Price => currency.map(|_| Sort::Price(either)).ok_or_else(no_currency),
    }
}

fn asks_for_highlights(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("edges").field("highlights").exists()
}
