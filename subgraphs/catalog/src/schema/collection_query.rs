//! Looking collections up.

use std::sync::Arc;

use async_graphql::{Context, Object};
use souk_kit::context::ContextExt;
use souk_kit::documents::{Filter, Repository};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, CompanyKind, SoughtId};
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::Resource;

use super::collection::Collection;
use super::collection_where::{CollectionSort, CollectionWhere};
use super::loading::Loading;
use crate::domain::ids::CollectionKind;
use crate::store::collections::Collections;
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
            (None, Some(slug), None) => {
                Filter::Keys(vec![format!("slug:{}:{}", company()?, slug.to_lowercase())])
            }
            (None, None, Some(reference)) => Filter::Keys(vec![format!("ref:{}:{reference}", company()?)]),
            _ => return Err(Fault::bad_input("name exactly one of `id`, `slug` and `externalReference`")),
        };
        let (_, view) = ctx.view_of_companies(Resource::Collection).await?;
        let found = ctx.catalog()?.collections.find(&view, filter, 1).await?;
        Ok(found.into_iter().next().map(|listed| Collection::from(Arc::new(listed.document))))
    }

    /// Collections, by name when not said otherwise. Without `company`: of every company that the caller sees.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every list of collections")]
    async fn collections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which collections.")] filter: Option<CollectionWhere>,
        #[graphql(desc = "In which order; by name when not said.")] sort: Option<CollectionSort>,
    ) -> Result<Option<Connection<Collection>>, Fault> {
        let company = match company.map(SoughtId::get) {
            Some(None) => return Ok(Some(Connection::empty())),
            found => found.flatten(),
        };
        let page = PageArgs { first, after, last, before };
        list(ctx, CollectionListArgs { company, filter, sort, page }).await.map(Some)
    }
}

/// What a list of collections is asked for.
pub(super) struct CollectionListArgs {
    /// The company, when the list is one company's.
    pub(super) company: Option<CompanyId>,
    pub(super) filter: Option<CollectionWhere>,
    pub(super) sort: Option<CollectionSort>,
    pub(super) page: PageArgs,
}

/// A page of the collections of a company, or of all that the caller sees.
pub(super) async fn list(
    ctx: &Context<'_>,
    args: CollectionListArgs,
) -> Result<Connection<Collection>, Fault> {
    let (order, sort) = CollectionSort::order(args.sort);
    let page = args.page.page(&order)?;
    let (scope, view) = ctx.view_of_companies(Resource::Collection).await?;
    let collections = ctx.catalog()?.collections.clone();
    let within = args.company.map_or_else(Filter::everything, |company| Filter::Companies(vec![company]));
    let filter = match args.filter {
        Some(asked) => within.and(asked.filter(args.company)?),
        None => within,
    };
    let sought = Repository::<Collections>::sought(&view, filter.clone(), sort, &page)?;
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
