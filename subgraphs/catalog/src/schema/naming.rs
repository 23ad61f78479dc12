//! How writes name what they change: by its id, or by its id in another system within a company.

use async_graphql::Context;
use souk_kit::call::Call;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, Id, Kind};
use souk_kit::permission::Visibility;

use super::loading::Loading;
use crate::domain::ids::{CategoryKind, CollectionKind, PriceListKind, ProductKind};
use crate::error::{CatalogError, CatalogErrorCode, at_field};
use crate::store::Catalog;
use crate::store::product_writes::reaches;

/// A kind of thing that has ids in other systems.
pub(super) trait NamedKind: Kind + Sized {
    /// Whose it is, if a writer of this scope may know of it.
    async fn owner(catalog: &Catalog, scope: &Visibility, id: Id<Self>) -> Result<Option<CompanyId>, Fault>;

    /// Which one of a company's has this id in another system.
    async fn referenced(
        catalog: &Catalog,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<Id<Self>>, Fault>;
}

/// How an input names something.
#[derive(Debug, Clone)]
pub(super) struct Naming<K: Kind> {
    id: Option<Id<K>>,
    reference: Option<String>,
    company: Option<CompanyId>,
}

/// What is named, found: its id and its company.
pub(super) type Target<K> = Result<(Id<K>, CompanyId), CatalogError>;

/// What is to be deleted, and the call that deletes it.
pub(super) struct ToDelete<K: Kind> {
    /// Its id; one that nothing has, when it was not found.
    pub(super) id: Id<K>,
    /// Within the company that the naming says.
    pub(super) call: Call,
    /// Why it was not found. It may be gone by this very call, which is then answered again.
    pub(super) unfound: Option<CatalogError>,
}

impl<K: NamedKind> Naming<K> {
    /// By `id`, or else by its external reference in a company: the caller's own, when none is named.
    pub(super) fn new(id: Option<Id<K>>, reference: Option<&String>, company: Option<CompanyId>) -> Self {
        Self { id, reference: reference.map(|reference| reference.trim().to_owned()), company }
    }

    /// What is named, if a writer of this scope may know of it.
    pub(super) async fn find(&self, ctx: &Context<'_>, scope: &Visibility) -> Result<Target<K>, Fault> {
        let catalog = ctx.catalog()?;
        if let Some(id) = self.id {
            let owner = K::owner(catalog, scope, id).await?;
            return Ok(owner.map(|company| (id, company)).ok_or_else(CatalogError::not_found));
        }
        let Some(reference) = &self.reference else {
            let text = "name it by `id`, or by `externalReference` and `company`".to_owned();
            return Ok(Err(at_field("id", CatalogErrorCode::Required, &text)));
        };
        let Some(company) = self.company(ctx) else {
            let text = "an external reference is unique within a company: name it".to_owned();
            return Ok(Err(at_field("company", CatalogErrorCode::Required, &text)));
        };
        let found =
            if reaches(scope, company) { K::referenced(catalog, company, reference).await? } else { None };
        let unknown = || CatalogError::not_found().at(["input", "externalReference"]);
        Ok(found.map(|id| (id, company)).ok_or_else(unknown))
    }

    /// What is named, to be deleted by the call at hand.
    pub(super) async fn to_delete(
        &self,
        ctx: &Context<'_>,
        scope: &Visibility,
    ) -> Result<ToDelete<K>, Fault> {
        let mut call = ctx.call()?;
        if let Some(id) = self.id {
            return Ok(ToDelete { id, call, unfound: None });
        }
        if let Some(company) = self.company(ctx) {
            call = call.within(company);
        }
        Ok(match self.find(ctx, scope).await? {
            Ok((id, _)) => ToDelete { id, call, unfound: None },
            Err(error) => ToDelete { id: Id::new(call.now), call, unfound: Some(error) },
        })
    }

    /// In whose name it is looked for: the company named, or the caller's own.
    pub(super) fn company(&self, ctx: &Context<'_>) -> Option<CompanyId> {
        self.company.or_else(|| ctx.principal().company())
    }
}

/// Why nothing was deleted: that it was not found is said of the name that it was looked for by.
pub(super) fn refusals(unfound: Option<CatalogError>, refusals: Vec<CatalogError>) -> Vec<CatalogError> {
    unfound.map_or(refusals, |error| vec![error])
}

impl NamedKind for ProductKind {
    async fn owner(catalog: &Catalog, scope: &Visibility, id: Id<Self>) -> Result<Option<CompanyId>, Fault> {
        catalog.company_of_product(scope, id).await
    }

    async fn referenced(
        catalog: &Catalog,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<Id<Self>>, Fault> {
        Ok(catalog.products_by_reference(company, &[reference]).await?.remove(reference))
    }
}

impl NamedKind for CategoryKind {
    async fn owner(catalog: &Catalog, scope: &Visibility, id: Id<Self>) -> Result<Option<CompanyId>, Fault> {
        catalog.company_of_category(scope, id).await
    }

    async fn referenced(
        catalog: &Catalog,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<Id<Self>>, Fault> {
        catalog.category_by_reference(company, reference).await
    }
}

impl NamedKind for CollectionKind {
    async fn owner(catalog: &Catalog, scope: &Visibility, id: Id<Self>) -> Result<Option<CompanyId>, Fault> {
        catalog.company_of_collection(scope, id).await
    }

    async fn referenced(
        catalog: &Catalog,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<Id<Self>>, Fault> {
        catalog.collection_by_reference(company, reference).await
    }
}

impl NamedKind for PriceListKind {
    async fn owner(catalog: &Catalog, scope: &Visibility, id: Id<Self>) -> Result<Option<CompanyId>, Fault> {
        catalog.company_of_price_list(scope, id).await
    }

    async fn referenced(
        catalog: &Catalog,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<Id<Self>>, Fault> {
        catalog.price_list_by_reference(company, reference).await
    }
}
