//! The catalogue's documents: what is indexed of each, and how they are read and written.

pub mod attribute_sets;
pub mod attribute_writes;
pub mod category_trees;
pub mod category_writes;
pub mod collection_writes;
pub mod collections;
pub mod companies;
pub mod gathering;
pub mod loaders;
pub mod price_list_writes;
pub mod price_lists;
pub mod price_view;
pub mod product_bulk;
pub mod product_writes;
pub mod products;
mod public;
pub mod repricing;

use std::sync::Arc;
use std::time::Duration;

use souk_kit::clock::{Clock, Timestamp};
use souk_kit::documents::{CollectionSet, Documents, Repository, View};
use souk_kit::fault::Fault;
use souk_kit::permission::Visibility;

use self::attribute_sets::AttributeSets;
use self::category_trees::CategoryTrees;
use self::collections::Collections;
use self::companies::{Companies, CompanyRecords};
use self::price_lists::PriceLists;
use self::products::Products;
use crate::facts::CompanyFacts;

/// Everything that the catalogue keeps.
pub struct Catalog {
    /// Products with their variants.
    pub products: Repository<Products>,
    /// Category trees, one per company.
    pub trees: Repository<CategoryTrees>,
    /// Attribute definitions, one set per company.
    pub attributes: Repository<AttributeSets>,
    /// Collections of products.
    pub collections: Repository<Collections>,
    /// Price lists.
    pub price_lists: Repository<PriceLists>,
    /// The small copy of what merchants knows of companies and shops.
    pub companies: Arc<Companies>,
}

impl Catalog {
    /// All of its collections on an engine, which keeps outcomes of idempotency keys for `retention`.
    pub fn collections(engine: Arc<dyn Documents>, retention: Duration) -> CollectionSet {
        CollectionSet::new(crate::NAME, engine)
            .keeping_outcomes(retention)
            .with::<Products>()
            .with::<CategoryTrees>()
            .with::<AttributeSets>()
            .with::<Collections>()
            .with::<PriceLists>()
            .with::<CompanyRecords>()
    }

    /// On those collections; `facts` is asked for companies that no event has told of yet.
    pub fn new(collections: &CollectionSet, facts: Arc<dyn CompanyFacts>, clock: Clock) -> Self {
        Self {
            products: collections.repository(),
            trees: collections.repository(),
            attributes: collections.repository(),
            collections: collections.repository(),
            price_lists: collections.repository(),
            companies: Arc::new(Companies::new(collections.repository(), facts, clock)),
        }
    }

    /// What a caller sees of products at `now`.
    pub async fn view_products(&self, scope: &Visibility, now: Timestamp) -> Result<View, Fault> {
        Ok(View::new(scope, public::products(&*self.companies.restrictions().await?, now)))
    }

    /// What a caller sees of categories, collections and attributes: the public face is that of active companies.
    pub async fn view_of_companies(&self, scope: &Visibility) -> Result<View, Fault> {
        Ok(View::new(scope, public::of_active_companies(&*self.companies.restrictions().await?)))
    }
}
