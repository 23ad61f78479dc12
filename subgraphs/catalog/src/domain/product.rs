//! A product: what a company offers, in one or more variants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;
use souk_kit::id::CompanyId;

use super::assortment::Assortment;
use super::attribute::AttributeValue;
use super::finding::{Finding, Path};
use super::html::RichText;
use super::ids::MediaId;
use super::ids::PriceListId;
use super::ids::{CategoryId, ProductId, VariantId};
use super::measures::Specifications;
use super::media::Media;
use super::metadata::Metadata;
use super::offer::Offers;
use super::option::{self, ProductOption};
use super::publication::{self, Status, Window};
use super::refusal::ProductRefusal;
use super::slug::Slug;
use super::translation::{Seo, Translations};
use super::variant::Variant;

/// The largest product, in bytes of JSON: what is computed of it has room beside it in a document.
pub const MAX_BYTES: usize = 3_500_000;

/// A product with its variants: one aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Whose it is; never changes.
    pub company: CompanyId,
    /// Its id in another system, unique in the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_reference: Option<String>,
    /// The page's address.
    pub slug: Slug,
    /// Addresses that redirect to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_slugs: Vec<Slug>,
    /// Name in the company's own language.
    pub name: String,
    /// Description in the company's own language.
    #[serde(default)]
    pub description: RichText,
    /// Brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Feature lines in the company's own language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Weight, dimensions, stated facts.
    #[serde(default)]
    pub specifications: Specifications,
    /// Where it stands in its life.
    pub status: Status,
    /// When the public may see it.
    #[serde(default)]
    pub window: Window,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What search engines are told.
    #[serde(default)]
    pub seo: Seo,
    /// What integrators note on it.
    #[serde(default)]
    pub metadata: Metadata,
    /// Texts in other languages.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub translations: Translations,
    /// Typed attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeValue>,
    /// Categories, the main one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<CategoryId>,
    /// In which shops it is offered.
    #[serde(default)]
    pub assortment: Assortment,
    /// How its variants differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ProductOption>,
    /// At least one.
    pub variants: Vec<Variant>,
    /// Pictures, the main one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// What lists filter and sort by, computed of its prices and the company's price lists; none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<Offers>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Product {
    /// A draft without variants, which [`Product::check`] does not let pass until one is added.
    pub fn draft(id: ProductId, company: CompanyId, name: String, slug: Slug, at: Timestamp) -> Self {
        Self {
            id,
            company,
            external_reference: None,
            slug,
            former_slugs: Vec::new(),
            name,
            description: RichText::default(),
            brand: None,
            features: Vec::new(),
            specifications: Specifications::default(),
            status: Status::Draft,
            window: Window::default(),
            tags: Vec::new(),
            seo: Seo::default(),
            metadata: Metadata::default(),
            translations: Translations::default(),
            attributes: Vec::new(),
            categories: Vec::new(),
            assortment: Assortment::All,
            options: Vec::new(),
            variants: Vec::new(),
            media: Vec::new(),
            offers: None,
            created_at: at,
            updated_at: at,
        }
    }

    /// Refuses one that no store and no event log has room for: each text of it may be as long as it is.
    pub fn check_size(&self) -> Result<(), ProductRefusal> {
        let bytes = serde_json::to_vec(self).map_or(0, |json| json.len());
        if bytes > MAX_BYTES { Err(ProductRefusal::TooLarge { bytes }) } else { Ok(()) }
    }

    /// What is wrong with the whole: each variant selects what the options offer, no two the same, no SKU or
    /// reference twice, every picture that a variant names is there.
    ///
    /// `places` says where in the input variants stand. What is wrong with one that the input does not name comes
    /// of the product's new options.
    pub fn check(&self, places: &BTreeMap<VariantId, Path>) -> Vec<Finding<ProductRefusal>> {
        if self.variants.is_empty() {
            return vec![Finding::new("variants", ProductRefusal::LastVariant)];
        }
        let mut findings = Vec::new();
        let (mut combinations, mut skus, mut references) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for variant in &self.variants {
            let mut report = |earlier: Option<VariantId>, field: &str, refusal: ProductRefusal| {
                let place = places.get(&variant.id).or_else(|| places.get(&earlier?));
                let path = place.map_or_else(|| Path::from(field), |place| place.then(field));
                findings.push(Finding { path, refusal });
            };
            if let Err(refusal) = option::check_selection(&self.options, &variant.options) {
                report(None, "options", refusal.into());
            } else if let Some(same) = combinations.insert(self.in_option_order(variant), variant.id) {
                report(Some(same), "options", ProductRefusal::CombinationTwice);
            }
            if let Some(same) = variant.sku.as_ref().and_then(|sku| skus.insert(sku, variant.id)) {
                report(Some(same), "sku", ProductRefusal::SkuTaken);
            }
            let reference = variant.external_reference.as_ref();
            if let Some(same) = reference.and_then(|one| references.insert(one, variant.id)) {
                report(Some(same), "externalReference", ProductRefusal::ExternalReferenceTaken);
            }
            let is_unknown = |id: &MediaId| !self.media.iter().any(|media| media.id == *id);
            if variant.media.iter().any(is_unknown) {
                report(None, "media", ProductRefusal::MediaUnknown);
            }
        }
        findings
    }

    fn in_option_order(&self, variant: &Variant) -> Vec<String> {
        let value =
            |name: &str| variant.options.iter().find(|one| one.name == name).map(|one| one.value.clone());
        self.options.iter().filter_map(|option| value(&option.name)).collect()
    }

    /// Whether the public may see it at `at`, as far as the product itself decides.
    pub fn is_published(&self, at: Timestamp) -> bool {
        publication::is_published(self.status, &self.window, at)
    }

    /// The variant with an id.
    pub fn variant(&self, id: VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == id)
    }

    /// Takes away the prices of price lists that are not known any more; whether there were any.
    pub fn forget_price_lists(&mut self, is_known: impl Fn(PriceListId) -> bool) -> bool {
        let mut gone = false;
        for variant in &mut self.variants {
            gone |= variant.prices.retain_lists(&is_known);
        }
        gone
    }

    /// The lowest base price of any variant in each currency, in minor units: what rules of collections go by.
    pub fn lowest_base_prices(&self) -> BTreeMap<&'static str, i64> {
        let mut lowest = BTreeMap::new();
        let prices = self.variants.iter().flat_map(|variant| variant.prices.iter());
        for price in prices.filter(|price| price.list.is_none() && price.min_quantity == 1) {
            let amount = lowest.entry(price.currency.code()).or_insert(price.amount_minor);
            *amount = (*amount).min(price.amount_minor);
        }
        lowest
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use proptest::prelude::*;
    use souk_kit::id::ShopId;

    use super::super::attribute::AttributeSet;
    use super::super::category_tree::CategoryTree;
    use super::super::change::Change;
    use super::super::option::SelectedOption;
    use super::super::surroundings::Surroundings;
    use super::super::variant_change::{Located, VariantChange};
    use super::super::writer::Writer;
    use super::*;

    pub(crate) const AT: Timestamp = DateTime::UNIX_EPOCH;

    pub(crate) fn product() -> Product {
        let slug = Slug::parse("teapot").unwrap();
        let mut product = Product::draft(ProductId::new(AT), CompanyId::new(AT), "Teapot".into(), slug, AT);
        product.variants.push(Variant::new(VariantId::new(AT)));
        product
    }

    fn around(shops: &[ShopId]) -> Surroundings {
        let company = CompanyId::new(AT);
        Surroundings {
            shops: shops.iter().copied().collect(),
            categories: Arc::new(CategoryTree::new(company)),
            attributes: Arc::new(AttributeSet::new(company)),
            price_lists: Arc::default(),
        }
    }

    fn at(path: &str, change: Change) -> Located<Change> {
        Located::new(path, change)
    }

    #[test]
    fn a_change_that_is_refused_leaves_its_field_and_the_others_go_through() {
        let mut product = product();
        let changes = vec![
            at("name", Change::Name(" ".into())),
            at("brand", Change::Brand(Some("Acme".into()))),
            at("slug", Change::Slug("Not a slug".into())),
        ];
        let findings = product.apply(&Writer::Company, changes, &around(&[]), AT).findings;
        let places: Vec<_> = findings.iter().map(|f| f.path.to_string()).collect();
        assert_eq!(places, ["name", "slug"]);
        assert_eq!((product.name.as_str(), product.brand.as_deref()), ("Teapot", Some("Acme")));
    }

    #[test]
    fn the_last_variant_cannot_go() {
        let mut product = product();
        let id = product.variants[0].id;
        let findings =
            product.apply(&Writer::Company, vec![at("remove", Change::VariantRemove(id))], &around(&[]), AT);
        assert_eq!(findings.findings, [Finding::new("remove", ProductRefusal::LastVariant)]);
        assert_eq!(product.variants.len(), 1);
    }

    #[test]
    fn two_variants_cannot_be_the_same_in_every_option() {
        let mut product = product();
        let size = |value: &str| {
            VariantChange::Options(vec![SelectedOption { name: "Size".into(), value: value.into() }])
        };
        let add = |place: usize, value: &str| {
            let changes = vec![Located::new("options", size(value))];
            let change = Change::VariantAdd { id: VariantId::new(AT), changes };
            Located { path: Path::from("variants").then(place), change }
        };
        let sizes = ProductOption { name: "Size".into(), values: vec!["S".into(), "L".into()] };
        product.variants.clear();
        let changes = vec![
            at("options", Change::Options(vec![sizes])),
            add(4, "S"),
            add(3, "L"),
            add(2, "S"),
            add(1, "XL"),
        ];
        let applied = product.apply(&Writer::Company, changes, &around(&[]), AT);
        assert_eq!(applied.findings, []);
        let found: Vec<_> = product
            .check(&applied.places)
            .into_iter()
            .map(|f| format!("{}: {}", f.path, f.refusal))
            .collect();
        assert_eq!(
            found,
            [
                "variants.2.options: another variant of the product has the same options",
                "variants.1.options: the product has no option `Size` with that value",
            ]
        );
    }

    #[test]
    fn shop_people_write_only_what_lies_within_their_shops() {
        let (own, other) = (ShopId::new(AT), ShopId::new(AT));
        let mut product = product();
        let manager = Writer::ShopManager(vec![own]);
        assert_eq!(manager.may_write(&product), Err(ProductRefusal::OutsideYourShops));
        product.assortment = Assortment::listed([own]).unwrap();
        assert_eq!(manager.may_write(&product), Ok(()));
        product.assortment = Assortment::listed([own, other]).unwrap();
        assert_eq!(manager.may_write(&product), Err(ProductRefusal::OutsideYourShops));
        assert_eq!(Writer::Company.may_write(&product), Ok(()));
    }

    #[test]
    fn staff_change_named_fields_only() {
        let own = ShopId::new(AT);
        let staff = Writer::ShopStaff(vec![own]);
        let mut product = product();
        let changes =
            vec![at("tags", Change::Tags(vec!["tea".into()])), at("status", Change::Status(Status::Active))];
        let findings = product.apply(&staff, changes, &around(&[own]), AT).findings;
        assert_eq!(findings, [Finding::new("status", ProductRefusal::FieldForbidden)]);
        assert_eq!(product.tags, ["tea"]);
    }

    #[test]
    fn an_assortment_lists_shops_of_the_company_only() {
        let (own, foreign) = (ShopId::new(AT), ShopId::new(AT));
        let mut product = product();
        let listed = |shop| at("assortment", Change::Assortment(Assortment::listed([shop])));
        let findings =
            product.apply(&Writer::Company, vec![listed(foreign), listed(own)], &around(&[own]), AT);
        assert_eq!(findings.findings, [Finding::new("assortment", ProductRefusal::ShopUnknown)]);
        assert!(product.assortment.offers_in(&own) && !product.assortment.offers_in(&foreign));
    }

    proptest! {
        #[test]
        fn a_product_that_passes_its_check_reads_back_from_its_document(
            names in prop::collection::vec("[a-zA-Z ]{0,12}", 0..6),
            skus in prop::collection::vec(prop::option::of("[A-Z0-9]{1,4}"), 1..6),
        ) {
            let mut product = product();
            let tags = at("tags", Change::Tags(names));
            let skus = skus.into_iter().map(|sku| at("variants", Change::VariantAdd {
                id: VariantId::new(AT),
                changes: vec![Located::new("sku", VariantChange::Sku(sku))],
            }));
            product.apply(&Writer::Company, skus.chain([tags]).collect(), &around(&[]), AT);
            let text = serde_json::to_string(&product).unwrap();
            prop_assert_eq!(serde_json::from_str::<Product>(&text).unwrap(), product);
        }
    }
}
