//! `shopCreate`: a new shop of a company.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId, UserId};
use souk_kit::metadata::MetadataEntryInput;
use souk_kit::permission::{Action, Resource, Tenant};
use souk_kit::sql::Repository;
use souk_kit::user_error::UserError;

use super::address::AddressInput;
use super::contact::ContactDetailsInput;
use super::omitted::{given, pairs};
use super::opening_hours::OpeningHoursInput;
use super::shop::{Shop, ShopKind};
use crate::domain::refusal::{Reason, Refusal, Refused};
use crate::domain::shop::{self, Owner, ShopChange, ShopDraft, ShopEvent};
use crate::refusal_code::MerchantErrorCode;
use crate::store::{Companies, Shops};

#[derive(Default)]
pub(crate) struct ShopCreate;

/// What a new shop is.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct ShopCreateInput {
    /// The company that it belongs to.
    company: CompanyId,
    /// The name; at most 200 characters.
    name: String,
    /// Its short name in web addresses, unique within the company: letters a to z, digits and single hyphens
    /// between them; at most 64.
    slug: String,
    /// Where customers meet it. A physical shop needs an address.
    kind: ShopKind,
    /// What it says of itself; at most 10,000 characters.
    description: Option<String>,
    /// Where it is.
    address: Option<AddressInput>,
    /// How customers reach it.
    contact: Option<ContactDetailsInput>,
    /// The IANA time zone that its hours are in; the company's when omitted.
    time_zone: Option<String>,
    /// When it is open.
    opening_hours: Option<OpeningHoursInput>,
    /// The id of the person who runs it.
    manager: Option<UserId>,
    /// The ids of the people who work in it; at most 1,000.
    staff: Option<Vec<UserId>>,
    /// What another system calls it; unique among the shops of its company, at most 255 characters.
    external_reference: Option<String>,
    /// Private metadata; at most 100 entries.
    private_metadata: Option<Vec<MetadataEntryInput>>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days. Omitted or
    /// null: a call that is sent again is made again.
    idempotency_key: Option<String>,
}

/// The new shop, or why there is none.
#[derive(SimpleObject)]
pub(crate) struct ShopCreatePayload {
    /// The shop; null when it was refused.
    shop: Option<Shop>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<UserError<MerchantErrorCode>>,
}

#[Object]
impl ShopCreate {
    /// Creates a shop, active at once. For company admins.
    async fn shop_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: ShopCreateInput,
    ) -> Result<Option<ShopCreatePayload>, Fault> {
        let scope = ctx.may(Action::Create, Resource::Shop)?;
        let (now, company) = (ctx.now(), input.company);
        // Another tenant's company answers like one that does not exist.
        let owner = if scope.covers(&Tenant::company(company)) {
            ctx.store::<Companies>()?.get(&scope, company).await?
        } else {
            None
        };
        let Some(owner) = owner else {
            let refused = Refused::from(Refusal::at(&["company"], Reason::NotFound));
            return Ok(Some(Outcome::refused(refused).into()));
        };
        let owner = Owner { id: company, active: owner.active, time_zone: owner.settings.time_zone };
        let create = || {
            let shop = shop::Shop::create(input.into(), owner, ShopId::new(now), now)?;
            Ok::<_, Refused>((shop, ShopEvent::Created.name()))
        };
        let call = ctx.call()?.within(company);
        Ok(Some(ctx.store::<Shops>()?.create(&scope, &call, create).await?.into()))
    }
}

impl From<ShopCreateInput> for ShopDraft {
    fn from(input: ShopCreateInput) -> Self {
        Self {
            name: input.name,
            slug: input.slug,
            kind: input.kind.into(),
            rest: ShopChange {
                description: given(input.description),
                address: given(input.address.map(Into::into)),
                contact: given(input.contact.map(Into::into)),
                time_zone: given(input.time_zone),
                opening_hours: given(input.opening_hours.map(Into::into)),
                manager: given(input.manager),
                staff: given(input.staff),
                external_reference: given(input.external_reference),
                private_metadata: given(input.private_metadata.map(pairs)),
                ..ShopChange::default()
            },
        }
    }
}

impl From<Outcome<shop::Shop>> for ShopCreatePayload {
    fn from(outcome: Outcome<shop::Shop>) -> Self {
        Self { shop: outcome.aggregate.map(Shop::from), user_errors: outcome.user_errors }
    }
}
