//! What analytics adds to `Shop`, which merchants owns.

use async_graphql::{ComplexObject, Context, SimpleObject};
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::permission::{Resource, Tenant};

use super::analytics::Analytics;
use crate::facts::Facts;
use crate::store::reports::Shops;

/// A shop of a company.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Shop {
    /// Its id.
    id: ShopId,
}

impl From<ShopId> for Shop {
    fn from(id: ShopId) -> Self {
        Self { id }
    }
}

#[ComplexObject]
impl Shop {
    /// What visitors of the shop's storefront did; for staff. Days are those of the company.
    async fn analytics(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "From when; the hour that it lies in is counted whole, unless a day of the company begins then: that one begins with its first whole hour."
        )]
        from: Timestamp,
        #[graphql(
            desc = "Until when; the hour that it lies in is counted whole, unless it begins then. At most 366 days after `from`."
        )]
        until: Timestamp,
    ) -> Result<Option<Analytics>, Fault> {
        let Some(shop) = ctx.store::<Facts>()?.shop(self.id).await? else { return Ok(None) };
        ctx.may_see(Resource::Analytics, &Tenant::shop(shop.company, self.id))?;
        Analytics::of(ctx, shop.company, Shops::One(self.id), (from, until)).await
    }
}
