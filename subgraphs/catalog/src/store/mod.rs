//! The catalogue's documents: what is indexed of each, and how they are read and written.

pub mod attribute_sets;
mod attribute_writes;
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

use souk_kit::clock::{Clock, Timestamp};
use souk_kit::documents::{Documents, DocumentsOutbox, Repository, View};
use souk_kit::fault::Fault;
use souk_kit::permission::Visibility;

use self::attribute_sets::AttributeSets;
use self::category_trees::CategoryTrees;
use self::collections::Collections;
use self::companies::Companies;
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
    /// Opens all collections on an engine; `facts` is asked for companies that no event has told of yet.
    pub async fn open(
        engine: Arc<dyn Documents>,
        facts: Arc<dyn CompanyFacts>,
        clock: Clock,
    ) -> Result<Self, Fault> {
        Ok(Self {
            products: Repository::open(Arc::clone(&engine)).await?,
            trees: Repository::open(Arc::clone(&engine)).await?,
            attributes: Repository::open(Arc::clone(&engine)).await?,
            collections: Repository::open(Arc::clone(&engine)).await?,
            price_lists: Repository::open(Arc::clone(&engine)).await?,
            companies: Arc::new(Companies::new(Repository::open(engine).await?, facts, clock)),
        })
    }

    /// The events that wait in its documents.
    pub fn outbox(engine: Arc<dyn Documents>) -> DocumentsOutbox {
        DocumentsOutbox::new("catalog", engine)
            .of::<Products>()
            .of::<CategoryTrees>()
            .of::<Collections>()
            .of::<PriceLists>()
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
