//! Entities by their keys, as the gateway asks for them.

use async_graphql::Object;
use souk_kit::id::{CompanyKind, ShopKind, SoughtId};

use super::company::Company;
use super::shop::Shop;

/// Resolves entities.
#[derive(Default)]
pub(crate) struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn company_by_id(&self, #[graphql(key)] id: SoughtId<CompanyKind>) -> Option<Company> {
        id.get().map(Company::from)
    }

    #[graphql(entity)]
    async fn shop_by_id(&self, #[graphql(key)] id: SoughtId<ShopKind>) -> Option<Shop> {
        id.get().map(Shop::from)
    }
}
