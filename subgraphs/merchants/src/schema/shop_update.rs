//! `shopUpdate`: changes of a shop.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId, UserId};
use souk_kit::metadata::MetadataEntryInput;
use souk_kit::permission::{Action, Resource};
use souk_kit::user_error::UserError;

use super::address::AddressInput;
use super::contact::ContactDetailsInput;
use super::naming::ShopName;
use super::omitted::{pairs, patch};
use super::opening_hours::OpeningHoursInput;
use super::shop::{Shop, ShopKind};
use crate::domain::shop::{self, ShopChange, ShopEvent};
use crate::refusal_code::MerchantErrorCode;

#[derive(Default)]
pub(crate) struct ShopUpdate;

/// Changes of a shop: all that is given, or nothing. What is omitted stays as it is.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ShopUpdateInput {
    /// Which shop. Omitted or null: the one with the external reference.
    id: Option<ShopId>,
    /// The company that it belongs to, when it is named by its external reference. Omitted or null: the caller's own.
    company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing changes. Omitted or null: the last write wins.
    expected_version: Option<i64>,
    /// The name; at most 200 characters. Omitted: as it is. Null: refused.
    name: MaybeUndefined<String>,
    /// Its short name in web addresses, unique within the company: letters a to z, digits and single hyphens
    /// between them; at most 64. Omitted: as it is. Null: refused.
    slug: MaybeUndefined<String>,
    /// Where customers meet it. A physical shop needs an address. Omitted: as it is. Null: refused.
    kind: MaybeUndefined<ShopKind>,
    /// What it says of itself; at most 10,000 characters. Omitted: as it is. Null: none.
    description: MaybeUndefined<String>,
    /// Where it is, replaced as a whole. Omitted: as it is. Null: nowhere, which a physical shop is refused.
    address: MaybeUndefined<AddressInput>,
    /// How customers reach it, replaced as a whole. Omitted: as it is. Null: none.
    contact: MaybeUndefined<ContactDetailsInput>,
    /// The IANA time zone that its hours are in. Omitted: as it is. Null: refused.
    time_zone: MaybeUndefined<String>,
    /// When it is open, replaced as a whole. Omitted: as it is. Null: it does not say.
    opening_hours: MaybeUndefined<OpeningHoursInput>,
    /// The id of the person who runs it. Omitted: as it is. Null: none.
    manager: MaybeUndefined<UserId>,
    /// The ids of the people who work in it, replaced as a whole; at most 1,000. Omitted: as they are. Null:
    /// nobody.
    staff: MaybeUndefined<Vec<UserId>>,
    /// What another system calls it; unique among the shops of its company, at most 255 characters. Without an `id`
    /// it names the shop. Omitted: as it is. Null: nothing any more.
    external_reference: MaybeUndefined<String>,
    /// Private metadata, replaced as a whole; at most 100 entries. Omitted: as it is. Null: none.
    private_metadata: MaybeUndefined<Vec<MetadataEntryInput>>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days. Omitted or
    /// null: a call that is sent again is made again.
    idempotency_key: Option<String>,
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
        let now = ctx.now();
        let named = ShopName {
            id: input.id,
            reference: input.external_reference.value().cloned(),
            company: input.company,
        };
        let update =
            |shop: &mut shop::Shop| shop.update(input.into(), now).map(|event| event.map(ShopEvent::name));
        Ok(Some(named.change(ctx, &scope, update).await?.into()))
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
