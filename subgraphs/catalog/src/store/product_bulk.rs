//! Writing many products: rows one by one, each with an outcome of its own under the call's idempotency key.

use std::collections::{BTreeMap, BTreeSet};

use souk_kit::call::Call;
use souk_kit::documents::{Collection, Filter, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;

use super::Catalog;
use super::product_writes::{WriteAnswer, Written};
use super::products::{Products, product_key, taken, variant_key};
use crate::domain::bulk::Policy;
use crate::domain::change::Change;
use crate::domain::ids::{ProductId, VariantId};
use crate::domain::product::Product;
use crate::domain::product_write::{self, NewProduct};
use crate::domain::surroundings::Surroundings;
use crate::domain::variant_change::Located;
use crate::domain::writer::Writer;
use crate::error::{CatalogError, CatalogErrorCode};

/// What all rows of a bulk write share.
pub struct Bulk<'a> {
    /// What the writer reaches.
    pub scope: &'a Visibility,
    /// The call of the whole; each row is a call of its own under its key and place.
    pub call: &'a Call,
    /// Who writes.
    pub writer: &'a Writer,
    /// What is around the company's products.
    pub around: &'a Surroundings,
    /// What happens to wrong rows.
    pub policy: Policy,
}

/// A row that changes a product.
#[derive(Debug, Clone)]
pub struct UpdateRow {
    /// Which product; none when nothing was found by the external reference.
    pub id: Option<ProductId>,
    /// The version that the client saw.
    pub expected_version: Option<i64>,
    /// What changes.
    pub changes: Vec<Located<Change>>,
}

/// A row that is not done yet: the product that it would make and whether its slug is made up, or why it is wrong.
type OpenRow = Option<Result<(Product, bool), Vec<CatalogError>>>;

impl Bulk<'_> {
    fn row(&self, place: usize) -> Call {
        let mut call = self.call.clone();
        call.guard.expected_version = None;
        call.guard.idempotency_key = call.guard.idempotency_key.map(|key| format!("{key}/{place}"));
        call
    }
}

impl Catalog {
    /// Adds products; the answers stand in the rows' order.
    pub async fn create_products(
        &self,
        bulk: &Bulk<'_>,
        rows: &[NewProduct],
    ) -> Result<Vec<WriteAnswer>, Fault> {
        if bulk.policy == Policy::RejectAll {
            let mut open = Vec::with_capacity(rows.len());
            for (place, row) in rows.iter().enumerate() {
                let done = self.products.recall::<Written, CatalogErrorCode>(&bulk.row(place)).await?;
                open.push(done.is_none().then(|| {
                    let attempt = row.attempt(0, bulk.writer, bulk.around, bulk.call.now);
                    let made_up = row.slug.is_none();
                    attempt
                        .and_then(|attempt| attempt.settle(bulk.policy))
                        .map(|(product, _)| (product, made_up))
                }));
            }
            let open = open.into_iter().map(|row| row.map(|row| row.map_err(refused)));
            let changes: Vec<_> = rows.iter().map(|row| row.changes.as_slice()).collect();
            if let Some(answers) = self.refuse_all(bulk, open.collect(), &changes).await? {
                return Ok(answers);
            }
        }
        let mut answers = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            let call = bulk.row(place);
            answers.push(self.create_product(&call, bulk.writer, bulk.around, row, bulk.policy).await?);
        }
        Ok(answers)
    }

    /// Changes products; the answers stand in the rows' order.
    pub async fn update_products(
        &self,
        bulk: &Bulk<'_>,
        rows: &[UpdateRow],
    ) -> Result<Vec<WriteAnswer>, Fault> {
        if bulk.policy == Policy::RejectAll {
            let ids = rows.iter().filter_map(|row| row.id).map(|id| id.to_string());
            let known = self.products.get_many(&everything(), ids).await?;
            let mut open = Vec::with_capacity(rows.len());
            for (place, row) in rows.iter().enumerate() {
                if self.products.recall::<Written, CatalogErrorCode>(&bulk.row(place)).await?.is_some() {
                    open.push(None);
                    continue;
                }
                let product = row.id.and_then(|id| known.get(&id.to_string()));
                open.push(Some(match product {
                    None => Err(vec![CatalogError::not_found()]),
                    Some(product) if row.expected_version.is_some_and(|seen| seen != product.version) => {
                        Err(vec![CatalogError::version_conflict(product.version)])
                    }
                    Some(product) => {
                        let changes = row.changes.clone();
                        product_write::update(product, changes, bulk.writer, bulk.around, bulk.call.now)
                            .and_then(|attempt| attempt.settle(bulk.policy))
                            .map(|(product, _)| (product, false))
                            .map_err(refused)
                    }
                }));
            }
            let changes: Vec<_> = rows.iter().map(|row| row.changes.as_slice()).collect();
            if let Some(answers) = self.refuse_all(bulk, open, &changes).await? {
                return Ok(answers);
            }
        }
        let mut answers = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            let mut call = bulk.row(place);
            call.guard.expected_version = row.expected_version;
            answers.push(match row.id {
                None => Err(vec![CatalogError::not_found()]),
                Some(id) => {
                    let Bulk { scope, writer, around, policy, .. } = *bulk;
                    self.update_product(scope, &call, id, writer, around, &row.changes, policy).await?
                }
            });
        }
        Ok(answers)
    }

    /// The products of a company by external reference, in one query.
    pub async fn products_by_reference(
        &self,
        company: CompanyId,
        references: &[&str],
    ) -> Result<BTreeMap<String, ProductId>, Fault> {
        let keys = references.iter().map(|reference| product_key("ref", company, reference)).collect();
        let found = self.products.find(&everything(), Filter::Keys(keys), references.len()).await?;
        let pairs = found.into_iter().filter_map(|listed| {
            let product = listed.document.state;
            product.external_reference.map(|reference| (reference, product.id))
        });
        Ok(pairs.collect())
    }

    /// The variants of a company that are found under unique keys, each with its product, in one query.
    pub async fn variants_by_key(
        &self,
        company: CompanyId,
        keys: Vec<String>,
    ) -> Result<BTreeMap<String, (ProductId, VariantId)>, Fault> {
        let (limit, filter) = (keys.len(), Filter::Companies(vec![company]).and(Filter::Keys(keys)));
        let found = self.products.find(&everything(), filter, limit).await?;
        let pairs = found.iter().flat_map(|listed| {
            let product = &listed.document.state;
            product.variants.iter().flat_map(move |variant| {
                let sku = variant.sku.iter().map(move |sku| product_key("sku", company, sku));
                let reference = variant.external_reference.iter();
                let reference = reference.map(move |one| product_key("variant-ref", company, one));
                let keys = sku.chain(reference).chain([variant_key(variant.id)]);
                keys.map(move |key| (key, (product.id, variant.id)))
            })
        });
        Ok(pairs.collect())
    }

    /// The answers when a row is wrong before anything is written: its refusals, and for the others that they
    /// were not written. Rows that an earlier attempt has written are not judged again.
    async fn refuse_all(
        &self,
        bulk: &Bulk<'_>,
        mut open: Vec<OpenRow>,
        changes: &[&[Located<Change>]],
    ) -> Result<Option<Vec<WriteAnswer>>, Fault> {
        let products = open.iter().flatten().filter_map(|row| row.as_ref().ok());
        let held = self.keys_held(products.map(|(product, _)| product)).await?;
        let mut within = BTreeSet::new();
        for (row, changes) in open.iter_mut().zip(changes) {
            let Some(row) = row else { continue };
            let Ok((product, slug_is_made_up)) = row else { continue };
            let index = Products::index(product);
            let keys = index.keys().iter().filter(|key| !(*slug_is_made_up && key.starts_with("slug:")));
            let own = product.id;
            let mut clashes = Vec::new();
            for key in keys {
                let by_another = held.get(key).is_some_and(|holder| *holder != own);
                if by_another || !within.insert(key.clone()) {
                    clashes.push(taken(key, changes));
                }
            }
            if !clashes.is_empty() {
                *row = Err(clashes);
            }
        }
        let is_wrong = open.iter().flatten().any(Result::is_err);
        if bulk.policy.writes_any(is_wrong) {
            return Ok(None);
        }
        Ok(Some(open.into_iter().map(|row| Err(row.and_then(Result::err).unwrap_or_default())).collect()))
    }

    /// Which of the keys that these products would have are held, and by whom.
    async fn keys_held<'p>(
        &self,
        products: impl Iterator<Item = &'p Product>,
    ) -> Result<BTreeMap<String, ProductId>, Fault> {
        let keys: Vec<String> =
            products.flat_map(|product| Products::index(product).keys().to_vec()).collect();
        let limit = keys.len();
        let found = self.products.find(&everything(), Filter::Keys(keys), limit).await?;
        let held = found.iter().flat_map(|listed| {
            let product = &listed.document.state;
            Products::index(product).keys().to_vec().into_iter().map(|key| (key, product.id))
        });
        Ok(held.collect())
    }
}

fn refused(
    findings: Vec<crate::domain::finding::Finding<crate::domain::refusal::ProductRefusal>>,
) -> Vec<CatalogError> {
    findings.into_iter().map(CatalogError::from).collect()
}

/// Rows are judged by the writer's rights, not by what the writer sees.
fn everything() -> View {
    View::new(&Visibility::everything_for("catalog.bulk"), Filter::everything())
}
