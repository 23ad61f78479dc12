//! What a company says of how its products are found.

use async_graphql::{Context, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, SoughtId};
use souk_kit::permission::{Action, Resource};

use super::references::{Company, Product};
use crate::domain::settings;
use crate::store::facts::Facts;
use crate::store::settings::SettingsStore;

#[derive(Default)]
pub(crate) struct SearchSettingsQuery;

/// How a company's products are found. It holds for searches that name the company or one of its shops.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SearchSettings {
    /// The company.
    company: Option<Company>,
    /// How often they were changed; 0 when never.
    version: i64,
    /// Words that find what others say; at most 100 sets.
    synonyms: Vec<SearchSynonyms>,
    /// Words that are left out of searches; at most 100.
    stop_words: Vec<String>,
    /// Searches with products that come first or last; at most 100.
    curations: Vec<SearchCuration>,
}

/// Words that find what others say.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SearchSynonyms {
    /// What is typed; null when each of `words` finds all the others.
    from: Option<String>,
    /// What is found; at most 20.
    words: Vec<String>,
}

/// Searches with products that come first or last.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct SearchCuration {
    /// The wordings that it holds for, without regard to case; at most 20.
    searches: Vec<String>,
    /// What comes first, in this order, whether the words find it or not; at most 50.
    pinned: Vec<Option<Product>>,
    /// What comes last; at most 50.
    buried: Vec<Option<Product>>,
}

#[Object]
impl SearchSettingsQuery {
    /// How a company's products are found. For its staff; null for others.
    async fn search_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company.")] company: SoughtId<CompanyKind>,
    ) -> Result<Option<SearchSettings>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Search)?;
        let Some(company) = company.get() else { return Ok(None) };
        if ctx.store::<Facts>()?.company(company).await?.is_none() {
            return Ok(None);
        }
        Ok(ctx.store::<SettingsStore>()?.of(&scope, company).await?.map(SearchSettings::from))
    }
}

impl From<settings::Settings> for SearchSettings {
    fn from(settings: settings::Settings) -> Self {
        let settings::Content { synonyms, stop_words, curations } = settings.content;
        let products = |ids: Vec<_>| ids.into_iter().map(|id| Some(Product::from(id))).collect();
        Self {
            company: Some(settings.company.into()),
            version: settings.version,
            synonyms: synonyms
                .into_iter()
                .map(|set| SearchSynonyms { from: set.from, words: set.words })
                .collect(),
            stop_words,
            curations: curations
                .into_iter()
                .map(|one| SearchCuration {
                    searches: one.searches,
                    pinned: products(one.pinned),
                    buried: products(one.buried),
                })
                .collect(),
        }
    }
}
