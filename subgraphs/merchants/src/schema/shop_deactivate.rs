//! `shopDeactivate`: takes a shop from the public's sight.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::permission::{Action, Resource};
use souk_kit::sql::Repository;
use souk_kit::user_error::UserError;

use super::shop::Shop;
use crate::domain::shop::{self, ShopEvent};
use crate::refusal_code::MerchantErrorCode;
use crate::store::Shops;

#[derive(Default)]
pub(crate) struct ShopDeactivate;

/// Which shop is to be deactivated.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ShopDeactivateInput {
    /// Which shop.
    id: ShopId,
    /// The version that the caller last saw; refused when the shop has another.
    expected_version: i64,
}

/// The deactivated shop, or why it was not deactivated.
#[derive(SimpleObject)]
pub(crate) struct ShopDeactivatePayload {
    /// The shop; null when it was refused.
    shop: Option<Shop>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<UserError<MerchantErrorCode>>,
}

#[Object]
impl ShopDeactivate {
    /// Deactivates a shop: it is no longer public. Its data stays. For company admins.
    async fn shop_deactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop.")] input: ShopDeactivateInput,
    ) -> Result<Option<ShopDeactivatePayload>, Fault> {
        let scope = ctx.may(Action::Delete, Resource::Shop)?;
        let now = ctx.now();
        let deactivate = |shop: &mut shop::Shop| shop.deactivate(now).map(ShopEvent::name);
        Ok(Some(ctx.store::<Shops>()?.change(&scope, &ctx.call()?, input.id, deactivate).await?.into()))
    }
}

impl From<Outcome<shop::Shop>> for ShopDeactivatePayload {
    fn from(outcome: Outcome<shop::Shop>) -> Self {
        Self { shop: outcome.aggregate.map(Shop::from), user_errors: outcome.user_errors }
    }
}
