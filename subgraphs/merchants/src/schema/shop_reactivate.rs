//! `shopReactivate`: gives a shop back to the public.

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
pub(crate) struct ShopReactivate;

/// Which shop is to be reactivated.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ShopReactivateInput {
    /// Which shop.
    id: ShopId,
    /// The version that the caller last saw; refused when the shop has another.
    expected_version: i64,
}

/// The reactivated shop, or why it was not reactivated.
#[derive(SimpleObject)]
pub(crate) struct ShopReactivatePayload {
    /// The shop; null when it was refused.
    shop: Option<Shop>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<UserError<MerchantErrorCode>>,
}

#[Object]
impl ShopReactivate {
    /// Makes a deactivated shop public again, if its company is. For company admins.
    async fn shop_reactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop.")] input: ShopReactivateInput,
    ) -> Result<Option<ShopReactivatePayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Shop)?;
        let now = ctx.now();
        let reactivate = |shop: &mut shop::Shop| shop.reactivate(now).map(ShopEvent::name);
        Ok(Some(ctx.store::<Shops>()?.change(&scope, &ctx.call()?, input.id, reactivate).await?.into()))
    }
}

impl From<Outcome<shop::Shop>> for ShopReactivatePayload {
    fn from(outcome: Outcome<shop::Shop>) -> Self {
        Self { shop: outcome.aggregate.map(Shop::from), user_errors: outcome.user_errors }
    }
}
