//! Writing collections.

use serde::{Deserialize, Serialize};
use souk_kit::call::Call;
use souk_kit::documents::{Decided, Filter, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;

use super::Catalog;
use super::collections::event;
use super::product_writes::reaches;
use crate::domain::collection::{Collection, CollectionRefusal, MAX_COLLECTIONS};
use crate::domain::content::FieldRefusal;
use crate::domain::ids::{CollectionId, ProductId};
use crate::error::{CatalogError, CatalogErrorCode, at_field, collection_code};

/// What a write of a collection comes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WrittenCollection {
    /// Which collection.
    pub id: CollectionId,
}

/// A write, or why it was refused.
pub type CollectionAnswer = Result<WrittenCollection, Vec<CatalogError>>;

impl Catalog {
    /// Adds the collection that `make` makes; it is told how often its slug was taken.
    pub async fn create_collection(
        &self,
        scope: &Visibility,
        call: &Call,
        company: CompanyId,
        slug_is_made_up: bool,
        make: impl Fn(usize) -> Result<Collection, FieldRefusal<CollectionRefusal>>,
    ) -> Result<CollectionAnswer, Fault> {
        let known = self.companies.get(company).await?;
        if !reaches(scope, company) || known.is_none() {
            return Ok(Err(vec![refused("company", &CollectionRefusal::CompanyUnknown)]));
        }
        let has = self.collections.count(&everything(), Filter::Companies(vec![company])).await?;
        if has >= MAX_COLLECTIONS as u64 {
            return Ok(Err(vec![refused("company", &CollectionRefusal::TooMany)]));
        }
        let mut fault = None;
        let answer = self
            .collections
            .create(
                call,
                |key| if slug_is_made_up && key.starts_with("slug:") { None } else { Some(taken(key)) },
                |attempt| {
                    let new = make(attempt).map_err(|(field, refusal)| vec![refused(field, &refusal)])?;
                    decided("collection.created", new, &mut fault)
                },
            )
            .await?;
        fault.map_or(Ok(answer), Err)
    }

    /// Changes a collection.
    pub async fn change_collection(
        &self,
        scope: &Visibility,
        call: &Call,
        id: CollectionId,
        decide: impl Fn(&mut Collection) -> Result<(), FieldRefusal<CollectionRefusal>>,
    ) -> Result<CollectionAnswer, Fault> {
        let mut fault = None;
        let answer = self
            .collections
            .change(scope, &id.to_string(), call, taken, |known| {
                let mut next = known.state.clone();
                decide(&mut next).map_err(|(field, refusal)| vec![refused(field, &refusal)])?;
                next.updated_at = call.now;
                decided("collection.updated", next, &mut fault)
            })
            .await?;
        fault.map_or(Ok(answer), Err)
    }

    /// Deletes a collection; its products stay.
    pub async fn delete_collection(
        &self,
        scope: &Visibility,
        call: &Call,
        id: CollectionId,
    ) -> Result<CollectionAnswer, Fault> {
        let mut fault = None;
        let answer = self
            .collections
            .delete(scope, &id.to_string(), call, |known| {
                let gone = decided("collection.deleted", known.state.clone(), &mut fault)?;
                Ok((gone.events, gone.answer))
            })
            .await?;
        fault.map_or(Ok(answer), Err)
    }

    /// The company of a collection that a writer of this scope may know of.
    pub async fn company_of_collection(
        &self,
        scope: &Visibility,
        id: CollectionId,
    ) -> Result<Option<CompanyId>, Fault> {
        let found = self.collections.get(&everything(), &id.to_string()).await?;
        Ok(found.map(|collection| collection.company).filter(|company| reaches(scope, *company)))
    }

    /// The collection of a company with an id in another system.
    pub async fn collection_by_reference(
        &self,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<CollectionId>, Fault> {
        let key = Filter::Keys(vec![format!("ref:{company}:{reference}")]);
        let found = self.collections.find(&everything(), key, 1).await?;
        Ok(found.into_iter().next().map(|listed| listed.document.state.id))
    }

    /// Whether all of these are products of the company.
    pub async fn has_products(&self, company: CompanyId, ids: &[ProductId]) -> Result<bool, Fault> {
        let found = self.products.get_many(&everything(), ids.iter().map(ToString::to_string)).await?;
        let own =
            |id: &ProductId| found.get(&id.to_string()).is_some_and(|product| product.company == company);
        Ok(ids.iter().all(own))
    }
}

fn decided(
    kind: &'static str,
    collection: Collection,
    fault: &mut Option<Fault>,
) -> Result<Decided<Collection, WrittenCollection>, Vec<CatalogError>> {
    match event(kind, &collection) {
        Ok(event) => {
            let answer = WrittenCollection { id: collection.id };
            Ok(Decided { state: collection, events: vec![event], answer })
        }
        Err(cause) => {
            *fault = Some(cause);
            Err(Vec::new())
        }
    }
}

fn taken(key: &str) -> CatalogError {
    if key.starts_with("slug:") {
        return refused("slug", &CollectionRefusal::SlugTaken);
    }
    refused("externalReference", &CollectionRefusal::ExternalReferenceTaken)
}

/// A refusal of a collection, at a field of the input.
pub fn refused(field: &str, refusal: &CollectionRefusal) -> CatalogError {
    match collection_code(refusal) {
        CatalogErrorCode::NotFound => CatalogError::not_found(),
        code => at_field(field, code, refusal),
    }
}

fn everything() -> View {
    View::new(&Visibility::everything_for("catalog.write"), Filter::everything())
}
