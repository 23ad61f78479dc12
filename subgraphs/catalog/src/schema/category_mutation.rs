//! `categoryCreate`, `categoryUpdate`, `categoryMove` and `categoryDelete`: all on the one tree of a company.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::{Action, Resource};

use super::category::Category;
use super::content_input::PageContentInput;
use super::loading::Loading;
use super::naming::Naming;
use super::variant_input::set;
use crate::domain::category;
use crate::domain::category::CategoryRefusal;
use crate::domain::category_tree::CategoryTree;
use crate::domain::content::FieldRefusal;
use crate::domain::ids::{CategoryId, CategoryKind};
use crate::error::{CatalogError, at_field, category_code};
use crate::store::category_writes::CategoryAnswer;

/// A category to add.
#[derive(Debug, Clone, InputObject)]
pub struct CategoryCreateInput {
    /// The company whose tree it stands in.
    pub company: CompanyId,
    /// The category above; null is the top.
    pub parent: Option<CategoryId>,
    /// Its name, at most 255 characters.
    pub name: String,
    /// The address of its page; left out, it is made of the name.
    pub slug: Option<String>,
    /// Its id in another system, unique among the company's categories.
    pub external_reference: MaybeUndefined<String>,
    /// What stands on its page.
    pub content: Option<PageContentInput>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Changes of a category. What is left out stays as it is; null does the same where nothing else is said of
/// it.
#[derive(Debug, Clone, InputObject)]
pub struct CategoryUpdateInput {
    /// Which category; else the one with the external reference.
    pub id: Option<CategoryId>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// Its name, at most 255 characters.
    pub name: Option<String>,
    /// The address of its page; the former one redirects.
    pub slug: Option<String>,
    /// Its id in another system, unique among the company's categories. Without an `id` it names the category.
    /// Null: it has none.
    pub external_reference: MaybeUndefined<String>,
    /// What stands on its page.
    pub content: Option<PageContentInput>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Another place for a category and all below it.
#[derive(Debug, Clone, InputObject)]
pub struct CategoryMoveInput {
    /// Which category; else the one with the external reference.
    pub id: Option<CategoryId>,
    /// Its id in another system, instead of `id`.
    pub external_reference: Option<String>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// The category above: left out, the one that it has; null is the top.
    pub parent: MaybeUndefined<CategoryId>,
    /// The sibling to stand before; null is the end.
    pub before: Option<CategoryId>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Which category goes.
#[derive(Debug, Clone, InputObject)]
pub struct CategoryDeleteInput {
    /// Which category; else the one with the external reference.
    pub id: Option<CategoryId>,
    /// Its id in another system, instead of `id`.
    pub external_reference: Option<String>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing happens. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// The category afterwards, or why nothing changed.
#[derive(SimpleObject)]
pub struct CategoryPayload {
    /// The category as it is now; null when it is gone or the call was refused.
    category: Option<Category>,
    /// The id of the category that is gone, after `categoryDelete`.
    deleted_id: Option<CategoryId>,
    /// Why the call was refused; empty when it took effect.
    user_errors: Vec<CatalogError>,
}

/// What can be done to categories.
#[derive(Default)]
pub struct CategoryMutation;

#[Object]
impl CategoryMutation {
    /// Adds a category at the end of its siblings. For company and super administrators.
    async fn category_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category.")] input: CategoryCreateInput,
    ) -> Result<Option<CategoryPayload>, Fault> {
        let scope = ctx.may(Action::Create, Resource::Category)?;
        let call = ctx.call()?.within(input.company);
        let (company, parent, id) = (input.company, input.parent, CategoryId::new(call.now));
        let change =
            PageContentInput::change(input.content, Some(input.name), input.slug, input.external_reference);
        let create = |tree: &mut CategoryTree| tree.create(id, parent, change.clone(), call.now);
        let answer = ctx.catalog()?.change_tree(&scope, &call, company, "category.created", create).await?;
        written(ctx, answer).await.map(Some)
    }

    /// Changes a category's page: all that is asked, or nothing. For company and super administrators.
    async fn category_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: CategoryUpdateInput,
    ) -> Result<Option<CategoryPayload>, Fault> {
        let (seen, now) = (input.expected_version, ctx.now());
        let naming = Naming::new(input.id, input.external_reference.value(), input.company);
        let change =
            PageContentInput::change(input.content, input.name, input.slug, input.external_reference);
        change_category(ctx, naming, Action::Update, "category.updated", |tree, id| {
            tree.update(id, seen, change.clone(), now)
        })
        .await
        .map(Some)
    }

    /// Puts a category, with all below it, in another place. However many move at once, no cycle comes of it.
    /// For company and super administrators.
    async fn category_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new place.")] input: CategoryMoveInput,
    ) -> Result<Option<CategoryPayload>, Fault> {
        let (seen, now, parent) = (input.expected_version, ctx.now(), set(input.parent));
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        change_category(ctx, naming, Action::Update, "category.updated", |tree, id| {
            tree.move_to(id, seen, parent, input.before, now)
        })
        .await
        .map(Some)
    }

    /// Deletes a category that has none below it, and that no product and no rule of a collection names.
    /// For company and super administrators.
    async fn category_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which category.")] input: CategoryDeleteInput,
    ) -> Result<Option<CategoryPayload>, Fault> {
        let (seen, now) = (input.expected_version, ctx.now());
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        change_category(ctx, naming, Action::Delete, "category.deleted", |tree, id| {
            tree.delete(id, seen, now)
        })
        .await
        .map(Some)
    }
}

async fn change_category(
    ctx: &Context<'_>,
    naming: Naming<CategoryKind>,
    action: Action,
    kind: &'static str,
    decide: impl Fn(&mut CategoryTree, CategoryId) -> Result<category::Category, FieldRefusal<CategoryRefusal>>,
) -> Result<CategoryPayload, Fault> {
    let scope = ctx.may(action, Resource::Category)?;
    let found = naming.find(ctx, &scope).await?;
    // A deleted category is found in no tree: what the call came to before stands in the company's, under its key.
    let company = match &found {
        Ok((_, company)) => Some(*company),
        Err(_) => naming.company(ctx),
    };
    let call = ctx.call()?;
    let (id, unfound) = match found {
        Ok((id, _)) => (id, None),
        Err(error) => (CategoryId::new(call.now), Some(error)),
    };
    let Some(company) = company else {
        return Ok(refused(unfound.into_iter().collect()));
    };
    let call = call.within(company);
    if action == Action::Delete && unfound.is_none() && ctx.catalog()?.uses_category(id).await? {
        let in_use = CategoryRefusal::InUse;
        return Ok(refused(vec![at_field("id", category_code(&in_use), &in_use)]));
    }
    let answer = ctx.catalog()?.change_tree(&scope, &call, company, kind, |tree| decide(tree, id)).await?;
    match (answer, unfound) {
        (Err(_), Some(error)) => Ok(refused(vec![error])),
        (Ok(done), _) if action == Action::Delete => {
            Ok(CategoryPayload { deleted_id: Some(done.id), ..refused(Vec::new()) })
        }
        (answer, _) => written(ctx, answer).await,
    }
}

fn refused(user_errors: Vec<CatalogError>) -> CategoryPayload {
    CategoryPayload { category: None, deleted_id: None, user_errors }
}

/// The category as it is after a write, past what the request's loaders remember from before.
async fn written(ctx: &Context<'_>, answer: CategoryAnswer) -> Result<CategoryPayload, Fault> {
    let done = match answer {
        Ok(done) => done,
        Err(user_errors) => return Ok(refused(user_errors)),
    };
    let (_, view) = ctx.view_of_companies(Resource::Category).await?;
    let tree = ctx.catalog()?.trees.get(&view, &done.company.to_string()).await?;
    let category = tree.and_then(|document| Category::of(&std::sync::Arc::new(document.state), &done.id));
    Ok(CategoryPayload { category, deleted_id: None, user_errors: Vec::new() })
}
