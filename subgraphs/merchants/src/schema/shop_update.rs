//! `shopUpdate`: changes of a shop.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{ShopId, UserId};
use souk_kit::permission::{Action, Resource};
use souk_kit::sql::Repository;
use souk_kit::user_error::UserError;

use super::address::AddressInput;
use super::contact::ContactDetailsInput;
use super::metadata::{MerchantMetadataInput, pairs};
use super::omitted::patch;
use super::opening_hours::OpeningHoursInput;
use super::shop::{Shop, ShopKind};
use crate::domain::shop::{self, ShopChange, ShopEvent};
use crate::refusal_code::MerchantErrorCode;
use crate::store::Shops;

#[derive(Default)]
pub(crate) struct ShopUpdate;

/// Changes of a shop. What is omitted stays; null clears what may be empty.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ShopUpdateInput {
    /// Which shop.
    id: ShopId,
    /// The version that the changes were made for; refused when the shop has another.
    expected_version: i64,
    /// The name; at most 200 characters.
    name: MaybeUndefined<String>,
    /// Its short name in web addresses, unique within the company: letters a to z, digits and single hyphens
    /// between them; at most 64.
    slug: MaybeUndefined<String>,
    /// Where customers meet it. A physical shop needs an address.
    kind: MaybeUndefined<ShopKind>,
    /// What it says of itself; at most 10,000 characters.
    description: MaybeUndefined<String>,
    /// Where it is; replaced as a whole.
    address: MaybeUndefined<AddressInput>,
    /// How customers reach it; replaced as a whole.
    contact: MaybeUndefined<ContactDetailsInput>,
    /// The IANA time zone that its hours are in.
    time_zone: MaybeUndefined<String>,
    /// When it is open, replaced as a whole; null: it does not say.
    opening_hours: MaybeUndefined<OpeningHoursInput>,
    /// The id of the person who runs it.
    manager: MaybeUndefined<UserId>,
    /// The ids of the people who work in it, replaced as a whole; at most 1,000.
    staff: MaybeUndefined<Vec<UserId>>,
    /// What another system calls it; unique among the shops of its company, at most 255 characters.
    external_reference: MaybeUndefined<String>,
    /// Notes of staff and other systems, replaced as a whole; at most 50.
    private_metadata: MaybeUndefined<Vec<MerchantMetadataInput>>,
}

/// The changed shop, or why it was not changed.
#[derive(SimpleObject)]
pub(crate) struct ShopUpdatePayload {
    /// The shop; null when the change was refused.
    shop: Option<Shop>,
    /// Why the change was refused; empty when it was not.
    user_errors: Vec<UserError<MerchantErrorCode>>,
}

#[Object]
impl ShopUpdate {
    /// Changes a shop. For company admins.
    async fn shop_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what changes.")] input: ShopUpdateInput,
    ) -> Result<Option<ShopUpdatePayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Shop)?;
        let (id, now) = (input.id, ctx.now());
        let update =
            |shop: &mut shop::Shop| shop.update(input.into(), now).map(|event| event.map(ShopEvent::name));
        Ok(Some(ctx.store::<Shops>()?.change(&scope, &ctx.call()?, id, update).await?.into()))
    }
}

impl From<ShopUpdateInput> for ShopChange {
    fn from(input: ShopUpdateInput) -> Self {
        Self {
            name: patch(input.name, |name| name),
            slug: patch(input.slug, |slug| slug),
            kind: patch(input.kind, Into::into),
            description: patch(input.description, |description| description),
            address: patch(input.address, Into::into),
            contact: patch(input.contact, Into::into),
            time_zone: patch(input.time_zone, |zone| zone),
            opening_hours: patch(input.opening_hours, Into::into),
            manager: patch(input.manager, |manager| manager),
            staff: patch(input.staff, |staff| staff),
            external_reference: patch(input.external_reference, |reference| reference),
            private_metadata: patch(input.private_metadata, pairs),
        }
    }
}

impl From<Outcome<shop::Shop>> for ShopUpdatePayload {
    fn from(outcome: Outcome<shop::Shop>) -> Self {
        Self { shop: outcome.aggregate.map(Shop::from), user_errors: outcome.user_errors }
    }
}
