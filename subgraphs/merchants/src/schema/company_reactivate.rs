//! `companyReactivate`: gives a company back to the public.

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
pub(crate) struct CompanyReactivate;

/// Which company is to be reactivated.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct CompanyReactivateInput {
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

/// The reactivated company, or why it was not reactivated.
#[derive(SimpleObject)]
pub(crate) struct CompanyReactivatePayload {
    /// The company; null when it was refused.
    company: Option<Company>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<UserError<MerchantErrorCode>>,
}

#[Object]
impl CompanyReactivate {
    /// Makes a deactivated company public again, with those of its shops that are active. For super admins.
    async fn company_reactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which company.")] input: CompanyReactivateInput,
    ) -> Result<Option<CompanyReactivatePayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Company)?;
        let now = ctx.now();
        let named = CompanyName { id: input.id, reference: input.external_reference };
        let reactivate = |company: &mut company::Company| company.reactivate(now).map(CompanyEvent::name);
        Ok(Some(named.change(ctx, &scope, reactivate).await?.into()))
    }
}

impl From<Outcome<company::Company>> for CompanyReactivatePayload {
    fn from(outcome: Outcome<company::Company>) -> Self {
        Self { company: outcome.aggregate.map(Company::from), user_errors: outcome.user_errors }
    }
}
