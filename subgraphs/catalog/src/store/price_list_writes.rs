//! Writing price lists, and the prices of a list, which stand on the variants.

use serde::{Deserialize, Serialize};
use souk_kit::call::Call;
use souk_kit::documents::{Decided, Draft, Filter, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;

use super::Catalog;
use super::product_writes::reaches;
use crate::domain::ids::PriceListId;
use crate::domain::price_list::{MAX_LISTS, PriceList, PriceListRefusal};
use crate::error::{CatalogError, CatalogErrorCode, at_field, price_list_code};

/// What a write of a price list comes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WrittenPriceList {
    /// Which list.
    pub id: PriceListId,
}

/// A write, or why it was refused.
pub type PriceListAnswer = Result<WrittenPriceList, Vec<CatalogError>>;

impl Catalog {
    /// The company of a price list that a writer of this scope may know of.
    pub async fn company_of_price_list(
        &self,
        scope: &Visibility,
        id: PriceListId,
    ) -> Result<Option<CompanyId>, Fault> {
        let found = self.price_lists.get(&everything(), &id.to_string()).await?;
        Ok(found.map(|list| list.company).filter(|company| reaches(scope, *company)))
    }

    /// The price list of a company with an id in another system.
    pub async fn price_list_by_reference(
        &self,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<PriceListId>, Fault> {
        let key = Filter::Keys(vec![format!("ref:{company}:{reference}")]);
        let found = self.price_lists.find(&everything(), key, 1).await?;
        Ok(found.into_iter().next().map(|listed| listed.document.state.id))
    }

    /// Adds a price list.
    pub async fn create_price_list(
        &self,
        scope: &Visibility,
        call: &Call,
        company: CompanyId,
        make: impl Fn() -> Result<PriceList, (&'static str, PriceListRefusal)>,
    ) -> Result<PriceListAnswer, Fault> {
        let known = self.companies.get(company).await?;
        if !reaches(scope, company) || known.is_none() {
            let text = "there is no such company".to_owned();
            return Ok(Err(vec![at_field("company", CatalogErrorCode::CompanyUnknown, &text)]));
        }
        let has = self.price_lists.count(&everything(), Filter::Companies(vec![company])).await?;
        if has >= MAX_LISTS as u64 {
            return Ok(Err(vec![refused("company", &PriceListRefusal::TooMany)]));
        }
        let mut fault = None;
        let answer = self
            .price_lists
            .create(
                call,
                |_| Some(taken()),
                |_| {
                    let new = make().map_err(|(field, refusal)| vec![refused(field, &refusal)])?;
                    decided("price_list.created", new, &mut fault)
                },
            )
            .await?;
        fault.map_or(Ok(answer), Err)
    }

    /// Changes the terms of a price list.
    pub async fn change_price_list(
        &self,
        scope: &Visibility,
        call: &Call,
        id: PriceListId,
        decide: impl Fn(&mut PriceList) -> Result<(), (&'static str, PriceListRefusal)>,
    ) -> Result<PriceListAnswer, Fault> {
        let mut fault = None;
        let answer = self
            .price_lists
            .change(
                scope,
                &id.to_string(),
                call,
                |_| taken(),
                |known| {
                    let mut next = known.state.clone();
                    decide(&mut next).map_err(|(field, refusal)| vec![refused(field, &refusal)])?;
                    decided("price_list.updated", next, &mut fault)
                },
            )
            .await?;
        fault.map_or(Ok(answer), Err)
    }

    /// Deletes a price list. Its prices stay on the variants and hold for nobody.
    pub async fn delete_price_list(
        &self,
        scope: &Visibility,
        call: &Call,
        id: PriceListId,
    ) -> Result<PriceListAnswer, Fault> {
        let mut fault = None;
        let answer = self
            .price_lists
            .delete(scope, &id.to_string(), call, |known| {
                let gone = decided("price_list.deleted", known.state.clone(), &mut fault)?;
                Ok((gone.events, gone.answer))
            })
            .await?;
        fault.map_or(Ok(answer), Err)
    }
}

fn decided(
    kind: &'static str,
    list: PriceList,
    fault: &mut Option<Fault>,
) -> Result<Decided<PriceList, WrittenPriceList>, Vec<CatalogError>> {
    match Draft::new(kind, &list) {
        Ok(event) => {
            let answer = WrittenPriceList { id: list.id };
            Ok(Decided { state: list, events: vec![event], answer })
        }
        Err(cause) => {
            *fault = Some(cause);
            Err(Vec::new())
        }
    }
}

fn taken() -> CatalogError {
    refused("externalReference", &PriceListRefusal::ExternalReferenceTaken)
}

fn refused(field: &str, refusal: &PriceListRefusal) -> CatalogError {
    at_field(field, price_list_code(refusal), refusal)
}

fn everything() -> View {
    View::new(&Visibility::everything_for("catalog.write"), Filter::everything())
}
