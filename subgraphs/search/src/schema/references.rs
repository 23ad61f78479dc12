//! What others own, as far as search knows it: by id.

use async_graphql::SimpleObject;
use souk_kit::id::CompanyId;

use crate::domain::ids::{CategoryId, ProductId};

/// A product of a company.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(unresolvable = "id")]
pub(crate) struct Product {
    /// Its id.
    id: ProductId,
}

/// A category of a company's tree.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(unresolvable = "id")]
pub(crate) struct Category {
    /// Its id.
    id: CategoryId,
}

/// A company that sells on the platform.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(unresolvable = "id")]
pub(crate) struct Company {
    /// Its id.
    id: CompanyId,
}

impl From<ProductId> for Product {
    fn from(id: ProductId) -> Self {
        Self { id }
    }
}

impl From<CategoryId> for Category {
    fn from(id: CategoryId) -> Self {
        Self { id }
    }
}

impl From<CompanyId> for Company {
    fn from(id: CompanyId) -> Self {
        Self { id }
    }
}
