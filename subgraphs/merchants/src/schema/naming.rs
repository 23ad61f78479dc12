//! How a write names the company or shop that it changes: by its id, or by what another system calls it.

use async_graphql::Context;
use souk_kit::aggregate::{Aggregate, Happened, Outcome};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::Visibility;
use souk_kit::sql::Repository;
use souk_kit::user_error::{ErrorCode, UserError};

use crate::domain::refusal::{Reason, Refusal, Refused};
use crate::domain::{company, shop};
use crate::refusal_code::MerchantErrorCode;
use crate::store::{Companies, Shops};

/// How an input names a company.
#[derive(Debug, Clone)]
pub(super) struct CompanyName {
    pub(super) id: Option<CompanyId>,
    /// What another system calls it; says nothing beside an id.
    pub(super) reference: Option<String>,
}

/// How an input names a shop.
#[derive(Debug, Clone)]
pub(super) struct ShopName {
    pub(super) id: Option<ShopId>,
    /// What another system calls it; says nothing beside an id.
    pub(super) reference: Option<String>,
    /// Within which company `reference` is unique; the caller's own when omitted.
    pub(super) company: Option<CompanyId>,
}

impl CompanyName {
    /// Changes the company that is named, as [`Repository::change`] does.
    pub(super) async fn change<F, E>(
        self,
        ctx: &Context<'_>,
        scope: &Visibility,
        decide: F,
    ) -> Result<Outcome<company::Company>, Fault>
    where
        F: FnOnce(&mut company::Company) -> Result<E, Refused> + Send,
        E: Into<Happened>,
    {
        let (companies, call) = (ctx.store::<Companies>()?, ctx.call()?);
        let sought = match (self.id, &self.reference) {
            (Some(id), _) => Some(id),
            (None, Some(reference)) => {
                companies.by_reference(scope, reference.trim()).await?.map(|company| company.id)
            }
            (None, None) => return Ok(missing("id")),
        };
        // Even so the call is made: it may be sent again, and the company have another reference by now.
        let id = sought.unwrap_or_else(|| CompanyId::new(call.now));
        let outcome = companies.change(scope, &call, id, decide).await?;
        Ok(if self.id.is_some() { outcome } else { of_reference(outcome) })
    }
}

impl ShopName {
    /// Changes the shop that is named, as [`Repository::change`] does.
    pub(super) async fn change<F, E>(
        self,
        ctx: &Context<'_>,
        scope: &Visibility,
        decide: F,
    ) -> Result<Outcome<shop::Shop>, Fault>
    where
        F: FnOnce(&mut shop::Shop) -> Result<E, Refused> + Send,
        E: Into<Happened>,
    {
        let (shops, call) = (ctx.store::<Shops>()?, ctx.call()?);
        let (sought, company) = match (self.id, &self.reference) {
            (Some(id), _) => {
                let company = shops.many(scope, &[id]).await?.remove(&id).map(|shop| shop.company_id);
                (Some(id), company)
            }
            (None, Some(reference)) => {
                let Some(company) = self.company.or_else(|| ctx.principal().company()) else {
                    return Ok(missing("company"));
                };
                let found = shops.by_reference(scope, company, reference.trim()).await?;
                (found.map(|shop| shop.id), Some(company))
            }
            (None, None) => return Ok(missing("id")),
        };
        let call = match company {
            Some(company) => call.within(company),
            None => call,
        };
        // Even so the call is made: it may be sent again, and the shop have another reference by now.
        let id = sought.unwrap_or_else(|| ShopId::new(call.now));
        let outcome = shops.change(scope, &call, id, decide).await?;
        Ok(if self.id.is_some() { outcome } else { of_reference(outcome) })
    }
}

/// Nothing is named.
fn missing<A: Aggregate<Code = MerchantErrorCode>>(field: &str) -> Outcome<A> {
    Outcome::refused(Refused::from(Refusal::at(&[field], Reason::Required)))
}

/// The same outcome, which says of what was not found that it was looked for by its reference.
fn of_reference<A: Aggregate<Code = MerchantErrorCode>>(mut outcome: Outcome<A>) -> Outcome<A> {
    for error in &mut outcome.user_errors {
        if error.code() == MerchantErrorCode::NOT_FOUND {
            *error = UserError::from(Refusal::at(&["externalReference"], Reason::NotFound));
        }
    }
    outcome
}
