//! `companyDeactivate`: takes a company from the public's sight.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::{Action, Resource};
use souk_kit::user_error::UserError;

use super::company::Company;
use super::naming::CompanyName;
use crate::domain::company::{self, CompanyEvent};
use crate::refusal_code::MerchantErrorCode;

#[derive(Default)]
pub(crate) struct CompanyDeactivate;

/// Which company is to be deactivated.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct CompanyDeactivateInput {
    /// Which company. Omitted or null: the one with the external reference.
    id: Option<CompanyId>,
    /// What another system calls it, instead of `id`.
    external_reference: Option<String>,
    /// The version that the client saw; with another one nothing happens. Omitted or null: whatever its version.
    expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days. Omitted or
    /// null: a call that is sent again is made again.
    idempotency_key: Option<String>,
}

/// The deactivated company, or why it was not deactivated.
#[derive(SimpleObject)]
pub(crate) struct CompanyDeactivatePayload {
    /// The company; null when it was refused.
    company: Option<Company>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<UserError<MerchantErrorCode>>,
}

#[Object]
impl CompanyDeactivate {
    /// Deactivates a company: it and its shops and products are no longer public, and it opens no new shops. Its data
    /// stays. For super admins.
    async fn company_deactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which company.")] input: CompanyDeactivateInput,
    ) -> Result<Option<CompanyDeactivatePayload>, Fault> {
        let scope = ctx.may(Action::Delete, Resource::Company)?;
        let now = ctx.now();
        let named = CompanyName { id: input.id, reference: input.external_reference };
        let deactivate = |company: &mut company::Company| company.deactivate(now).map(CompanyEvent::name);
        Ok(Some(named.change(ctx, &scope, deactivate).await?.into()))
    }
}

impl From<Outcome<company::Company>> for CompanyDeactivatePayload {
    fn from(outcome: Outcome<company::Company>) -> Self {
        Self { company: outcome.aggregate.map(Company::from), user_errors: outcome.user_errors }
    }
}
