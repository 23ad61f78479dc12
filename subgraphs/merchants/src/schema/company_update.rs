//! `companyUpdate`: changes of a company.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, UserId};
use souk_kit::permission::{Action, Resource};
use souk_kit::sql::Repository;
use souk_kit::user_error::UserError;

use super::address::AddressInput;
use super::company::Company;
use super::contact::ContactDetailsInput;
use super::look::BrandingInput;
use super::metadata::{MerchantMetadataInput, pairs};
use super::omitted::patch;
use super::plan::CompanyPlanInput;
use super::settings::CompanySettingsUpdateInput;
use crate::domain::company::{self, CompanyChange, CompanyEvent};
use crate::refusal_code::MerchantErrorCode;
use crate::store::Companies;

#[derive(Default)]
pub(crate) struct CompanyUpdate;

/// Changes of a company. What is omitted stays; null clears what may be empty.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct CompanyUpdateInput {
    /// Which company.
    id: CompanyId,
    /// The version that the changes were made for; refused when the company has another.
    expected_version: i64,
    /// The name; at most 200 characters.
    name: MaybeUndefined<String>,
    /// Its short name in web addresses, unique on the platform: letters a to z, digits and single hyphens between
    /// them; at most 64.
    slug: MaybeUndefined<String>,
    /// Web address of the logo, with `http` or `https`.
    logo: MaybeUndefined<String>,
    /// What it says of itself; at most 10,000 characters.
    description: MaybeUndefined<String>,
    /// How customers reach it; replaced as a whole.
    contact: MaybeUndefined<ContactDetailsInput>,
    /// Where it has its seat; replaced as a whole.
    address: MaybeUndefined<AddressInput>,
    /// How its storefront should look; replaced as a whole.
    branding: MaybeUndefined<BrandingInput>,
    /// How it sells; each setting by itself.
    settings: Option<CompanySettingsUpdateInput>,
    /// What it subscribes to; replaced as a whole.
    plan: MaybeUndefined<CompanyPlanInput>,
    /// The id of the person whom it belongs to.
    owner: MaybeUndefined<UserId>,
    /// What another system calls it; unique on the platform, at most 255 characters.
    external_reference: MaybeUndefined<String>,
    /// Notes of staff and other systems, replaced as a whole; at most 50.
    private_metadata: MaybeUndefined<Vec<MerchantMetadataInput>>,
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
        let (id, now) = (input.id, ctx.now());
        let update = |company: &mut company::Company| {
            company.update(input.into(), now).map(|event| event.map(CompanyEvent::name))
        };
        Ok(Some(ctx.store::<Companies>()?.change(&scope, &ctx.call()?, id, update).await?.into()))
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
