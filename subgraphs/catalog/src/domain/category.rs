//! One category: a shelf of the shop, within the tree of its company.

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;

use super::content::{Content, ContentRefusal};
use super::ids::CategoryId;

/// A node of a company's category tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The category above; none at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<CategoryId>,
    /// How often it has changed; the tree's own version moves with every category.
    pub version: i64,
    /// What stands on its page.
    #[serde(flatten)]
    pub content: Content,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Why a change of a category or of the tree is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CategoryRefusal {
    /// A field of its page that is not good.
    #[error(transparent)]
    Content(#[from] ContentRefusal),
    /// Another category of the company has the slug, or had it and redirects from it.
    #[error("another category of the company has this slug")]
    SlugTaken,
    /// Another category of the company has the external reference.
    #[error("another category of the company has this external reference")]
    ExternalReferenceTaken,
    /// There is no such category, or the caller cannot see it.
    #[error("there is no such category")]
    NotFound,
    /// The company has no such category to put it under.
    #[error("the company has no such parent category")]
    ParentUnknown,
    /// It would stand below itself.
    #[error("a category cannot stand below itself")]
    Cycle,
    /// The sibling to stand before is not among the new siblings.
    #[error("the category to stand before is not a sibling there")]
    SiblingUnknown,
    /// Something stands below it.
    #[error("has categories below it: move or delete these first")]
    HasChildren,
    /// Products or rules of collections name it.
    #[error("products or rules of collections name it: let them go first")]
    InUse,
    /// More categories than a tree holds.
    #[error("a company has at most {} categories", super::category_tree::MAX_CATEGORIES)]
    TooMany,
    /// Another writer was first.
    #[error("has changed since: its version is {current}")]
    VersionConflict {
        /// The version it has now.
        current: i64,
    },
    /// There is no such company, or the caller cannot see it.
    #[error("there is no such company")]
    CompanyUnknown,
}
