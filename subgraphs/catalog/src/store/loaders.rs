//! Batch loaders: what one level of a query asks for becomes one store query.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use souk_kit::documents::{Collection as Collects, Document, Filter, Listed, Repository, Sought, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::loader::BatchLoad;
use souk_kit::page::Cursor;
use souk_kit::permission::Visibility;

use super::attribute_sets::AttributeSets;
use super::category_trees::{CategoryTrees, category_key};
use super::collections::{BY_RULES, Collections, GATHERING, PRODUCT};
use super::companies::{Companies, CompanyRecord};
use super::price_lists::PriceLists;
use super::products::{Products, variant_key};
use crate::domain::attribute::AttributeSet;
use crate::domain::category_tree::CategoryTree;
use crate::domain::collection::{Collection, Gathering, MAX_COLLECTIONS};
use crate::domain::ids::{CategoryId, CollectionId, ProductId, VariantId};
use crate::domain::price_list::{MAX_LISTS, PriceList};
use crate::domain::product::Product;

/// Products by id.
pub struct ProductById {
    /// Where they are.
    pub products: Repository<Products>,
    /// What the caller sees of them.
    pub view: View,
}

#[async_trait]
impl BatchLoad for ProductById {
    type Key = ProductId;
    type Value = Arc<Document<Product>>;

    async fn load(&self, keys: &[ProductId]) -> Result<HashMap<ProductId, Self::Value>, Fault> {
        let found = self.products.get_many(&self.view, keys.iter().map(ToString::to_string)).await?;
        Ok(found.into_values().map(|document| (document.id, Arc::new(document))).collect())
    }
}

/// A document of a page.
pub struct Row<S> {
    /// The document.
    pub document: Arc<Document<S>>,
    /// Its place in the list.
    pub cursor: Cursor,
}

impl<S> Clone for Row<S> {
    fn clone(&self) -> Self {
        Self { document: Arc::clone(&self.document), cursor: self.cursor.clone() }
    }
}

/// Pages of documents: those of many parents are read together.
pub struct Pages<C> {
    /// Where they are.
    pub documents: Repository<C>,
}

#[async_trait]
impl<C: Collects> BatchLoad for Pages<C> {
    type Key = Sought;
    type Value = Arc<[Row<C::State>]>;

    async fn load(&self, keys: &[Sought]) -> Result<HashMap<Sought, Self::Value>, Fault> {
        let pages = self.documents.find_each(keys).await?;
        let rows = pages.into_iter().map(|page| {
            let row = |listed: Listed<C::State>| Row {
                cursor: listed.cursor(),
                document: Arc::new(listed.document),
            };
            page.into_iter().map(row).collect::<Arc<[_]>>()
        });
        Ok(keys.iter().cloned().zip(rows).collect())
    }
}

/// The collections into which products were put by hand.
pub struct CollectionsByProduct {
    /// Where they are.
    pub collections: Repository<Collections>,
    /// What the caller sees of them.
    pub view: View,
}

#[async_trait]
impl BatchLoad for CollectionsByProduct {
    type Key = ProductId;
    type Value = Vec<Arc<Document<Collection>>>;

    async fn load(&self, keys: &[ProductId]) -> Result<HashMap<ProductId, Self::Value>, Fault> {
        let filter = Filter::one_of(PRODUCT, keys.iter().copied());
        let limit = keys.len().saturating_mul(MAX_COLLECTIONS);
        let found = self.collections.find(&self.view, filter, limit).await?;
        let mut by_product: HashMap<ProductId, Self::Value> = HashMap::new();
        for collection in found.into_iter().map(|listed| Arc::new(listed.document)) {
            let Gathering::Manual(products) = &collection.gathering else { continue };
            let products: HashSet<_> = products.iter().collect();
            for key in keys.iter().filter(|key| products.contains(key)) {
                by_product.entry(*key).or_default().push(Arc::clone(&collection));
            }
        }
        Ok(by_product)
    }
}

/// The collections of companies that gather their products by rule.
pub struct RuleCollectionsByCompany {
    /// Where they are.
    pub collections: Repository<Collections>,
    /// What the caller sees of them.
    pub view: View,
}

#[async_trait]
impl BatchLoad for RuleCollectionsByCompany {
    type Key = CompanyId;
    type Value = Arc<Vec<Arc<Document<Collection>>>>;

    async fn load(&self, keys: &[CompanyId]) -> Result<HashMap<CompanyId, Self::Value>, Fault> {
        let filter = Filter::Companies(keys.to_vec()).and(Filter::equal(GATHERING, BY_RULES));
        let limit = keys.len().saturating_mul(MAX_COLLECTIONS);
        let mut by_company: HashMap<CompanyId, Vec<_>> = HashMap::new();
        for collection in self.collections.find(&self.view, filter, limit).await? {
            let collection = Arc::new(collection.document);
            by_company.entry(collection.company).or_default().push(collection);
        }
        Ok(by_company.into_iter().map(|(company, all)| (company, Arc::new(all))).collect())
    }
}

/// The products that variants belong to.
pub struct VariantById {
    /// Where they are.
    pub products: Repository<Products>,
    /// What the caller sees of them.
    pub view: View,
}

#[async_trait]
impl BatchLoad for VariantById {
    type Key = VariantId;
    type Value = Arc<Document<Product>>;

    async fn load(&self, keys: &[VariantId]) -> Result<HashMap<VariantId, Self::Value>, Fault> {
        let filter = Filter::Keys(keys.iter().map(|id| variant_key(*id)).collect());
        let found = self.products.find(&self.view, filter, keys.len()).await?;
        let mut by_variant = HashMap::with_capacity(keys.len());
        for product in found.into_iter().map(|listed| Arc::new(listed.document)) {
            for variant in &product.variants {
                by_variant.insert(variant.id, Arc::clone(&product));
            }
        }
        Ok(by_variant)
    }
}

/// Category trees by company.
pub struct TreeByCompany {
    /// Where they are.
    pub trees: Repository<CategoryTrees>,
    /// What the caller sees of them.
    pub view: View,
}

#[async_trait]
impl BatchLoad for TreeByCompany {
    type Key = CompanyId;
    type Value = Arc<CategoryTree>;

    async fn load(&self, keys: &[CompanyId]) -> Result<HashMap<CompanyId, Self::Value>, Fault> {
        let found = self.trees.get_many(&self.view, keys.iter().map(ToString::to_string)).await?;
        Ok(found.into_values().map(|document| (document.company, Arc::new(document.state))).collect())
    }
}

/// The trees that categories stand in.
pub struct TreeByCategory {
    /// Where they are.
    pub trees: Repository<CategoryTrees>,
    /// What the caller sees of them.
    pub view: View,
}

#[async_trait]
impl BatchLoad for TreeByCategory {
    type Key = CategoryId;
    type Value = Arc<CategoryTree>;

    async fn load(&self, keys: &[CategoryId]) -> Result<HashMap<CategoryId, Self::Value>, Fault> {
        let filter = Filter::Keys(keys.iter().map(|id| category_key(*id)).collect());
        let found = self.trees.find(&self.view, filter, keys.len()).await?;
        let mut by_category = HashMap::with_capacity(keys.len());
        for tree in found.into_iter().map(|listed| Arc::new(listed.document.state)) {
            for key in keys.iter().filter(|key| tree.get(key).is_some()) {
                by_category.insert(*key, Arc::clone(&tree));
            }
        }
        Ok(by_category)
    }
}

/// Collections by id.
pub struct CollectionById {
    /// Where they are.
    pub collections: Repository<Collections>,
    /// What the caller sees of them.
    pub view: View,
}

#[async_trait]
impl BatchLoad for CollectionById {
    type Key = CollectionId;
    type Value = Arc<Document<Collection>>;

    async fn load(&self, keys: &[CollectionId]) -> Result<HashMap<CollectionId, Self::Value>, Fault> {
        let found = self.collections.get_many(&self.view, keys.iter().map(ToString::to_string)).await?;
        Ok(found.into_values().map(|document| (document.id, Arc::new(document))).collect())
    }
}

/// Attribute sets by company.
pub struct AttributesByCompany {
    /// Where they are.
    pub attributes: Repository<AttributeSets>,
    /// What the caller sees of them.
    pub view: View,
}

#[async_trait]
impl BatchLoad for AttributesByCompany {
    type Key = CompanyId;
    type Value = Arc<Document<AttributeSet>>;

    async fn load(&self, keys: &[CompanyId]) -> Result<HashMap<CompanyId, Self::Value>, Fault> {
        let found = self.attributes.get_many(&self.view, keys.iter().map(ToString::to_string)).await?;
        Ok(found.into_values().map(|document| (document.company, Arc::new(document))).collect())
    }
}

/// Price lists by company. Whoever sees a price pays by them, so the caller's view does not matter here.
pub struct PriceListsByCompany {
    /// Where they are.
    pub price_lists: Repository<PriceLists>,
}

#[async_trait]
impl BatchLoad for PriceListsByCompany {
    type Key = CompanyId;
    type Value = Arc<Vec<PriceList>>;

    async fn load(&self, keys: &[CompanyId]) -> Result<HashMap<CompanyId, Self::Value>, Fault> {
        let view = View::new(&Visibility::everything_for("catalog.prices"), Filter::everything());
        let limit = keys.len().saturating_mul(MAX_LISTS);
        let found = self.price_lists.find(&view, Filter::Companies(keys.to_vec()), limit).await?;
        let mut by_company: HashMap<_, Vec<_>> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for list in found.into_iter().map(|listed| listed.document.state) {
            by_company.entry(list.company).or_default().push(list);
        }
        Ok(by_company.into_iter().map(|(company, lists)| (company, Arc::new(lists))).collect())
    }
}

/// Companies by id, as far as the catalogue knows them.
pub struct CompanyById(pub Arc<Companies>);

#[async_trait]
impl BatchLoad for CompanyById {
    type Key = CompanyId;
    type Value = Arc<CompanyRecord>;

    async fn load(&self, keys: &[CompanyId]) -> Result<HashMap<CompanyId, Self::Value>, Fault> {
        let found = self.0.get_many(keys).await?;
        Ok(found.into_iter().map(|record| (record.company.id, record)).collect())
    }
}
