//! Reading projections: the documents of products, as their parts say now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use serde::Deserialize;
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;

use super::dirt::Revised;
use super::indexer_tables::{Product, ProductPart, SharedPart};
use super::learning::{Projections, Shared};
use crate::domain::heard;
use crate::domain::ids::ProductId;
use crate::domain::projection::Source;
use crate::domain::rendering::{Surroundings, render};
use crate::index::aside::{tell, unless_panicking};
use crate::index::document::{Change, ProductDocument};

/// How many products are read at once.
const READ: usize = 25;
/// After how many bytes of stored parts and of texts made of them no more of them are read for the same changes.
const MOST_BYTES: usize = 16 << 20;

/// What analytics tells of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize)]
pub(crate) struct Popularity {
    /// Greater is more.
    pub(crate) popularity: u64,
}

/// The parts of one product, as they are stored.
#[derive(Debug, Default)]
struct Parts {
    product: Option<String>,
    popularity: Option<String>,
    /// How much they are.
    bytes: usize,
}

/// A product that is to be rendered.
#[derive(Debug)]
struct Unrendered {
    one: Revised,
    company: CompanyId,
    parts: Parts,
}

impl Unrendered {
    /// What the index must have of it. One at which `render` panics is set aside.
    fn change(
        self,
        render: impl FnOnce(&heard::Product, u64, u64) -> ProductDocument,
    ) -> Result<Change, Fault> {
        let Self { one, company, parts } = self;
        let id: ProductId = one.id.parse().map_err(Fault::internal)?;
        let revision = u64::try_from(one.revision).map_err(Fault::internal)?;
        let nothing = Change::Delete { id, company, revision };
        let Some(product) = parts.product else { return Ok(nothing) };
        let product: heard::Product = serde_json::from_str(&product)?;
        let told: Option<Popularity> =
            parts.popularity.map(|told| serde_json::from_str(&told)).transpose()?;
        let popularity = told.map_or(0, |told| told.popularity);
        match unless_panicking(|| render(&product, popularity, revision)) {
            Ok(document) => Ok(Change::Upsert(Box::new(document))),
            Err(panic) => {
                tell(&nothing, &format!("cannot be rendered: {panic}"));
                Ok(nothing)
            }
        }
    }
}

/// What the index must have of these products, made where that may take its time.
async fn rendered(
    unrendered: Vec<Unrendered>,
    around: Arc<BTreeMap<CompanyId, Surroundings>>,
    at: Timestamp,
) -> Result<Vec<Change>, Fault> {
    let work = move || {
        let none = Surroundings::default();
        let change = |one: Unrendered| {
            let around = around.get(&one.company).unwrap_or(&none);
            one.change(|product, popularity, revision| render(product, around, popularity, revision, at))
        };
        unrendered.into_iter().map(change).collect()
    };
    tokio::task::spawn_blocking(work).await.map_err(Fault::internal)?
}

impl Projections {
    /// What the index must have of these products from `at` on. Each is at the revision that it is listed with or a
    /// later one, and the change says the listed one: so it never passes for newer than it is.
    ///
    /// They are those of the first ones, which are answered beside them, where all would take too much memory.
    pub(crate) async fn changes<'r>(
        &self,
        revised: &'r [Revised],
        at: Timestamp,
    ) -> Result<(Vec<Change>, &'r [Revised]), Fault> {
        let ids: Vec<&str> = revised.iter().map(|one| one.id.as_str()).collect();
        let companies = self.companies_of(&ids).await?;
        let around = Arc::new(self.surroundings(companies.values().copied().collect()).await?);
        let (mut changes, mut bytes, mut count) = (Vec::new(), 0, 0);
        for (some, ids) in revised.chunks(READ).zip(ids.chunks(READ)) {
            let mut parts = self.parts_of(ids).await?;
            let unrendered = some.iter().filter_map(|one| {
                // Without a company nobody has told of the product itself yet.
                let company = *companies.get(&one.id)?;
                let parts = parts.remove(&one.id).unwrap_or_default();
                Some(Unrendered { one: one.clone(), company, parts })
            });
            let unrendered: Vec<_> = unrendered.collect();
            bytes += unrendered.iter().map(|one| one.parts.bytes).sum::<usize>();
            let rendered = rendered(unrendered, Arc::clone(&around), at).await?;
            bytes += rendered.iter().map(Change::bytes).sum::<usize>();
            changes.extend(rendered);
            count += some.len();
            if bytes > MOST_BYTES {
                break;
            }
        }
        Ok((changes, revised.get(..count).unwrap_or(revised)))
    }

    async fn companies_of(&self, ids: &[&str]) -> Result<BTreeMap<String, CompanyId>, Fault> {
        let query = Query::select()
            .columns([Product::Id, Product::Company])
            .from(Product::Table)
            .and_where(Expr::col(Product::Id).is_in(ids.iter().copied()))
            .to_owned();
        let mut found = BTreeMap::new();
        for row in self.sql.reader().query_all(&query).await? {
            if let Some(company) = row.try_get::<Option<String>>("", "company")? {
                found.insert(row.try_get("", "id")?, company.parse().map_err(Fault::internal)?);
            }
        }
        Ok(found)
    }

    async fn parts_of(&self, ids: &[&str]) -> Result<BTreeMap<String, Parts>, Fault> {
        let query = Query::select()
            .columns([ProductPart::Product, ProductPart::Source, ProductPart::State])
            .from(ProductPart::Table)
            .and_where(Expr::col(ProductPart::Product).is_in(ids.iter().copied()))
            .to_owned();
        let mut found: BTreeMap<String, Parts> = BTreeMap::new();
        for row in self.sql.reader().query_all(&query).await? {
            let Some(state) = row.try_get::<Option<String>>("", "state")? else { continue };
            let source: String = row.try_get("", "source")?;
            let parts = found.entry(row.try_get("", "product")?).or_default();
            parts.bytes += state.len();
            if source == Source::Product.as_str() {
                parts.product = Some(state);
            } else if source == Source::Popularity.as_str() {
                parts.popularity = Some(state);
            }
        }
        Ok(found)
    }

    /// What the products of each of these companies share.
    async fn surroundings(
        &self,
        companies: BTreeSet<CompanyId>,
    ) -> Result<BTreeMap<CompanyId, Surroundings>, Fault> {
        let query = Query::select()
            .columns([SharedPart::Kind, SharedPart::Company, SharedPart::State])
            .from(SharedPart::Table)
            .and_where(Expr::col(SharedPart::Company).is_in(companies.iter().map(ToString::to_string)))
            .to_owned();
        let mut found: BTreeMap<CompanyId, Surroundings> = BTreeMap::new();
        for row in self.sql.reader().query_all(&query).await? {
            let Some(state) = row.try_get::<Option<String>>("", "state")? else { continue };
            let company: String = row.try_get("", "company")?;
            let around = found.entry(company.parse().map_err(Fault::internal)?).or_default();
            let kind: String = row.try_get("", "kind")?;
            match Shared::from_stored(&kind) {
                Some(Shared::Company) => around.company = Some(serde_json::from_str(&state)?),
                Some(Shared::Shop) => {
                    let shop: heard::Shop = serde_json::from_str(&state)?;
                    around.active_shops.extend(shop.active.then_some(shop.id));
                }
                Some(Shared::Category) => {
                    let category: heard::Category = serde_json::from_str(&state)?;
                    around.categories.insert(category.id, category);
                }
                Some(Shared::PriceList) => around.lists.push(serde_json::from_str(&state)?),
                None => return Err(Fault::broken(format!("`{kind}` is no kind of shared part"))),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use souk_kit::event::Envelope;

    use super::*;

    #[test]
    fn a_product_at_which_rendering_panics_is_set_aside_at_its_revision() {
        let golden = include_str!("../../../catalog/tests/events/product.created.v1.json");
        let event: Envelope<heard::Product> = serde_json::from_str(golden).unwrap();
        let (id, company) = (event.data.id, event.data.company);
        let unrendered = || Unrendered {
            one: Revised { id: id.to_string(), revision: 7 },
            company,
            parts: Parts { product: Some(serde_json::to_string(&event.data).unwrap()), ..Parts::default() },
        };
        let around = Surroundings::default();
        let at = Timestamp::UNIX_EPOCH;
        let whole =
            unrendered().change(|product, score, revision| render(product, &around, score, revision, at));
        assert!(matches!(whole.unwrap(), Change::Upsert(document) if document.revision == 7));
        let change = unrendered().change(|_, _, _| panic!("too much"));
        assert_eq!(change.unwrap(), Change::Delete { id, company, revision: 7 });
    }
}
