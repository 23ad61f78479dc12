//! What resolvers load: each through the batch loader of the request, within what the caller sees.

use std::sync::Arc;

use async_graphql::Context;
use souk_kit::context::ContextExt;
use souk_kit::documents::{Document, View};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Action, Reach, Resource, Tenant, Visibility};
use souk_kit::principal::Role;

use crate::domain::attribute::AttributeSet;
use crate::domain::category_tree::CategoryTree;
use crate::domain::collection::Collection;
use crate::domain::ids::{CategoryId, CollectionId, ProductId, VariantId};
use crate::domain::price_list::PriceList;
use crate::domain::product::Product;
use crate::domain::writer::Writer;
use crate::store::Catalog;
use crate::store::companies::CompanyRecord;
use crate::store::loaders::{
    AttributesByCompany, CollectionById, CollectionsByProduct, CompanyById, PriceListsByCompany, ProductById,
    RuleCollectionsByCompany, TreeByCategory, TreeByCompany, VariantById,
};

/// What resolvers load.
pub(super) trait Loading {
    /// The store.
    fn catalog(&self) -> Result<&Catalog, Fault>;
    /// What the caller sees of products.
    async fn view_products(&self) -> Result<(Visibility, View), Fault>;
    /// What the caller sees of a resource whose public face is that of active companies.
    async fn view_of_companies(&self, resource: Resource) -> Result<(Visibility, View), Fault>;
    /// A product that the caller sees.
    async fn product(&self, id: ProductId) -> Result<Option<Arc<Document<Product>>>, Fault>;
    /// The product of a variant, if the caller sees it.
    async fn product_of(&self, id: VariantId) -> Result<Option<Arc<Document<Product>>>, Fault>;
    /// A company's category tree; an empty one when it has none.
    async fn tree(&self, company: CompanyId) -> Result<Arc<CategoryTree>, Fault>;
    /// The tree that a category stands in, if the caller sees it.
    async fn tree_of(&self, category: CategoryId) -> Result<Option<Arc<CategoryTree>>, Fault>;
    /// A collection that the caller sees.
    async fn collection(&self, id: CollectionId) -> Result<Option<Arc<Document<Collection>>>, Fault>;
    /// The collections into which a product was put by hand, of those that the caller sees.
    async fn collections_by_hand(&self, id: ProductId) -> Result<Vec<Arc<Document<Collection>>>, Fault>;
    /// A company's collections by rule, of those that the caller sees.
    async fn rule_collections(
        &self,
        company: CompanyId,
    ) -> Result<Arc<Vec<Arc<Document<Collection>>>>, Fault>;
    /// A company's attribute definitions.
    async fn attribute_set(&self, company: CompanyId) -> Result<Option<Arc<Document<AttributeSet>>>, Fault>;
    /// A company's price lists, whoever asks: for finding prices only.
    async fn price_lists(&self, company: CompanyId) -> Result<Arc<Vec<PriceList>>, Fault>;
    /// What is known of a company.
    async fn company(&self, id: CompanyId) -> Result<Option<Arc<CompanyRecord>>, Fault>;
    /// The company of a shop, unless the shop is hidden from the caller.
    async fn company_of_visible(&self, shop: ShopId) -> Result<Option<CompanyId>, Fault>;
    /// The caller as a writer of products within `scope`.
    fn writer(&self, scope: &Visibility) -> Writer;
}

impl Loading for Context<'_> {
    fn catalog(&self) -> Result<&Catalog, Fault> {
        Ok(&**self.store::<Arc<Catalog>>()?)
    }

    async fn view_products(&self) -> Result<(Visibility, View), Fault> {
        let scope = self.may(Action::Read, Resource::Product)?;
        let view = self.catalog()?.view_products(&scope, self.now()).await?;
        Ok((scope, view))
    }

    async fn view_of_companies(&self, resource: Resource) -> Result<(Visibility, View), Fault> {
        let scope = self.may(Action::Read, resource)?;
        let view = self.catalog()?.view_of_companies(&scope).await?;
        Ok((scope, view))
    }

    async fn product(&self, id: ProductId) -> Result<Option<Arc<Document<Product>>>, Fault> {
        let (scope, view) = self.view_products().await?;
        let products = self.catalog()?.products.clone();
        self.loader(&scope, || ProductById { products, view }).one(id).await
    }

    async fn product_of(&self, id: VariantId) -> Result<Option<Arc<Document<Product>>>, Fault> {
        let (scope, view) = self.view_products().await?;
        let products = self.catalog()?.products.clone();
        self.loader(&scope, || VariantById { products, view }).one(id).await
    }

    async fn tree(&self, company: CompanyId) -> Result<Arc<CategoryTree>, Fault> {
        let (scope, view) = self.view_of_companies(Resource::Category).await?;
        let trees = self.catalog()?.trees.clone();
        let found = self.loader(&scope, || TreeByCompany { trees, view }).one(company).await?;
        Ok(found.unwrap_or_else(|| Arc::new(CategoryTree::new(company))))
    }

    async fn tree_of(&self, category: CategoryId) -> Result<Option<Arc<CategoryTree>>, Fault> {
        let (scope, view) = self.view_of_companies(Resource::Category).await?;
        let trees = self.catalog()?.trees.clone();
        self.loader(&scope, || TreeByCategory { trees, view }).one(category).await
    }

    async fn collection(&self, id: CollectionId) -> Result<Option<Arc<Document<Collection>>>, Fault> {
        let (scope, view) = self.view_of_companies(Resource::Collection).await?;
        let collections = self.catalog()?.collections.clone();
        self.loader(&scope, || CollectionById { collections, view }).one(id).await
    }

    async fn collections_by_hand(&self, id: ProductId) -> Result<Vec<Arc<Document<Collection>>>, Fault> {
        let (scope, view) = self.view_of_companies(Resource::Collection).await?;
        let collections = self.catalog()?.collections.clone();
        let loader = self.loader(&scope, || CollectionsByProduct { collections, view });
        Ok(loader.one(id).await?.unwrap_or_default())
    }

    async fn rule_collections(
        &self,
        company: CompanyId,
    ) -> Result<Arc<Vec<Arc<Document<Collection>>>>, Fault> {
        let (scope, view) = self.view_of_companies(Resource::Collection).await?;
        let collections = self.catalog()?.collections.clone();
        let loader = self.loader(&scope, || RuleCollectionsByCompany { collections, view });
        Ok(loader.one(company).await?.unwrap_or_default())
    }

    async fn attribute_set(&self, company: CompanyId) -> Result<Option<Arc<Document<AttributeSet>>>, Fault> {
        let (scope, view) = self.view_of_companies(Resource::Attribute).await?;
        let attributes = self.catalog()?.attributes.clone();
        self.loader(&scope, || AttributesByCompany { attributes, view }).one(company).await
    }

    async fn price_lists(&self, company: CompanyId) -> Result<Arc<Vec<PriceList>>, Fault> {
        let price_lists = self.catalog()?.price_lists.clone();
        let scope = Visibility::everything_for("catalog.prices");
        let found = self.loader(&scope, || PriceListsByCompany { price_lists }).one(company).await?;
        Ok(found.unwrap_or_default())
    }

    async fn company(&self, id: CompanyId) -> Result<Option<Arc<CompanyRecord>>, Fault> {
        let companies = Arc::clone(&self.catalog()?.companies);
        let scope = Visibility::everything_for("catalog.companies");
        self.loader(&scope, || CompanyById(companies)).one(id).await
    }

    async fn company_of_visible(&self, shop: ShopId) -> Result<Option<CompanyId>, Fault> {
        let Some(fact) = self.catalog()?.companies.shop(shop, self.now()).await? else { return Ok(None) };
        let scope = self.may(Action::Read, Resource::Product)?;
        let is_shown = fact.active || scope.covers(&Tenant::shop(fact.company, shop));
        Ok(is_shown.then_some(fact.company))
    }

    fn writer(&self, scope: &Visibility) -> Writer {
        match (scope.reach(), self.principal().role()) {
            (Reach::Shops { shops, .. }, Some(Role::ShopManager)) => Writer::ShopManager(shops.to_vec()),
            (Reach::Shops { shops, .. }, _) => Writer::ShopStaff(shops.to_vec()),
            (Reach::Everything | Reach::Company(_), _) => Writer::Company,
            (Reach::Own(_) | Reach::Nothing, _) => Writer::ShopStaff(Vec::new()),
        }
    }
}
