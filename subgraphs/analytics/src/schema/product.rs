//! Products, as far as analytics knows them: by id.

use async_graphql::SimpleObject;

use crate::domain::ids::ProductId;

/// What a company offers, in one or more variants.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(unresolvable = "id")]
pub(crate) struct Product {
    /// Its id.
    id: ProductId,
}

impl From<ProductId> for Product {
    fn from(id: ProductId) -> Self {
        Self { id }
    }
}
