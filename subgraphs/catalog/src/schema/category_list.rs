//! Lists of categories: of one company's tree, or of the trees of all companies.

use std::sync::Arc;

use async_graphql::{Context, MaybeUndefined};
use souk_kit::documents::Filter;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, SoughtId};
use souk_kit::page::{Connection, Cursor, PageArgs, SortDirection};
use souk_kit::permission::Resource;

use super::category::Category;
use super::category_where::{CategorySort, CategorySortField, CategoryWhere};
use super::loading::Loading;
use super::parts::Parts;
use crate::domain::category;
use crate::domain::category_tree::CategoryTree;
use crate::domain::ids::CategoryKind;
use crate::store::category_trees::{CategoryTrees, category_key};

/// How many trees are read at once: each may hold thousands of categories.
const TREES_AT_ONCE: usize = 20;

/// What a list of categories is asked for.
pub(super) struct CategoryListArgs {
    /// The company, when the list is one company's.
    pub(super) company: Option<CompanyId>,
    /// Left out: anywhere; null: at the top.
    pub(super) parent: MaybeUndefined<SoughtId<CategoryKind>>,
    pub(super) filter: Option<CategoryWhere>,
    pub(super) sort: Option<CategorySort>,
    pub(super) page: PageArgs,
}

/// A page of categories.
pub(super) async fn list(ctx: &Context<'_>, args: CategoryListArgs) -> Result<Connection<Category>, Fault> {
    if let Some(filter) = &args.filter {
        filter.check()?;
    }
    let tree = match (args.company, args.parent) {
        (_, MaybeUndefined::Value(parent)) => {
            let Some(parent) = parent.get() else { return Ok(Connection::empty()) };
            let tree = ctx.tree_of(parent).await?;
            let tree = tree.filter(|tree| args.company.is_none_or(|company| tree.company == company));
            let Some(tree) = tree else { return Ok(Connection::empty()) };
            tree
        }
        (Some(company), _) => ctx.tree(company).await?,
        (None, MaybeUndefined::Undefined | MaybeUndefined::Null) => return over_companies(ctx, args).await,
    };
    let mut all: Vec<_> = chosen(&tree, args.parent, args.filter.as_ref()).cloned().collect();
    let total = all.len() as u64;
    let (order, slice);
    match args.sort {
        None => {
            order = "parts".to_owned();
            slice = args.page.page(&order)?.of_whole(all, |one| placed_in(&tree, one))?;
        }
        Some(sort) => {
            order = format!("{:?}:{:?}", sort.field, sort.direction);
            let page = args.page.page(&order)?;
            let upwards = (sort.direction == SortDirection::Asc) != page.backward;
            all.sort_by_cached_key(|one| sort_key(sort.field, one));
            if !upwards {
                all.reverse();
            }
            if let Some(from) = &page.from {
                let from = key_of(from)?;
                all.retain(|one| {
                    let key = sort_key(sort.field, one);
                    if upwards { key > from } else { key < from }
                });
            }
            all.truncate(page.fetch());
            slice = page.slice(all);
        }
    }
    let cursor = |one: &category::Category| match args.sort {
        None => placed_in(&tree, one),
        Some(sort) => {
            let (value, id) = sort_key(sort.field, one);
            Cursor(vec![value.into(), id.into()])
        }
    };
    let node = |one: category::Category| Category::shown(&tree, &one);
    Ok(slice.connection(cursor, node, move || Box::pin(std::future::ready(Ok(total)))))
}

/// The categories right below one, in their order.
pub(super) fn children(
    tree: &Arc<CategoryTree>,
    parent: &category::Category,
    page: &PageArgs,
) -> Result<Connection<Category>, Fault> {
    let page = page.page("parts")?;
    let all: Vec<_> = tree.children(Some(parent.id)).cloned().collect();
    let total = all.len() as u64;
    Ok(page.of_whole(all, |one| placed_in(tree, one))?.connection(
        |one| placed_in(tree, one),
        |one| Category::shown(tree, &one),
        move || Box::pin(std::future::ready(Ok(total))),
    ))
}

async fn over_companies(ctx: &Context<'_>, args: CategoryListArgs) -> Result<Connection<Category>, Fault> {
    let ids = args.filter.as_ref().map(|filter| {
        filter.ids_alone().ok_or_else(|| Fault::bad_input("filters other than by `ids` need `company`"))
    });
    if args.sort.is_some() {
        return Err(Fault::bad_input("an order other than the tree's needs `company`"));
    }
    let filter = match ids.transpose()? {
        None => Filter::everything(),
        Some(ids) => Filter::Keys(ids.into_iter().map(category_key).collect()),
    };
    let (scope, view) = ctx.view_of_companies(Resource::Category).await?;
    let documents = ctx.catalog()?.trees.clone();
    let CategoryListArgs { parent, filter: asked, page, .. } = args;
    let parts = Parts::<CategoryTrees, Category> {
        documents,
        scope,
        view,
        filter,
        at_once: TREES_AT_ONCE,
        take: Arc::new(move |document| {
            let tree = Arc::new(document.state.clone());
            let chosen = chosen(&tree, parent, asked.as_ref());
            chosen.map(|one| (one.id.to_string(), Category::shown(&tree, one))).collect()
        }),
    };
    parts.connection(ctx, &page, |category| category).await
}

/// The categories of a tree that are asked for, each before those below it.
fn chosen<'t>(
    tree: &'t CategoryTree,
    parent: MaybeUndefined<SoughtId<CategoryKind>>,
    filter: Option<&'t CategoryWhere>,
) -> impl Iterator<Item = &'t category::Category> {
    let all = match parent {
        MaybeUndefined::Undefined => tree.from_the_top(),
        MaybeUndefined::Null => tree.children(None).collect(),
        MaybeUndefined::Value(parent) => {
            parent.get().map(|parent| tree.children(Some(parent)).collect()).unwrap_or_default()
        }
    };
    all.into_iter().filter(move |one| filter.is_none_or(|filter| filter.passes(one)))
}

fn placed_in(tree: &CategoryTree, one: &category::Category) -> Cursor {
    Cursor(vec![tree.company.to_string().into(), one.id.to_string().into()])
}

/// What an order goes by, as text that sorts like it.
fn sort_key(field: CategorySortField, one: &category::Category) -> (String, String) {
    let instant = |at| souk_kit::documents::IndexValue::from(at).as_str().to_owned();
    let value = match field {
        CategorySortField::Name => one.content.name.to_lowercase(),
        CategorySortField::CreatedAt => instant(one.created_at),
        CategorySortField::UpdatedAt => instant(one.updated_at),
    };
    (value, one.id.to_string())
}

fn key_of(cursor: &Cursor) -> Result<(String, String), Fault> {
    match cursor.0.as_slice() {
        [serde_json::Value::String(value), serde_json::Value::String(id)] => Ok((value.clone(), id.clone())),
        _ => Err(Fault::bad_input("this cursor does not belong to this list")),
    }
}
