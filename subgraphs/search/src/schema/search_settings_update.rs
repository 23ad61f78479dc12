//! `searchSettingsUpdate`: changes of how a company's products are found.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::{Action, Resource, Tenant};
use souk_kit::sql::Repository;
use souk_kit::user_error::UserError;

use super::search_settings::SearchSettings;
use crate::domain::ids::ProductId;
use crate::domain::settings::{Curation, Settings, SettingsChange, SynonymSet, id_of};
use crate::error_code::{SearchErrorCode, refused};
use crate::store::facts::Facts;
use crate::store::settings::{SettingsStore, UPDATED};

#[derive(Default)]
pub(crate) struct SearchSettingsUpdate;

/// Changes of search settings: all that is given, or nothing. What is omitted or null stays as it is; an empty list
/// takes all entries away.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct SearchSettingsUpdateInput {
    /// The company. Omitted or null: the caller's own.
    company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing changes. Omitted or null: the last write wins.
    expected_version: Option<i64>,
    /// Words that find what others say, replaced as a whole; at most 100 sets.
    synonyms: Option<Vec<SearchSynonymsInput>>,
    /// Words that are left out of searches, replaced as a whole; at most 100.
    stop_words: Option<Vec<String>>,
    /// Searches with products that come first or last, replaced as a whole; at most 100.
    curations: Option<Vec<SearchCurationInput>>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days. Omitted or
    /// null: a call that is sent again is made again.
    idempotency_key: Option<String>,
}

/// Words that find what others say.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct SearchSynonymsInput {
    /// What is typed. Omitted or null: each of `words` finds all the others.
    from: Option<String>,
    /// What is found; at most 20, of 100 characters each.
    words: Vec<String>,
}

/// Searches with products that come first or last. Products that are not the company's have no effect.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct SearchCurationInput {
    /// The wordings that it holds for, without regard to case; 1 to 20. Each belongs to one curation only.
    searches: Vec<String>,
    /// What comes first, in this order, whether the words find it or not; at most 50.
    #[graphql(default)]
    pinned: Vec<ProductId>,
    /// What comes last; at most 50.
    #[graphql(default)]
    buried: Vec<ProductId>,
}

/// The changed settings, or why they were not changed.
#[derive(SimpleObject)]
pub(crate) struct SearchSettingsUpdatePayload {
    /// The settings; null when the change was refused.
    settings: Option<SearchSettings>,
    /// Why the change was refused; empty when it was not.
    user_errors: Vec<UserError<SearchErrorCode>>,
}

#[Object]
impl SearchSettingsUpdate {
    /// Changes how a company's products are found. For company admins.
    async fn search_settings_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and what changes.")] input: SearchSettingsUpdateInput,
    ) -> Result<Option<SearchSettingsUpdatePayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Search)?;
        let missing = || Outcome::refused(UserError::not_found().at(["input", "company"]));
        let Some(company) = input.company.or_else(|| ctx.principal().company()) else {
            return Ok(Some(missing().into()));
        };
        let is_known = scope.covers(&Tenant::company(company))
            && ctx.store::<Facts>()?.company(company).await?.is_some();
        if !is_known {
            return Ok(Some(missing().into()));
        }
        let change = SettingsChange::from(input);
        let decide = |settings: &mut Settings| {
            settings.apply(change).map(|is_another| is_another.then_some(UPDATED)).map_err(refused)
        };
        let store = ctx.store::<SettingsStore>()?;
        let call = ctx.call()?.within(company);
        Ok(Some(store.change(&scope, &call, id_of(company), decide).await?.into()))
    }
}

impl From<SearchSettingsUpdateInput> for SettingsChange {
    fn from(input: SearchSettingsUpdateInput) -> Self {
        let set = |set: SearchSynonymsInput| SynonymSet { from: set.from, words: set.words };
        let curation = |one: SearchCurationInput| Curation {
            searches: one.searches,
            pinned: one.pinned,
            buried: one.buried,
        };
        Self {
            synonyms: input.synonyms.map(|sets| sets.into_iter().map(set).collect()),
            stop_words: input.stop_words,
            curations: input.curations.map(|all| all.into_iter().map(curation).collect()),
        }
    }
}

impl From<Outcome<Settings>> for SearchSettingsUpdatePayload {
    fn from(outcome: Outcome<Settings>) -> Self {
        Self { settings: outcome.aggregate.map(SearchSettings::from), user_errors: outcome.user_errors }
    }
}
