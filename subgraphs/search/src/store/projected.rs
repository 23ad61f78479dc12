//! Reading projections: the documents of products, as their parts say now.

use std::collections::{BTreeMap, BTreeSet};

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
use crate::index::document::Change;

/// How many products are read at once.
const READ: usize = 100;
/// After how many bytes of stored parts no more of them are read for the same changes.
const MOST_BYTES: usize = 16 << 20;

/// What analytics tells of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize)]
pub(crate) struct Popularity {
    /// Greater is more.
    pub(crate) popularity: u64,
}

/// The parts of one product.
#[derive(Debug, Default)]
struct Parts {
    product: Option<heard::Product>,
    popularity: Option<Popularity>,
    /// How much they are as they are stored.
    bytes: usize,
}

/// What the index must have of a product that has these parts.
fn change(
    one: &Revised,
    company: CompanyId,
    parts: Parts,
    around: &Surroundings,
    at: Timestamp,
) -> Result<Change, Fault> {
    let revision = u64::try_from(one.revision).map_err(Fault::internal)?;
    Ok(match parts.product {
        Some(product) => {
            let popularity = parts.popularity.map_or(0, |told| told.popularity);
            Change::Upsert(Box::new(render(&product, around, popularity, revision, at)))
        }
        None => {
            let id: ProductId = one.id.parse().map_err(Fault::internal)?;
            Change::Delete { id, company, revision }
        }
    })
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
        let around = self.surroundings(companies.values().copied().collect()).await?;
        let none = Surroundings::default();
        let (mut changes, mut bytes, mut count) = (Vec::new(), 0, 0);
        for (some, ids) in revised.chunks(READ).zip(ids.chunks(READ)) {
            let mut parts = self.parts_of(ids).await?;
            for one in some {
                // Without a company nobody has told of the product itself yet.
                let Some(company) = companies.get(&one.id) else { continue };
                let parts = parts.remove(&one.id).unwrap_or_default();
                bytes += parts.bytes;
                let around = around.get(company).unwrap_or(&none);
                changes.push(change(one, *company, parts, around, at)?);
            }
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
                parts.product = Some(serde_json::from_str(&state)?);
            } else if source == Source::Popularity.as_str() {
                parts.popularity = Some(serde_json::from_str(&state)?);
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
