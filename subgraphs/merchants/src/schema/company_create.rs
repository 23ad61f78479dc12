//! `companyCreate`: a new tenant.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, UserId};
use souk_kit::metadata::MetadataEntryInput;
use souk_kit::permission::{Action, Resource};
use souk_kit::sql::Repository;
use souk_kit::user_error::UserError;

use super::address::AddressInput;
use super::company::Company;
use super::contact::ContactDetailsInput;
use super::look::BrandingInput;
use super::omitted::{given, pairs};
use super::plan::CompanyPlanInput;
use super::settings::CompanySettingsCreateInput;
use crate::domain::company::{self, CompanyChange, CompanyDraft, CompanyEvent};
use crate::refusal_code::MerchantErrorCode;
use crate::store::Companies;

#[derive(Default)]
pub(crate) struct CompanyCreate;

/// What a new company is.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct CompanyCreateInput {
    /// The name; at most 200 characters.
    name: String,
    /// Its short name in web addresses, unique on the platform: letters a to z, digits and single hyphens between
    /// them; at most 64.
    slug: String,
    /// How it sells.
    settings: CompanySettingsCreateInput,
    /// Web address of the logo, with `http` or `https`.
    logo: Option<String>,
    /// What it says of itself; at most 10,000 characters.
    description: Option<String>,
    /// How customers reach it.
    contact: Option<ContactDetailsInput>,
    /// Where it has its seat.
    address: Option<AddressInput>,
    /// How its storefront should look.
    branding: Option<BrandingInput>,
    /// What it subscribes to; the free tier when omitted.
    plan: Option<CompanyPlanInput>,
    /// The id of the person whom it belongs to.
    owner: Option<UserId>,
    /// What another system calls it; unique on the platform, at most 255 characters.
    external_reference: Option<String>,
    /// Private metadata; at most 100 entries.
    private_metadata: Option<Vec<MetadataEntryInput>>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days. Omitted or
    /// null: a call that is sent again is made again.
    idempotency_key: Option<String>,
}

/// The new company, or why there is none.
#[derive(SimpleObject)]
pub(crate) struct CompanyCreatePayload {
    /// The company; null when it was refused.
    company: Option<Company>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<UserError<MerchantErrorCode>>,
}

#[Object]
impl CompanyCreate {
    /// Creates a company, active at once. For super admins.
    async fn company_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: CompanyCreateInput,
    ) -> Result<Option<CompanyCreatePayload>, Fault> {
        let scope = ctx.may(Action::Create, Resource::Company)?;
        let now = ctx.now();
        let create = || {
            let company = company::Company::create(input.into(), CompanyId::new(now), now)?;
            Ok::<_, crate::domain::refusal::Refused>((company, CompanyEvent::Created.name()))
        };
        Ok(Some(ctx.store::<Companies>()?.create(&scope, &ctx.call()?, create).await?.into()))
    }
}

impl From<CompanyCreateInput> for CompanyDraft {
    fn from(input: CompanyCreateInput) -> Self {
        Self {
            name: input.name,
            slug: input.slug,
            currency: input.settings.currency.into(),
            rest: CompanyChange {
                logo: given(input.logo),
                description: given(input.description),
                contact: given(input.contact.map(Into::into)),
                address: given(input.address.map(Into::into)),
                branding: given(input.branding.map(Into::into)),
                settings: input.settings.into(),
                plan: given(input.plan.map(Into::into)),
                owner: given(input.owner),
                external_reference: given(input.external_reference),
                private_metadata: given(input.private_metadata.map(pairs)),
                ..CompanyChange::default()
            },
        }
    }
}

impl From<Outcome<company::Company>> for CompanyCreatePayload {
    fn from(outcome: Outcome<company::Company>) -> Self {
        Self { company: outcome.aggregate.map(Company::from), user_errors: outcome.user_errors }
    }
}
