//! How writes name what they change: by its id, or by its id in another system within a company.

use async_graphql::Context;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;

use super::loading::Loading;
use crate::domain::ids::{CategoryId, CollectionId, PriceListId, ProductId};
use crate::error::{CatalogError, CatalogErrorCode, at_field};
use crate::store::product_writes::reaches;

/// How a write names what it changes.
#[derive(Debug, Clone)]
pub(super) enum Named<I> {
    /// By its id.
    Id(I),
    /// By its id in another system.
    Reference {
        /// Whose it is.
        company: CompanyId,
        /// Unique in the company and kind.
        reference: String,
    },
}

/// What a write names, found: its id and its company.
pub(super) type Target<I> = Result<(I, CompanyId), CatalogError>;

impl<I> Named<I> {
    /// What the input says. Without `company` the caller's own is meant.
    pub(super) fn of(
        ctx: &Context<'_>,
        id: Option<I>,
        reference: Option<&String>,
        company: Option<CompanyId>,
    ) -> Result<Self, CatalogError> {
        if let Some(id) = id {
            return Ok(Self::Id(id));
        }
        match (reference, company.or_else(|| ctx.principal().company())) {
            (Some(reference), Some(company)) => {
                Ok(Self::Reference { company, reference: reference.trim().to_owned() })
            }
            (Some(_), None) => {
                let text = "an external reference is unique within a company: name it".to_owned();
                Err(at_field("company", CatalogErrorCode::Required, &text))
            }
            (None, _) => {
                let text = "name it by `id`, or by `externalReference` and `company`".to_owned();
                Err(at_field("id", CatalogErrorCode::Required, &text))
            }
        }
    }

    fn nothing<T>(&self) -> Result<T, CatalogError> {
        Err(match self {
            Self::Id(_) => CatalogError::not_found(),
            Self::Reference { .. } => CatalogError::not_found().at(["input", "externalReference"]),
        })
    }
}

impl Named<ProductId> {
    /// The product and its company, if a writer of this scope may know of it.
    pub(super) async fn find(
        &self,
        ctx: &Context<'_>,
        scope: &Visibility,
    ) -> Result<Target<ProductId>, Fault> {
        let catalog = ctx.catalog()?;
        let found = match self {
            Self::Id(id) => catalog.company_of_product(scope, *id).await?.map(|company| (*id, company)),
            Self::Reference { company, .. } if !reaches(scope, *company) => None,
            Self::Reference { company, reference } => {
                let mut found = catalog.products_by_reference(*company, &[reference]).await?;
                found.remove(reference).map(|id| (id, *company))
            }
        };
        Ok(found.map_or_else(|| self.nothing(), Ok))
    }
}

impl Named<CategoryId> {
    /// The category and its company, if a writer of this scope may know of it.
    pub(super) async fn find(
        &self,
        ctx: &Context<'_>,
        scope: &Visibility,
    ) -> Result<Target<CategoryId>, Fault> {
        let catalog = ctx.catalog()?;
        let found = match self {
            Self::Id(id) => catalog.company_of_category(scope, *id).await?.map(|company| (*id, company)),
            Self::Reference { company, .. } if !reaches(scope, *company) => None,
            Self::Reference { company, reference } => {
                catalog.category_by_reference(*company, reference).await?.map(|id| (id, *company))
            }
        };
        Ok(found.map_or_else(|| self.nothing(), Ok))
    }
}

impl Named<CollectionId> {
    /// The collection and its company, if a writer of this scope may know of it.
    pub(super) async fn find(
        &self,
        ctx: &Context<'_>,
        scope: &Visibility,
    ) -> Result<Target<CollectionId>, Fault> {
        let catalog = ctx.catalog()?;
        let found = match self {
            Self::Id(id) => catalog.company_of_collection(scope, *id).await?.map(|company| (*id, company)),
            Self::Reference { company, .. } if !reaches(scope, *company) => None,
            Self::Reference { company, reference } => {
                catalog.collection_by_reference(*company, reference).await?.map(|id| (id, *company))
            }
        };
        Ok(found.map_or_else(|| self.nothing(), Ok))
    }
}

impl Named<PriceListId> {
    /// The price list and its company, if a writer of this scope may know of it.
    pub(super) async fn find(
        &self,
        ctx: &Context<'_>,
        scope: &Visibility,
    ) -> Result<Target<PriceListId>, Fault> {
        let catalog = ctx.catalog()?;
        let found = match self {
            Self::Id(id) => catalog.company_of_price_list(scope, *id).await?.map(|company| (*id, company)),
            Self::Reference { company, .. } if !reaches(scope, *company) => None,
            Self::Reference { company, reference } => {
                catalog.price_list_by_reference(*company, reference).await?.map(|id| (id, *company))
            }
        };
        Ok(found.map_or_else(|| self.nothing(), Ok))
    }
}
