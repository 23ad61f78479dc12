//! Looking categories up.

use async_graphql::{Context, Object};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, SoughtId};

use super::category::Category;
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
            (None, Some(slug), None) => tree.by_slug(&slug),
            (None, None, Some(reference)) => tree.by_external_reference(&reference),
            _ => return Err(Fault::bad_input("name exactly one of `id`, `slug` and `externalReference`")),
        };
        Ok(found.map(|own| Category::shown(&tree, own)))
    }

    /// The categories right below one, or those at the top of a company's tree, in their order.
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company whose tree it is.")] company: SoughtId<CompanyKind>,
        #[graphql(desc = "Below which category; null is the top.")] parent: Option<SoughtId<CategoryKind>>,
    ) -> Result<Option<Vec<Category>>, Fault> {
        let Some(company) = company.get() else { return Ok(Some(Vec::new())) };
        let parent = match parent.map(SoughtId::get) {
            Some(None) => return Ok(Some(Vec::new())),
            found => found.flatten(),
        };
        let tree = ctx.tree(company).await?;
        Ok(Some(tree.children(parent).map(|own| Category::shown(&tree, own)).collect()))
    }
}
