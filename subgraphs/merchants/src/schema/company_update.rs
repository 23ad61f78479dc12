//! `companyUpdate`: changes of a company.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, UserId};
use souk_kit::metadata::MetadataEntryInput;
use souk_kit::permission::{Action, Resource};
use souk_kit::user_error::UserError;

use super::address::AddressInput;
use super::company::Company;
use super::contact::ContactDetailsInput;
use super::look::BrandingInput;
use super::naming::CompanyName;
use super::omitted::{pairs, patch};
use super::plan::CompanyPlanInput;
use super::settings::CompanySettingsUpdateInput;
use crate::domain::company::{self, CompanyChange, CompanyEvent};
use crate::refusal_code::MerchantErrorCode;

#[derive(Default)]
pub(crate) struct CompanyUpdate;

/// Changes of a company: all that is given, or nothing. What is omitted stays as it is.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct CompanyUpdateInput {
    /// Which company. Omitted or null: the one with the external reference.
    id: Option<CompanyId>,
    /// The version that the client saw; with another one nothing changes. Omitted or null: the last write wins.
    expected_version: Option<i64>,
    /// The name; at most 200 characters. Omitted: as it is. Null: refused.
    name: MaybeUndefined<String>,
    /// Its short name in web addresses, unique on the platform: letters a to z, digits and single hyphens between
    /// them; at most 64. Omitted: as it is. Null: refused.
    slug: MaybeUndefined<String>,
    /// Web address of the logo, with `http` or `https`. Omitted: as it is. Null: none.
    logo: MaybeUndefined<String>,
    /// What it says of itself; at most 10,000 characters. Omitted: as it is. Null: none.
    description: MaybeUndefined<String>,
    /// How customers reach it, replaced as a whole. Omitted: as it is. Null: none.
    contact: MaybeUndefined<ContactDetailsInput>,
    /// Where it has its seat, replaced as a whole. Omitted: as it is. Null: none.
    address: MaybeUndefined<AddressInput>,
    /// How its storefront should look, replaced as a whole. Omitted: as it is. Null: nothing is said of it.
    branding: MaybeUndefined<BrandingInput>,
    /// How it sells; each setting by itself. Omitted or null: as it is.
    settings: Option<CompanySettingsUpdateInput>,
    /// What it subscribes to, replaced as a whole. Omitted: as it is. Null: refused.
    plan: MaybeUndefined<CompanyPlanInput>,
    /// The id of the person whom it belongs to. Omitted: as it is. Null: none.
    owner: MaybeUndefined<UserId>,
    /// What another system calls it; unique on the platform, at most 255 characters. Without an `id` it names the
    /// company. Omitted: as it is. Null: nothing any more.
    external_reference: MaybeUndefined<String>,
    /// Private metadata, replaced as a whole; at most 100 entries. Omitted: as it is. Null: none.
    private_metadata: MaybeUndefined<Vec<MetadataEntryInput>>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days. Omitted or
    /// null: a call that is sent again is made again.
    idempotency_key: Option<String>,
}

/// The changed company, or why it was not changed.
#[derive(SimpleObject)]
pub(crate) struct CompanyUpdatePayload {
    /// The company; null when the change was refused.
    company: Option<Company>,
    /// Why the change was refused; empty when it was not.
    user_errors: Vec<UserError<MerchantErrorCode>>,
}

#[Object]
impl CompanyUpdate {
    /// Changes a company. For super admins.
    async fn company_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what changes.")] input: CompanyUpdateInput,
    ) -> Result<Option<CompanyUpdatePayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Company)?;
        let now = ctx.now();
        let named = CompanyName { id: input.id, reference: input.external_reference.value().cloned() };
        let update = |company: &mut company::Company| {
            company.update(input.into(), now).map(|event| event.map(CompanyEvent::name))
        };
        Ok(Some(named.change(ctx, &scope, update).await?.into()))
    }
}

impl From<CompanyUpdateInput> for CompanyChange {
    fn from(input: CompanyUpdateInput) -> Self {
        Self {
            name: patch(input.name, |name| name),
            slug: patch(input.slug, |slug| slug),
            logo: patch(input.logo, |logo| logo),
            description: patch(input.description, |description| description),
            contact: patch(input.contact, Into::into),
            address: patch(input.address, Into::into),
            branding: patch(input.branding, Into::into),
            settings: input.settings.unwrap_or_default().into(),
            plan: patch(input.plan, Into::into),
            owner: patch(input.owner, |owner| owner),
            external_reference: patch(input.external_reference, |reference| reference),
            private_metadata: patch(input.private_metadata, pairs),
        }
    }
}

impl From<Outcome<company::Company>> for CompanyUpdatePayload {
    fn from(outcome: Outcome<company::Company>) -> Self {
        Self { company: outcome.aggregate.map(Company::from), user_errors: outcome.user_errors }
    }
}
