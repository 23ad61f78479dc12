//! Products as documents: what is unique of them and what lists ask for.

use std::collections::BTreeSet;

use souk_kit::documents::{Collection, Draft, Index};
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::Tenant;

use crate::domain::assortment::Assortment;
use crate::domain::change::Change;
use crate::domain::finding::Path;
use crate::domain::ids::VariantId;
use crate::domain::offer::Offer;
use crate::domain::product::Product;
use crate::domain::publication::Status;
use crate::domain::variant_change::{Located, VariantChange};
use crate::error::{CatalogError, CatalogErrorCode};

/// The products of all companies.
pub enum Products {}

/// The name in lower case: lists sort by it and find its beginning.
pub const NAME: &str = "name";
/// The status in lower case.
pub const STATUS: &str = "status";
/// The brand.
pub const BRAND: &str = "brand";
/// What a scanner reads of each variant.
pub const BARCODE: &str = "barcode";
/// Each tag.
pub const TAG: &str = "tag";
/// Each category, without those above it.
pub const CATEGORY: &str = "category";
/// Each attribute value of the product and of its variants, as `code=value`.
pub const ATTRIBUTE: &str = "attribute";
/// Each listed shop, or [`ALL_SHOPS`].
pub const SHOP: &str = "shop";
/// Stands for an assortment of all shops.
pub const ALL_SHOPS: &str = "*";
/// When it was created.
pub const CREATED: &str = "created";
/// When it last changed.
pub const UPDATED: &str = "updated";
/// First instant of the publish window; only active products have it.
pub const PUBLISHED_FROM: &str = "from";
/// First instant after the publish window; only active products have it.
pub const PUBLISHED_UNTIL: &str = "until";

/// Each price list that has a price of it.
pub const LIST: &str = "list";
/// Marks products whose offers are indexed.
pub const OFFERED: &str = "offered";
/// Each shop that it may have a price of its own in.
pub const OFFER_SHOP: &str = "offer.shop";
/// Each customer group that it may have a price of its own for.
pub const OFFER_GROUP: &str = "offer.group";
/// When its offers change next.
pub const OFFER_CHANGE: &str = "offer.change";

/// Before or after the next change of a product's offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Until it.
    Now,
    /// From it on.
    Then,
}

/// The field with the price of one unit that one kind of buyer is shown, in minor units.
pub fn offer_field(period: Period, currency: &str, shop: Option<ShopId>, group: Option<&str>) -> String {
    let period = match period {
        Period::Now => "now",
        Period::Then => "then",
    };
    let shop = shop.map_or_else(|| ALL_SHOPS.to_owned(), |shop| shop.to_string());
    // A group may have any name; the sign before it tells one from none.
    let group = group.map(|group| format!("={group}")).unwrap_or_default();
    format!("offer.{period}.{currency}.{shop}{group}")
}

/// The field with the lowest base price in a currency, in minor units.
pub fn price_field(currency: &str) -> String {
    format!("price.{currency}")
}

/// The unique key under which a company's product is found: `kind` is `slug`, `sku`, `ref` or `variant-ref`.
pub fn product_key(kind: &str, company: CompanyId, value: &str) -> String {
    format!("{kind}:{company}:{value}")
}

/// The unique key under which a variant's product is found.
pub fn variant_key(id: VariantId) -> String {
    format!("variant:{id}")
}

/// How an attribute's value is indexed.
pub fn attribute_value(code: &str, value: &str) -> String {
    format!("{code}={value}")
}

impl Collection for Products {
    type State = Product;

    const NAME: &'static str = "products";
    const SOURCE: &'static str = "/souk/catalog";
    const TOPIC: Topic = Topic::Product;
    const SCHEMA_VERSION: u32 = 1;

    fn id(product: &Product) -> String {
        product.id.to_string()
    }

    fn tenant(product: &Product) -> Tenant {
        match &product.assortment {
            Assortment::All => Tenant::company(product.company),
            Assortment::Listed(shops) => Tenant::shops(product.company, shops.iter().copied().collect()),
        }
    }

    fn index(product: &Product) -> Index {
        let index = with_offers(with_lists(with_keys(Index::default(), product), product), product)
            .field(NAME, product.name.to_lowercase())
            .field(STATUS, product.status.as_str())
            .field(CREATED, product.created_at)
            .field(UPDATED, product.updated_at);
        let prices = product.lowest_base_prices().into_iter();
        let index = prices.fold(index, |index, (currency, minor)| index.field(price_field(currency), minor));
        match product.status {
            Status::Active => index
                .field(PUBLISHED_FROM, product.window.from.map_or(i64::MIN, |from| from.timestamp_micros()))
                .field(
                    PUBLISHED_UNTIL,
                    product.window.until.map_or(i64::MAX, |until| until.timestamp_micros()),
                ),
            Status::Draft | Status::Archived => index,
        }
    }
}

fn with_keys(index: Index, product: &Product) -> Index {
    let company = product.company;
    let slugs = product.former_slugs.iter().chain([&product.slug]);
    let index = slugs.fold(index, |index, slug| index.unique(product_key("slug", company, slug.as_str())));
    let index = match &product.external_reference {
        Some(reference) => index.unique(product_key("ref", company, reference)),
        None => index,
    };
    product.variants.iter().fold(index, |mut index, variant| {
        if let Some(sku) = &variant.sku {
            index = index.unique(product_key("sku", company, sku));
        }
        if let Some(reference) = &variant.external_reference {
            index = index.unique(product_key("variant-ref", company, reference));
        }
        index.unique(variant_key(variant.id))
    })
}

fn with_lists(index: Index, product: &Product) -> Index {
    let of_variants = product.variants.iter().flat_map(|variant| &variant.attributes);
    let attributes = product.attributes.iter().chain(of_variants);
    let values = attributes.flat_map(|one| one.values.iter().map(|value| attribute_value(&one.code, value)));
    let index = index
        .fields(TAG, product.tags.iter().map(String::as_str))
        .fields(BRAND, product.brand.as_deref())
        .fields(BARCODE, product.variants.iter().filter_map(|variant| variant.barcode.as_deref()))
        .fields(CATEGORY, product.categories.iter().copied())
        .fields(ATTRIBUTE, values);
    match product.assortment.shops() {
        None => index.field(SHOP, ALL_SHOPS),
        Some(shops) => index.fields(SHOP, shops.iter().copied()),
    }
}

fn with_offers(index: Index, product: &Product) -> Index {
    let prices = product.variants.iter().flat_map(|variant| variant.prices.iter());
    let index = index.fields(LIST, prices.filter_map(|price| price.list).collect::<BTreeSet<_>>());
    let Some(offers) = &product.offers else { return index };
    let index = index
        .field(OFFERED, "yes")
        .fields(OFFER_SHOP, offers.shops.iter().copied())
        .fields(OFFER_GROUP, offers.groups.iter().map(String::as_str));
    let index = match offers.changes_at {
        Some(at) => index.field(OFFER_CHANGE, at),
        None => index,
    };
    let each = |period, offers: &'_ [Offer], index| {
        offers.iter().fold(index, |index: Index, offer| {
            let field = offer_field(period, offer.currency.code(), offer.shop, offer.group.as_deref());
            index.field(field, offer.amount_minor)
        })
    };
    each(Period::Then, &offers.then, each(Period::Now, &offers.now, index))
}

/// What it means that another product holds a unique key, at the place of the input where it was asked for.
pub fn taken(key: &str, changes: &[Located<Change>]) -> CatalogError {
    let value = key.splitn(3, ':').nth(2).unwrap_or_default();
    let (code, text, place) = match key.split(':').next() {
        Some("slug") => {
            (CatalogErrorCode::SlugTaken, "another product of the company has this slug", Path::from("slug"))
        }
        Some("sku") => (
            CatalogErrorCode::SkuTaken,
            "another variant of the company has this SKU",
            place_of(
                changes,
                |change| matches!(change, VariantChange::Sku(Some(sku)) if sku.trim() == value),
            ),
        ),
        Some("variant-ref") => (
            CatalogErrorCode::ExternalReferenceTaken,
            "another variant of the company has this external reference",
            place_of(
                changes,
                |change| matches!(change, VariantChange::ExternalReference(Some(own)) if own.trim() == value),
            ),
        ),
        _ => (
            CatalogErrorCode::ExternalReferenceTaken,
            "another product of the company has this external reference",
            Path::from("externalReference"),
        ),
    };
    let steps = std::iter::once("input".to_owned()).chain(place.into_steps());
    CatalogError::new(code, format!("{text}: {value}")).at(steps)
}

/// Where a change of a variant was asked for.
fn place_of(changes: &[Located<Change>], is_it: impl Fn(&VariantChange) -> bool) -> Path {
    let of_variants = changes.iter().flat_map(|located| match &located.change {
        Change::VariantAdd { changes, .. } | Change::Variant { changes, .. } => changes.as_slice(),
        _ => &[],
    });
    let mut found = of_variants.filter(|located| is_it(&located.change));
    found.next().map_or_else(|| Path::from("variants"), |located| located.path.clone())
}

/// The event that tells of a product: its full state less private metadata.
pub fn event(kind: &'static str, product: &Product) -> Result<Draft, Fault> {
    let mut told = product.clone();
    told.metadata.private.clear();
    told.offers = None;
    for variant in &mut told.variants {
        variant.metadata.private.clear();
    }
    Draft::new(kind, &told)
}
