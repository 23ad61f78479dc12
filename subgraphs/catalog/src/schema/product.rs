//! `Product` in the schema.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::documents::{Collection as _, Document};
use souk_kit::fault::Fault;
use souk_kit::id::{ShopKind, SoughtId};
use souk_kit::metadata::{self, MetadataEntry};
use souk_kit::money::CurrencyCode;
use souk_kit::page::{Connection, Cursor, PageArgs};
use souk_kit::permission::Resource;

use super::assortment::ProductAssortment;
use super::attribute_value::{self, AttributeValue};
use super::category::Category;
use super::collection::Collection;
use super::company::Company;
use super::loading::Loading;
use super::media::Media;
use super::option::ProductOption;
use super::price::{Asked, PriceChoice, ProductPrice, resolve};
use super::specifications::ProductSpecifications;
use super::texts::{self, Seo, Translation, reader_locale};
use super::variant::ProductVariant;
use crate::domain::collection::{self, Gathering};
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::{product, publication};
use crate::store::products::Products;

/// Where a product stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "publication::Status")]
pub enum ProductStatus {
    /// Being written: seen by staff only.
    Draft,
    /// Offered, within its publish window.
    Active,
    /// No longer offered; kept because orders refer to it.
    Archived,
}

/// What a company offers, in one or more variants.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Product {
    /// Its id.
    id: ProductId,
    /// Counts its changes; updates name the one they saw.
    version: i64,
    /// Its id in another system, unique in the company.
    external_reference: Option<String>,
    /// The address of its page, unique in the company.
    slug: String,
    /// Brand.
    brand: Option<String>,
    /// Where it stands in its life.
    status: ProductStatus,
    /// Words to find it by, at most 100.
    tags: Vec<String>,
    /// First instant at which the public may see it, once it is active.
    publish_from: Option<Timestamp>,
    /// First instant at which the public may not see it any more.
    publish_until: Option<Timestamp>,
    /// When it was created.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
    #[graphql(skip)]
    document: Arc<Document<product::Product>>,
}

impl From<Arc<Document<product::Product>>> for Product {
    fn from(document: Arc<Document<product::Product>>) -> Self {
        Self {
            id: document.id,
            version: document.version,
            external_reference: document.external_reference.clone(),
            slug: document.slug.to_string(),
            brand: document.brand.clone(),
            status: document.status.into(),
            tags: document.tags.clone(),
            publish_from: document.window.from,
            publish_until: document.window.until,
            created_at: document.created_at,
            updated_at: document.updated_at,
            document,
        }
    }
}

impl Product {
    /// One of its pictures.
    pub(super) fn picture(&self, id: MediaId) -> Option<Media> {
        let own = self.document.media.iter().find(|own| own.id == id)?;
        Some(Media::of(self.document.company, own))
    }
}

#[ComplexObject]
impl Product {
    /// The company that offers it.
    async fn company(&self) -> Option<Company> {
        Some(Company::from(self.document.company))
    }

    /// Name, in the nearest locale that has one: the asked locale, its shorter forms, the company's own language.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<String, Fault> {
        let locale = reader_locale(ctx, locale.as_deref())?;
        let translated = self.document.translations.pick(locale.as_ref(), |t| t.name.clone());
        Ok(translated.unwrap_or_else(|| self.document.name.clone()))
    }

    /// Description as plain text.
    async fn description(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<String, Fault> {
        let locale = reader_locale(ctx, locale.as_deref())?;
        let translated = self.document.translations.pick(locale.as_ref(), |t| t.description.as_ref());
        Ok(translated.unwrap_or(&self.document.description).plain.clone())
    }

    /// Description as safe HTML: without scripts, styles, frames or event handlers.
    async fn description_html(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<String, Fault> {
        let locale = reader_locale(ctx, locale.as_deref())?;
        let translated = self.document.translations.pick(locale.as_ref(), |t| t.description.as_ref());
        Ok(translated.unwrap_or(&self.document.description).html.clone())
    }

    /// Feature lines, at most 50.
    async fn features(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language tag; else the first language that the client accepts.")] locale: Option<
            String,
        >,
    ) -> Result<Vec<String>, Fault> {
        let locale = reader_locale(ctx, locale.as_deref())?;
        let translated = self.document.translations.pick(locale.as_ref(), |t| t.features.clone());
        Ok(translated.unwrap_or_else(|| self.document.features.clone()))
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
        Ok(texts::seo(&self.document.seo, &self.document.translations, locale.as_ref()))
    }

    /// Former slugs, which redirect to it: at most 20, the oldest go.
    async fn former_slugs(&self) -> Vec<String> {
        self.document.former_slugs.iter().map(ToString::to_string).collect()
    }

    /// Whether the public may see it now, as far as its status and publish window say.
    async fn is_published(&self, ctx: &Context<'_>) -> bool {
        self.document.is_published(ctx.now())
    }

    /// Weight, dimensions and stated facts.
    async fn specifications(&self) -> ProductSpecifications {
        (&self.document.specifications).into()
    }

    /// Its translations as they were entered, at most 50.
    async fn translations(&self) -> Vec<Translation> {
        texts::shown(&self.document.translations)
    }

    /// What integrators note on it, for everyone to see: at most 100 entries.
    async fn metadata(&self) -> Vec<MetadataEntry> {
        metadata::shown(&self.document.metadata.public)
    }

    /// What integrators note on it, for staff: at most 100 entries.
    async fn private_metadata(&self, ctx: &Context<'_>) -> Result<Option<Vec<MetadataEntry>>, Fault> {
        ctx.may_see(Resource::Product, &Products::tenant(&self.document))?;
        Ok(Some(metadata::shown(&self.document.metadata.private)))
    }

    /// Typed attributes, at most 100.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<AttributeValue>, Fault> {
        if self.document.attributes.is_empty() {
            return Ok(Vec::new());
        }
        let set = ctx.attribute_set(self.document.company).await?;
        Ok(set.map(|set| attribute_value::shown(&self.document.attributes, &set)).unwrap_or_default())
    }

    /// The categories that it stands in, the main one first: at most 50.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>, Fault> {
        if self.document.categories.is_empty() {
            return Ok(Vec::new());
        }
        let tree = ctx.tree(self.document.company).await?;
        Ok(self.document.categories.iter().filter_map(|id| Category::of(&tree, id)).collect())
    }

    /// The collections that it is in, by hand or by rule, by name. Asked of many products at once, all are read
    /// together.
    async fn collections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Connection<Collection>, Fault> {
        let page = PageArgs { first, after, last, before }.page("name:Ascending")?;
        let own = &self.document;
        let (by_hand, by_rule) =
            (ctx.collections_by_hand(own.id).await?, ctx.rule_collections(own.company).await?);
        let tree = if by_rule.is_empty() { None } else { Some(ctx.tree(own.company).await?) };
        let gathers = |one: &&Arc<Document<collection::Collection>>| match (&one.gathering, &tree) {
            (Gathering::Rules(rules), Some(tree)) => rules.matches(own, tree),
            _ => false,
        };
        let mut all: Vec<_> = by_rule.iter().filter(gathers).cloned().chain(by_hand).collect();
        all.sort_by_cached_key(|one| (one.content.name.to_lowercase(), one.id));
        let total = all.len() as u64;
        let cursor = |one: &Arc<Document<collection::Collection>>| {
            Cursor(vec![one.content.name.to_lowercase().into(), one.id.to_string().into()])
        };
        Ok(page
            .of_whole(all, cursor)?
            .connection(cursor, Collection::from, move || Box::pin(std::future::ready(Ok(total)))))
    }

    /// In which shops it is offered.
    async fn assortment(&self) -> ProductAssortment {
        ProductAssortment::of(&self.document.assortment)
    }

    /// How its variants differ, at most 5 ways.
    async fn options(&self) -> Vec<ProductOption> {
        self.document.options.iter().map(Into::into).collect()
    }

    /// Its variants: at least one, at most 100.
    async fn variants(&self) -> Vec<ProductVariant> {
        let variants = 0..self.document.variants.len();
        variants.filter_map(|place| ProductVariant::at(&self.document, place)).collect()
    }

    /// Its pictures, the main one first: at most 100.
    async fn media(&self) -> Vec<Media> {
        self.document.media.iter().map(|own| Media::of(self.document.company, own)).collect()
    }

    /// Its main picture.
    async fn image(&self) -> Option<Media> {
        self.document.media.first().map(|own| Media::of(self.document.company, own))
    }

    /// The lowest (or highest) price among its variants. Which price list wins: the most specific one that holds
    /// (customer group and shop, group, shop, neither), then the higher priority, then the lower price; then base
    /// prices. Null when no variant has a price in the currency: nothing is converted.
    async fn price(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The currency; else the company's own.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "The shop that it is bought in.")] shop: Option<SoughtId<ShopKind>>,
        #[graphql(desc = "Which of the variants' prices.", default_with = "PriceChoice::Lowest")]
        choice: PriceChoice,
    ) -> Result<Option<ProductPrice>, Fault> {
        let asked = Asked::new(currency, shop, None)?;
        resolve(ctx, self.document.company, &self.document.variants, &asked, choice).await
    }
}
