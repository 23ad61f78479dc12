//! Queries of companies.

use async_graphql::{Context, Object};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, SoughtId};
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::{Action, Resource};

use super::company::{Company, CompanySort};
use super::company_where::CompanyWhere;
use crate::store::{Companies, Sort};

#[derive(Default)]
pub(crate) struct CompanyQueries;

#[Object]
impl CompanyQueries {
    /// The company with this id, slug or external reference; exactly one of them is to be given. Null when there
    /// is none, or none that the caller may see.
    async fn company(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "The short name in web addresses.")] slug: Option<String>,
        #[graphql(desc = "What another system calls it. For company and super administrators.")]
        external_reference: Option<String>,
    ) -> Result<Option<Company>, Fault> {
        match (id, slug, external_reference) {
            (Some(id), None, None) => match id.get() {
                Some(id) => Company::with_id(ctx, id).await,
                None => Ok(None),
            },
            (None, Some(slug), None) => {
                let scope = ctx.may(Action::Read, Resource::Company)?;
                let found = ctx.store::<Companies>()?.by_slugs(&scope, &[slug.to_lowercase()]).await?;
                Ok(found.into_iter().next().map(Company::from))
            }
            (None, None, Some(reference)) => {
                let scope = ctx.may(Action::Read, Resource::Company)?;
                let found = ctx.store::<Companies>()?.by_reference(&scope, &reference).await?;
                Ok(found.map(Company::from))
            }
            _ => Err(Fault::bad_input("give one of `id`, `slug` and `externalReference`")),
        }
    }

    /// The companies that the caller may see.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn companies(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where", desc = "Which companies; all when omitted.")] filter: Option<CompanyWhere>,
        #[graphql(desc = "In which order; by name when omitted.")] sort: Option<CompanySort>,
        #[graphql(desc = "How many from the front; at most 100, 20 when omitted.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<Option<Connection<Company>>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Company)?;
        let (companies, sort) = (ctx.store::<Companies>()?.clone(), Sort::from(sort));
        let filter = CompanyWhere::filter(filter)?;
        let page = PageArgs { first, after, last, before }.page(&sort.name())?;
        let slice = companies.page(&scope, &filter, (sort, &page), &ctx.asked_of_items()).await?;
        Ok(Some(slice.connection(
            |company| Companies::cursor(company, sort),
            Company::from,
            move || {
                let (companies, scope, filter) = (companies.clone(), scope.clone(), filter.clone());
                Box::pin(async move { companies.count(&scope, &filter).await })
            },
        )))
    }

    /// Resolves companies that other subgraphs refer to.
    #[graphql(entity)]
    async fn company_entity(
        &self,
        ctx: &Context<'_>,
        #[graphql(key)] id: SoughtId<CompanyKind>,
    ) -> Result<Option<Company>, Fault> {
        match id.get() {
            Some(id) => Company::with_id(ctx, id).await,
            None => Ok(None),
        }
    }
}
