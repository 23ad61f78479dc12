//! Category trees as documents: one per company, under the company's id.

use souk_kit::documents::{Collection, Draft, Index};
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::permission::Tenant;

use crate::domain::category::Category;
use crate::domain::category_tree::CategoryTree;
use crate::domain::ids::CategoryId;

/// The category trees of all companies.
pub enum CategoryTrees {}

/// The unique key under which a category's tree is found.
pub fn category_key(id: CategoryId) -> String {
    format!("category:{id}")
}

impl Collection for CategoryTrees {
    type State = CategoryTree;

    const NAME: &'static str = "category_trees";
    const SOURCE: &'static str = "/souk/catalog";
    const TOPIC: Topic = Topic::Product;
    const SCHEMA_VERSION: u32 = 1;

    fn id(tree: &CategoryTree) -> String {
        tree.company.to_string()
    }

    fn tenant(tree: &CategoryTree) -> Tenant {
        Tenant::company(tree.company)
    }

    /// Slugs and references are unique within the document, which the tree itself sees to.
    fn index(tree: &CategoryTree) -> Index {
        tree.categories
            .iter()
            .fold(Index::default(), |index, category| index.unique(category_key(category.id)))
    }
}

/// The event that tells of a category: its full state less private metadata.
pub fn event(kind: &'static str, category: &Category) -> Result<Draft, Fault> {
    let mut told = category.clone();
    told.content.metadata.private.clear();
    Ok(Draft::new(kind, &told)?.about(&category.id, category.version))
}
