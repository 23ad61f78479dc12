//! Writing products: what is around them, then the pure decision, then one document.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use souk_kit::call::Call;
use souk_kit::clock::Timestamp;
use souk_kit::documents::{Decided, Filter, View};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Reach, Visibility};

use super::Catalog;
use super::products::{event, taken};
use crate::domain::attribute::AttributeSet;
use crate::domain::bulk::Policy;
use crate::domain::category_tree::CategoryTree;
use crate::domain::change::Change;
use crate::domain::finding::Finding;
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::media::MediaChange;
use crate::domain::offer::Offers;
use crate::domain::product::Product;
use crate::domain::product_write::{self, NewProduct};
use crate::domain::refusal::ProductRefusal;
use crate::domain::surroundings::Surroundings;
use crate::domain::variant_change::Located;
use crate::domain::writer::Writer;
use crate::error::CatalogError;

/// What a write of a product comes to, also when it is asked for again under its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Which product.
    pub id: ProductId,
    /// Its version then.
    pub version: i64,
    /// The picture that it added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<MediaId>,
    /// Fields that were left out, where the policy allows that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<CatalogError>,
}

/// A write, or why it was refused.
pub type WriteAnswer = Result<Written, Vec<CatalogError>>;

/// Whether a writer of this scope may know of the company's things at all.
pub fn reaches(scope: &Visibility, company: CompanyId) -> bool {
    match scope.reach() {
        Reach::Everything => true,
        Reach::Company(own) | Reach::Shops { company: own, .. } => *own == company,
        Reach::Own(_) | Reach::Nothing => false,
    }
}

impl Catalog {
    /// What is around a company's products; none when there is no such company.
    pub async fn surroundings(
        &self,
        company: CompanyId,
        shops: &[ShopId],
        now: Timestamp,
    ) -> Result<Option<Surroundings>, Fault> {
        let Some(record) = self.companies.with_shops(company, shops, now).await? else { return Ok(None) };
        let view = View::new(&Visibility::everything_for("catalog.surroundings"), Filter::everything());
        let id = company.to_string();
        let tree = self.trees.get(&view, &id).await?.map(|document| document.state);
        let set = self.attributes.get(&view, &id).await?.map(|document| document.state);
        Ok(Some(Surroundings {
            shops: record.shops.keys().copied().collect::<BTreeSet<_>>(),
            categories: Arc::new(tree.unwrap_or_else(|| CategoryTree::new(company))),
            attributes: Arc::new(set.unwrap_or_else(|| AttributeSet::new(company))),
            price_lists: self.price_lists_of(company).await?.into(),
        }))
    }

    /// The company of a product that a writer of this scope may know of.
    pub async fn company_of_product(
        &self,
        scope: &Visibility,
        id: ProductId,
    ) -> Result<Option<CompanyId>, Fault> {
        let view = View::new(&Visibility::everything_for("catalog.write"), Filter::everything());
        let found = self.products.get(&view, &id.to_string()).await?;
        Ok(found.map(|product| product.company).filter(|company| reaches(scope, *company)))
    }

    /// Adds a product.
    pub async fn create_product(
        &self,
        call: &Call,
        writer: &Writer,
        around: &Surroundings,
        new: &NewProduct,
        policy: Policy,
    ) -> Result<WriteAnswer, Fault> {
        let slug_is_made_up = new.slug.is_none();
        let (mut fault, mut written) = (None, None);
        let answer = self
            .products
            .create(
                call,
                |key| {
                    let gives_way = slug_is_made_up && key.starts_with("slug:");
                    (!gives_way).then(|| taken(key, &new.changes))
                },
                |attempt| {
                    let attempt = new.attempt(attempt, writer, around, call.now).map_err(refused)?;
                    let (product, left_out) = attempt.settle(policy).map_err(refused)?;
                    let product = offered(product, around, call.now);
                    written = Some(product.clone());
                    decided("product.created", product, 1, None, left_out, &mut fault)
                },
            )
            .await?;
        self.settled(written, around, call.now).await?;
        fault.map_or(Ok(answer), Err)
    }

    /// Changes a product.
    #[expect(clippy::too_many_arguments, reason = "a write is who, what, under which rules")]
    pub async fn update_product(
        &self,
        scope: &Visibility,
        call: &Call,
        id: ProductId,
        writer: &Writer,
        around: &Surroundings,
        changes: &[Located<Change>],
        policy: Policy,
    ) -> Result<WriteAnswer, Fault> {
        let (mut fault, mut written) = (None, None);
        let added = changes.iter().find_map(|located| match &located.change {
            Change::Media(MediaChange::Add(media)) => Some(media.id),
            _ => None,
        });
        let answer = self
            .products
            .change(
                scope,
                &id.to_string(),
                call,
                |key| taken(key, changes),
                |known| {
                    let attempt =
                        product_write::update(&known.state, changes.to_vec(), writer, around, call.now);
                    let (product, left_out) = attempt.map_err(refused)?.settle(policy).map_err(refused)?;
                    let product = offered(product, around, call.now);
                    written = Some(product.clone());
                    decided("product.updated", product, known.version + 1, added, left_out, &mut fault)
                },
            )
            .await?;
        self.settled(written, around, call.now).await?;
        fault.map_or(Ok(answer), Err)
    }

    /// What was decided with price lists that have changed in the meantime is brought in step with them.
    async fn settled(
        &self,
        written: Option<Product>,
        around: &Surroundings,
        now: Timestamp,
    ) -> Result<(), Fault> {
        match written {
            Some(product) => self.reprice_written(&product, &around.price_lists, now).await,
            None => Ok(()),
        }
    }

    /// Deletes a product. Whoever refers to it has its last state from its events.
    pub async fn delete_product(
        &self,
        scope: &Visibility,
        call: &Call,
        id: ProductId,
        writer: &Writer,
    ) -> Result<WriteAnswer, Fault> {
        let mut fault = None;
        let answer = self
            .products
            .delete(scope, &id.to_string(), call, |known| {
                let allowed = writer.may_create().and_then(|()| writer.may_write(known));
                allowed.map_err(|refusal| refused(vec![Finding::new("id", refusal)]))?;
                let written = Written { id, version: known.version + 1, added: None, left_out: Vec::new() };
                match event("product.deleted", known) {
                    Ok(event) => Ok((vec![event], written)),
                    Err(cause) => Err(broken(cause, &mut fault)),
                }
            })
            .await?;
        fault.map_or(Ok(answer), Err)
    }
}

/// The product with what it is offered for.
fn offered(product: Product, around: &Surroundings, now: Timestamp) -> Product {
    let offers = Some(Offers::of(&product.variants, &around.price_lists, now));
    Product { offers, ..product }
}

fn decided(
    kind: &'static str,
    product: Product,
    version: i64,
    added: Option<MediaId>,
    left_out: Vec<Finding<ProductRefusal>>,
    fault: &mut Option<Fault>,
) -> Result<Decided<Product, Written>, Vec<CatalogError>> {
    let left_out = left_out.into_iter().map(CatalogError::from).collect();
    match event(kind, &product) {
        Ok(event) => {
            let answer = Written { id: product.id, version, added, left_out };
            Ok(Decided { state: product, events: vec![event], answer })
        }
        Err(cause) => Err(broken(cause, fault)),
    }
}

/// Carries a fault out of a decision, which itself knows refusals only.
fn broken(cause: Fault, fault: &mut Option<Fault>) -> Vec<CatalogError> {
    *fault = Some(cause);
    Vec::new()
}

fn refused(findings: Vec<Finding<ProductRefusal>>) -> Vec<CatalogError> {
    findings.into_iter().map(CatalogError::from).collect()
}
