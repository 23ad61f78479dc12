//! `suggest`: how to go on from what was typed.

use async_graphql::{Context, Enum, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, ShopKind, SoughtId};

use super::market::{Market, Place, text};
use super::references::{Category, Product};
use crate::domain::ids::CategoryId;
use crate::index::SharedSearchIndex;
use crate::index::answer::{Suggestion, SuggestionKind};
use crate::index::query::SuggestQuery;
use crate::index::suggesting::telling_word;
use crate::store::popular::PopularSearches;
use crate::store::settings::SettingsStore;

/// How many of each kind, when not said.
const USUAL: usize = 5;
/// How many of each kind at most.
const MOST: usize = 20;

#[derive(Default)]
pub(crate) struct SuggestionQuery;

/// What a suggestion leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum SearchSuggestionKind {
    /// A product.
    Product,
    /// A category.
    Category,
    /// A brand: search for its name, or filter by it.
    Brand,
    /// A search that others make.
    Search,
}

/// A way to go on from what was typed.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SearchSuggestion {
    /// What it leads to.
    kind: SearchSuggestionKind,
    /// What to show, in the reader's language.
    text: String,
    /// The product; null for other kinds.
    product: Option<Product>,
    /// The category; null for other kinds.
    category: Option<Category>,
}

#[Object]
impl SuggestionQuery {
    /// How to go on from what was typed so far: products, categories, brands and searches that others make, the best of
    /// each kind first. It is bounded by `first` of each kind, so it is no connection.
    async fn suggest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed; its last word is a beginning. At most 200 characters.")]
        text: String,
        #[graphql(desc = "Only of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "Only what is offered in this shop.")] shop: Option<SoughtId<ShopKind>>,
        #[graphql(
            desc = "The reader's language (BCP 47). Omitted or null: the first language of the request that \
            the company has, or else the company's own."
        )]
        locale: Option<String>,
        #[graphql(desc = "How many of each kind; 5 when not said, at most 20.")] first: Option<i32>,
    ) -> Result<Option<Vec<SearchSuggestion>>, Fault> {
        let text = self::text(Some(text))?;
        let limit = match first {
            None => USUAL,
            Some(first) => usize::try_from(first)
                .ok()
                .filter(|first| *first <= MOST)
                .ok_or_else(|| Fault::bad_input("0 to 20 of each kind are suggested"))?,
        };
        let Some(Market { audience, .. }) = (Place { company, shop, locale }).market(ctx).await? else {
            return Ok(Some(Vec::new()));
        };
        let popular = match telling_word(&text, audience.locale.as_deref()) {
            Some(word) => ctx.store::<PopularSearches>()?.beginning_as(&word, audience.company).await?,
            None => Vec::new(),
        };
        let tuning = ctx.store::<SettingsStore>()?.tuning(audience.company, &text).await?;
        let query = SuggestQuery { audience, text, limit, popular, tuning };
        let found = ctx.store::<SharedSearchIndex>()?.suggest(&query).await?;
        Ok(Some(found.into_iter().map(SearchSuggestion::from).collect()))
    }
}

impl From<Suggestion> for SearchSuggestion {
    fn from(found: Suggestion) -> Self {
        let (kind, product, category) = match found.kind {
            SuggestionKind::Product(id) => (SearchSuggestionKind::Product, Some(id.into()), None),
            SuggestionKind::Category(id) => {
                (SearchSuggestionKind::Category, None, id.parse::<CategoryId>().ok().map(Category::from))
            }
            SuggestionKind::Brand => (SearchSuggestionKind::Brand, None, None),
            SuggestionKind::Search => (SearchSuggestionKind::Search, None, None),
        };
        Self { kind, text: found.text, product, category }
    }
}
