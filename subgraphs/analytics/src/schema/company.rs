//! What analytics adds to `Company`, which merchants owns.

use async_graphql::{ComplexObject, Context, SimpleObject};
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopKind, SoughtId};
use souk_kit::permission::{Resource, Tenant};

use super::analytics::Analytics;
use crate::store::reports::Shops;

/// A company that sells on the platform.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Company {
    /// Its id.
    id: CompanyId,
}

impl From<CompanyId> for Company {
    fn from(id: CompanyId) -> Self {
        Self { id }
    }
}

#[ComplexObject]
impl Company {
    /// What visitors of the company's storefronts did; for staff. Who works in some of its shops gets the figures of those.
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
        #[graphql(desc = "Only what happened in the storefront of this shop.")] shop: Option<
            SoughtId<ShopKind>,
        >,
    ) -> Result<Option<Analytics>, Fault> {
        ctx.may_see(Resource::Analytics, &Tenant::company(self.id))?;
        let shops = match shop.map(SoughtId::get) {
            None => Shops::All,
            Some(Some(shop)) => Shops::One(shop),
            Some(None) => Shops::None,
        };
        Analytics::of(ctx, self.id, shops, (from, until)).await
    }
}
