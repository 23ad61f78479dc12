//! `ProductVariant` in the schema.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::documents::{Collection, Document};
use souk_kit::fault::Fault;
use souk_kit::id::{ShopKind, SoughtId};
use souk_kit::metadata::{self, MetadataEntry};
use souk_kit::money::CurrencyCode;
use souk_kit::page::{Connection, Cursor, PageArgs};
use souk_kit::permission::Resource;

use super::attribute_value::{self, AttributeValue};
use super::loading::Loading;
use super::media::Media;
use super::option::SelectedOption;
use super::price::{Asked, PriceChoice, ProductPrice, VariantPrice, resolve};
use super::product::Product;
use crate::domain::ids::VariantId;
use crate::domain::price::Price;
use crate::domain::{product, variant};
use crate::store::products::Products;

/// What is priced, stocked and sold.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ProductVariant {
    /// Its id.
    id: VariantId,
    /// Stock keeping unit, unique in the company.
    sku: Option<String>,
    /// Its id in another system, unique in the company.
    external_reference: Option<String>,
    /// What a scanner reads: EAN, UPC, ISBN.
    barcode: Option<String>,
    /// Its own name, or one made of its options, such as `Red / L`; null for the only variant of a plain product.
    name: Option<String>,
    /// Which tax rules hold; null means the company's standard rate.
    tax_class: Option<String>,
    /// Whether it is a good that is shipped, and not a download or a service.
    requires_shipping: bool,
    /// Weight in grams; its own, or else the product's.
    weight_grams: Option<i64>,
    #[graphql(skip)]
    document: Arc<Document<product::Product>>,
    #[graphql(skip)]
    place: usize,
}

impl ProductVariant {
    /// The variant of a product at a place.
    pub(super) fn at(document: &Arc<Document<product::Product>>, place: usize) -> Option<Self> {
        let own = document.variants.get(place)?;
        Some(Self {
            id: own.id,
            sku: own.sku.clone(),
            external_reference: own.external_reference.clone(),
            barcode: own.barcode.clone(),
            name: own.title(),
            tax_class: own.tax_class.clone(),
            requires_shipping: own.requires_shipping,
            weight_grams: own.weight_grams.or(document.specifications.weight_grams),
            document: Arc::clone(document),
            place,
        })
    }

    /// The variant of a product that passes a test.
    pub(super) fn find(
        document: &Arc<Document<product::Product>>,
        is_wanted: impl Fn(&variant::Variant) -> bool,
    ) -> Option<Self> {
        Self::at(document, document.variants.iter().position(is_wanted)?)
    }

    fn own(&self) -> &[variant::Variant] {
        self.document.variants.get(self.place..=self.place).unwrap_or_default()
    }
}

/// What tells a price from the variant's others.
fn place_of(price: &Price) -> Cursor {
    let list = price.list.map(|list| list.to_string());
    Cursor(vec![list.into(), price.currency.code().into(), price.min_quantity.into()])
}

#[ComplexObject]
impl ProductVariant {
    /// The product that it is a variant of.
    async fn product(&self) -> Product {
        Arc::clone(&self.document).into()
    }

    /// What it is in each of the product's options, at most 5.
    async fn options(&self) -> Vec<SelectedOption> {
        self.own().iter().flat_map(|own| &own.options).map(Into::into).collect()
    }

    /// Typed attributes of its own, at most 100.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<AttributeValue>, Fault> {
        let own: Vec<_> = self.own().iter().flat_map(|own| own.attributes.clone()).collect();
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let set = ctx.attribute_set(self.document.company).await?;
        Ok(set.map(|set| attribute_value::shown(&own, &set)).unwrap_or_default())
    }

    /// The price of one unit for whoever takes `quantity` of them. Which price list wins is said at `Product.price`.
    async fn price(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The currency; else the company's own.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "The shop that it is bought in.")] shop: Option<SoughtId<ShopKind>>,
        #[graphql(desc = "How many units are taken; 1 when not said.")] quantity: Option<i32>,
    ) -> Result<Option<ProductPrice>, Fault> {
        let asked = Asked::new(currency, shop, quantity)?;
        resolve(ctx, self.document.company, self.own(), &asked, PriceChoice::Lowest).await
    }

    /// All its prices as they were entered, for staff: base prices first, then by list; within each by currency and
    /// quantity.
    async fn prices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<VariantPrice>>, Fault> {
        ctx.may_see(Resource::Product, &Products::tenant(&self.document))?;
        let page = PageArgs { first, after, last, before }.page("prices")?;
        let all: Vec<_> = self.own().iter().flat_map(|own| own.prices.iter()).copied().collect();
        let total = all.len() as u64;
        let slice = page.of_whole(all, place_of)?;
        Ok(Some(slice.connection(
            place_of,
            |price| VariantPrice::from(&price),
            move || Box::pin(std::future::ready(Ok(total))),
        )))
    }

    /// The pictures that show it; without any of its own, those of the product, at most 100.
    async fn media(&self) -> Vec<Media> {
        let own: Vec<_> = self.own().iter().flat_map(|own| &own.media).collect();
        let shows = |id| own.is_empty() || own.contains(&id);
        let shown = self.document.media.iter().filter(|media| shows(&media.id));
        shown.map(|media| Media::of(self.document.company, media)).collect()
    }

    /// What integrators note on it, for everyone to see: at most 100 entries.
    async fn metadata(&self) -> Vec<MetadataEntry> {
        self.own().iter().flat_map(|own| metadata::shown(&own.metadata.public)).collect()
    }

    /// What integrators note on it, for staff: at most 100 entries.
    async fn private_metadata(&self, ctx: &Context<'_>) -> Result<Option<Vec<MetadataEntry>>, Fault> {
        ctx.may_see(Resource::Product, &Products::tenant(&self.document))?;
        Ok(Some(self.own().iter().flat_map(|own| metadata::shown(&own.metadata.private)).collect()))
    }
}
