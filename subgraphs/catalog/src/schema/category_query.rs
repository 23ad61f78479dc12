//! Looking categories up.

use async_graphql::{Context, MaybeUndefined, Object};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, SoughtId};
use souk_kit::page::{Connection, PageArgs};

use super::category::Category;
use super::category_list::{self, CategoryListArgs};
use super::category_where::{CategorySort, CategoryWhere};
use super::loading::Loading;
use crate::domain::ids::CategoryKind;

/// Looks categories up.
#[derive(Default)]
pub struct CategoryQuery;

#[Object]
impl CategoryQuery {
    /// A category by its id, or by its slug (now or formerly) or external reference within a company.
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<SoughtId<CategoryKind>>,
        #[graphql(desc = "Its slug, now or formerly; with `company`.")] slug: Option<String>,
        #[graphql(desc = "Its id in another system; with `company`.")] external_reference: Option<String>,
        #[graphql(desc = "The company in whose tree it stands.")] company: Option<SoughtId<CompanyKind>>,
    ) -> Result<Option<Category>, Fault> {
        if let (Some(id), None, None) = (id, &slug, &external_reference) {
            let Some(id) = id.get() else { return Ok(None) };
            return Ok(ctx.tree_of(id).await?.and_then(|tree| Category::of(&tree, &id)));
        }
        let company = company.ok_or_else(|| Fault::bad_input("this look-up needs `company`"))?;
        let Some(company) = company.get() else { return Ok(None) };
        let tree = ctx.tree(company).await?;
        let found = match (id, slug, external_reference) {
            (None, Some(slug), None) => tree.by_slug(&slug.to_lowercase()),
            (None, None, Some(reference)) => tree.by_external_reference(&reference),
            _ => return Err(Fault::bad_input("name exactly one of `id`, `slug` and `externalReference`")),
        };
        Ok(found.map(|own| Category::shown(&tree, own)))
    }

    /// Categories. Without `company` and `parent`: of every company that the caller sees. Each stands before those below
    /// it, siblings in their order, unless `sort` says otherwise.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every list of categories")]
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this company.")] company: Option<SoughtId<CompanyKind>>,
        #[graphql(desc = "Only those right below this one; null: only those at the top; left out: all.")]
        parent: MaybeUndefined<SoughtId<CategoryKind>>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(
            name = "where",
            desc = "Which categories; conditions other than `ids` need `company` or `parent`."
        )]
        filter: Option<CategoryWhere>,
        #[graphql(desc = "In which order; the tree's when not said. Needs `company` or `parent`.")]
        sort: Option<CategorySort>,
    ) -> Result<Option<Connection<Category>>, Fault> {
        let company = match company.map(SoughtId::get) {
            None => None,
            Some(None) => return Ok(Some(Connection::empty())),
            Some(company) => company,
        };
        let page = PageArgs { first, after, last, before };
        category_list::list(ctx, CategoryListArgs { company, parent, filter, sort, page }).await.map(Some)
    }
}
