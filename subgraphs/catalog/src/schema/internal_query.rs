//! What other subgraphs read of the catalogue as a whole: in no public schema, and for service principals alone.

use async_graphql::{Context, Object, SimpleObject};
use serde_json::Value as Json;
use souk_kit::context::ContextExt;
use souk_kit::documents::{Direction, Draft, Filter, Listed, Sort, View};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, SoughtId};
use souk_kit::page::{Cursor, Page};

use super::loading::Loading;
use crate::domain::ids::ProductKind;
use crate::domain::price_list::MAX_LISTS;
use crate::domain::product::Product;
use crate::store::{category_trees, products};

/// How much one call asks for at most.
const LARGEST_BATCH: usize = 100;

#[derive(Default)]
pub struct InternalQuery;

/// The full state of something, as its events tell it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(inaccessible)]
pub struct CatalogState {
    /// The id of its company.
    company: CompanyId,
    /// Its version: the sequence of the event that told this state.
    version: i64,
    /// The data of that event, in JSON.
    state: String,
}

#[Object]
impl InternalQuery {
    /// Products of all companies and statuses, in the order of their ids; those of
    /// `ids`, or those behind `after`, at most 100.
    #[graphql(inaccessible)]
    async fn product_states(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Just these; at most 100.")] ids: Option<Vec<SoughtId<ProductKind>>>,
        #[graphql(desc = "Behind this id.")] after: Option<SoughtId<ProductKind>>,
        #[graphql(desc = "How many; at most 100.")] first: i32,
    ) -> Result<Vec<CatalogState>, Fault> {
        let view = View::new(&ctx.only_services()?, Filter::everything());
        let limit =
            usize::try_from(first).ok().filter(|first| *first <= LARGEST_BATCH).ok_or_else(too_many)?;
        let mut filter = Filter::everything();
        if let Some(ids) = ids {
            let ids: Vec<String> =
                bounded(&ids)?.iter().filter_map(|id| id.get()).map(|id| id.to_string()).collect();
            filter = filter.and(Filter::Ids(ids));
        }
        let mut page = Page::first(limit, "id");
        page.from = after.and_then(SoughtId::get).map(|id| Cursor(vec![Json::Null, id.to_string().into()]));
        let by_id = Sort::by_id(Direction::Ascending);
        let found = ctx.catalog()?.products.page(&view, filter, by_id, &page).await?;
        found.rows.iter().map(product).collect()
    }

    /// All categories of companies.
    #[graphql(inaccessible)]
    async fn category_states(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The companies; at most 100.")] companies: Vec<SoughtId<CompanyKind>>,
    ) -> Result<Vec<CatalogState>, Fault> {
        let view = View::new(&ctx.only_services()?, Filter::everything());
        let ids = bounded(&companies)?.iter().filter_map(|id| id.get()).map(|id| id.to_string());
        let trees = ctx.catalog()?.trees.get_many(&view, ids).await?;
        let mut states = Vec::new();
        for tree in trees.into_values().map(|document| document.state) {
            for category in &tree.categories {
                let told = category_trees::event("category.told", category)?;
                states.push(state(tree.company, category.version, &told));
            }
        }
        Ok(states)
    }

    /// All price lists of companies.
    #[graphql(inaccessible)]
    async fn price_list_states(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The companies; at most 100.")] companies: Vec<SoughtId<CompanyKind>>,
    ) -> Result<Vec<CatalogState>, Fault> {
        let view = View::new(&ctx.only_services()?, Filter::everything());
        let companies: Vec<_> = bounded(&companies)?.iter().filter_map(|id| id.get()).collect();
        let limit = MAX_LISTS.saturating_mul(companies.len());
        let found = ctx.catalog()?.price_lists.find(&view, Filter::Companies(companies), limit).await?;
        let told = found.iter().map(|one| {
            let told = Draft::new("price_list.told", &one.document.state)?;
            Ok(state(one.document.company, one.document.version, &told))
        });
        told.collect()
    }
}

fn product(found: &Listed<Product>) -> Result<CatalogState, Fault> {
    let told = products::event("product.told", &found.document.state)?;
    Ok(state(found.document.company, found.document.version, &told))
}

fn state(company: CompanyId, version: i64, told: &Draft) -> CatalogState {
    CatalogState { company, version, state: told.data.to_string() }
}

fn bounded<T>(asked: &[T]) -> Result<&[T], Fault> {
    if asked.len() > LARGEST_BATCH { Err(too_many()) } else { Ok(asked) }
}

fn too_many() -> Fault {
    Fault::bad_input("at most 100 are answered at once")
}
