//! `shopDeactivate`: takes a shop from the public's sight.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Action, Resource};
use souk_kit::user_error::UserError;

use super::naming::ShopName;
use super::shop::Shop;
use crate::domain::shop::{self, ShopEvent};
use crate::refusal_code::MerchantErrorCode;

#[derive(Default)]
pub(crate) struct ShopDeactivate;

/// Which shop is to be deactivated.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ShopDeactivateInput {
    /// Which shop. Omitted or null: the one with the external reference.
    id: Option<ShopId>,
    /// What another system calls it, instead of `id`.
    external_reference: Option<String>,
    /// The company that it belongs to, when it is named by its external reference. Omitted or null: the caller's own.
    company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing happens. Omitted or null: whatever its version.
    expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days. Omitted or
    /// null: a call that is sent again is made again.
    idempotency_key: Option<String>,
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
        let named = ShopName { id: input.id, reference: input.external_reference, company: input.company };
        let deactivate = |shop: &mut shop::Shop| shop.deactivate(now).map(ShopEvent::name);
        Ok(Some(named.change(ctx, &scope, deactivate).await?.into()))
    }
}

impl From<Outcome<shop::Shop>> for ShopDeactivatePayload {
    fn from(outcome: Outcome<shop::Shop>) -> Self {
        Self { shop: outcome.aggregate.map(Shop::from), user_errors: outcome.user_errors }
    }
}
