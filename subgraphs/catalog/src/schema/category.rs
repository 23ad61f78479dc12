//! `Category` in the schema.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, SimpleObject};
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{ShopKind, SoughtId};
use souk_kit::metadata::{self, MetadataEntry};
use souk_kit::money::CurrencyCode;
use souk_kit::page::{Connection, PageArgs};
use souk_kit::permission::{Resource, Tenant};

use super::category_list;
use super::company::Company;
use super::product::Product;
use super::product_list::{self, ProductListArgs, ProductSort};
use super::product_where::ProductWhere;
use super::texts::{self, Seo, Translation, reader_locale};
use crate::domain::category_tree::CategoryTree;
use crate::domain::ids::CategoryId;
use crate::domain::{category, content};
use crate::store::products::CATEGORY;

/// A shelf of the shop, within the category tree of its company.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Category {
    /// Its id.
    id: CategoryId,
    /// Counts its changes; updates name the one they saw.
    version: i64,
    /// Its id in another system, unique in the company.
    external_reference: Option<String>,
    /// The address of its page, unique in the company.
    slug: String,
    /// When it was created.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
    #[graphql(skip)]
    own: category::Category,
    #[graphql(skip)]
    tree: Arc<CategoryTree>,
}

impl Category {
    /// The category of a tree.
    pub(super) fn of(tree: &Arc<CategoryTree>, id: &CategoryId) -> Option<Self> {
        tree.get(id).map(|own| Self::shown(tree, own))
    }

    /// A category that stands in a tree.
    pub(super) fn shown(tree: &Arc<CategoryTree>, own: &category::Category) -> Self {
        Self {
            id: own.id,
            version: own.version,
            external_reference: own.content.external_reference.clone(),
            slug: own.content.slug.to_string(),
            created_at: own.created_at,
            updated_at: own.updated_at,
            own: own.clone(),
            tree: Arc::clone(tree),
        }
    }

    fn content(&self) -> &content::Content {
        &self.own.content
    }
}

#[ComplexObject]
impl Category {
    /// The company whose tree it stands in.
    async fn company(&self) -> Option<Company> {
        Some(Company::from(self.tree.company))
    }

    /// Name, in the nearest locale that has one.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<String, Fault> {
        let locale = reader_locale(ctx, locale.as_deref())?;
        let translated = self.content().translations.pick(locale.as_ref(), |t| t.name.clone());
        Ok(translated.unwrap_or_else(|| self.content().name.clone()))
    }

    /// Description as safe HTML.
    async fn description_html(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<String, Fault> {
        let locale = reader_locale(ctx, locale.as_deref())?;
        let translated = self.content().translations.pick(locale.as_ref(), |t| t.description.as_ref());
        Ok(translated.unwrap_or(&self.content().description).html.clone())
    }

    /// What search engines are told.
    async fn seo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<Seo, Fault> {
        let locale = reader_locale(ctx, locale.as_deref())?;
        Ok(texts::seo(&self.content().seo, &self.content().translations, locale.as_ref()))
    }

    /// Its translations as they were entered, at most 50.
    async fn translations(&self) -> Vec<Translation> {
        texts::shown(&self.content().translations)
    }

    /// What integrators note on it, for everyone to see: at most 100 entries.
    async fn metadata(&self) -> Vec<MetadataEntry> {
        metadata::shown(&self.content().metadata.public)
    }

    /// What integrators note on it, for staff: at most 100 entries.
    async fn private_metadata(&self, ctx: &Context<'_>) -> Result<Option<Vec<MetadataEntry>>, Fault> {
        ctx.may_see(Resource::Category, &Tenant::company(self.tree.company))?;
        Ok(Some(metadata::shown(&self.content().metadata.private)))
    }

    /// The category above; null at the top.
    async fn parent(&self) -> Option<Category> {
        self.own.parent.and_then(|parent| Self::of(&self.tree, &parent))
    }

    /// The categories right below, in their order.
    async fn children(
        &self,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<Category>, Fault> {
        category_list::children(&self.tree, &self.own, &PageArgs { first, after, last, before })
    }

    /// The way from the top down to it, itself included: one category per level.
    async fn breadcrumbs(&self) -> Vec<Category> {
        self.tree.breadcrumbs(&self.id).into_iter().map(|own| Self::shown(&self.tree, own)).collect()
    }

    /// How many categories stand above it.
    async fn depth(&self) -> usize {
        self.tree.breadcrumbs(&self.id).len().saturating_sub(1)
    }

    /// The products that stand in it or below it. Asked of many categories at once, all pages are read together,
    /// fifty to a query.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every product list")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which products.")] filter: Option<ProductWhere>,
        #[graphql(desc = "In which order; the newest first when not said.")] sort: Option<ProductSort>,
        #[graphql(desc = "The currency of filters and sorts by price; else the company's own.")]
        currency: Option<CurrencyCode>,
        #[graphql(desc = "Only what is offered in this shop; filters and sorts by price go by its prices.")]
        shop: Option<SoughtId<ShopKind>>,
    ) -> Result<Connection<Product>, Fault> {
        let page = PageArgs { first, after, last, before };
        let within = souk_kit::documents::Filter::one_of(CATEGORY, self.tree.subtree(self.id));
        let args =
            ProductListArgs { company: Some(self.tree.company), within, page, filter, sort, currency, shop };
        product_list::list(ctx, args).await
    }
}
