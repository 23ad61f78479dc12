//! Looking collections up.

use std::sync::Arc;

use async_graphql::{Context, Object};
use souk_kit::context::ContextExt;
use souk_kit::documents::{Direction, Filter, Repository, Sort};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, SoughtId};
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::Resource;

use super::collection::Collection;
use super::loading::Loading;
use crate::domain::ids::CollectionKind;
use crate::store::collections::{Collections, NAME};
use crate::store::loaders::Pages;

/// Looks collections up.
#[derive(Default)]
pub struct CollectionQuery;

#[Object]
impl CollectionQuery {
    /// A collection by its id, or by its slug (now or formerly) or external reference within a company.
    async fn collection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<SoughtId<CollectionKind>>,
        #[graphql(desc = "Its slug, now or formerly; with `company`.")] slug: Option<String>,
        #[graphql(desc = "Its id in another system; with `company`.")] external_reference: Option<String>,
        #[graphql(desc = "The company whose it is.")] company: Option<SoughtId<CompanyKind>>,
    ) -> Result<Option<Collection>, Fault> {
        let company = || {
            let company = company.ok_or_else(|| Fault::bad_input("this look-up needs `company`"))?;
            Ok::<_, Fault>(company.get().map(|id| id.to_string()).unwrap_or_default())
        };
        let filter = match (id, slug, external_reference) {
            (Some(id), None, None) => Filter::Ids(id.get().iter().map(ToString::to_string).collect()),
            (None, Some(slug), None) => Filter::Keys(vec![format!("slug:{}:{slug}", company()?)]),
            (None, None, Some(reference)) => Filter::Keys(vec![format!("ref:{}:{reference}", company()?)]),
            _ => return Err(Fault::bad_input("name exactly one of `id`, `slug` and `externalReference`")),
        };
        let (_, view) = ctx.view_of_companies(Resource::Collection).await?;
        let found = ctx.catalog()?.collections.find(&view, filter, 1).await?;
        Ok(found.into_iter().next().map(|listed| Collection::from(Arc::new(listed.document))))
    }

    /// Collections by name. Without `company`: of every company that the caller sees.
    async fn collections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Collection>>, Fault> {
        let company = match company.map(SoughtId::get) {
            Some(None) => return Ok(Some(Connection::empty())),
            found => found.flatten(),
        };
        list(ctx, company, &PageArgs { first, after, last, before }).await.map(Some)
    }
}

/// A page of the collections of a company, or of all that the caller sees, by name.
pub(super) async fn list(
    ctx: &Context<'_>,
    company: Option<CompanyId>,
    page: &PageArgs,
) -> Result<Connection<Collection>, Fault> {
    let page = page.page("name:Ascending")?;
    let (scope, view) = ctx.view_of_companies(Resource::Collection).await?;
    let collections = ctx.catalog()?.collections.clone();
    let filter = company.map_or_else(Filter::everything, |company| Filter::Companies(vec![company]));
    let by_name = Sort::by(NAME, Direction::Ascending);
    let sought = Repository::<Collections>::sought(&view, filter.clone(), by_name, &page)?;
    let loader = ctx.loader(&scope, || Pages { documents: collections.clone() });
    let rows = loader.one(sought).await?.unwrap_or_default();
    Ok(page.slice(rows.to_vec()).connection(
        |row| row.cursor.clone(),
        |row| Collection::from(row.document),
        move || {
            let (collections, view, filter) = (collections.clone(), view.clone(), filter.clone());
            Box::pin(async move { collections.count(&view, filter).await })
        },
    ))
}
