//! What a writer may change on a variant, one field at a time.

use souk_kit::metadata::Entries;

use super::attribute::AttributeValue;
use super::finding::{self, Finding, Path};
use super::ids::MediaId;
use super::measures;
use super::metadata;
use super::option::SelectedOption;
use super::price::{Price, PriceKey, Prices};
use super::refusal::ProductRefusal;
use super::surroundings::Surroundings;
use super::text;
use super::variant::{BARCODE, SKU, TAX_CLASS, Variant};

/// Most pictures that one variant points at.
pub const MAX_MEDIA: usize = 50;

/// One change of one field.
#[derive(Debug, Clone)]
pub enum VariantChange {
    /// Its id in another system.
    ExternalReference(Option<String>),
    /// Stock keeping unit.
    Sku(Option<String>),
    /// What a scanner reads.
    Barcode(Option<String>),
    /// A name of its own.
    Name(Option<String>),
    /// What it is in each option.
    Options(Vec<SelectedOption>),
    /// Typed attributes, in place of those before.
    Attributes(Vec<AttributeValue>),
    /// Weight in grams.
    Weight(Option<i64>),
    /// Which tax rules hold.
    TaxClass(Option<String>),
    /// Whether it is shipped.
    RequiresShipping(bool),
    /// Base prices, in place of those before; prices of lists stay.
    BasePrices(Vec<Price>),
    /// One price, in place of one for the same case.
    PriceSet(Price),
    /// One price, taken away.
    PriceRemove(PriceKey),
    /// Pictures that show it.
    Media(Vec<MediaId>),
    /// Public metadata.
    Metadata(Entries),
    /// Private metadata.
    PrivateMetadata(Entries),
}

/// A change and the place in the input where it was asked for.
#[derive(Debug, Clone)]
pub struct Located<C> {
    /// Where.
    pub path: Path,
    /// What.
    pub change: C,
}

impl<C> Located<C> {
    /// A change asked for at `path`.
    pub fn new(path: impl Into<Path>, change: C) -> Self {
        Self { path: path.into(), change }
    }
}

impl Variant {
    /// Applies each change by itself; what is refused is reported and left as it was.
    pub fn apply(
        &mut self,
        changes: Vec<Located<VariantChange>>,
        around: &Surroundings,
    ) -> Vec<Finding<ProductRefusal>> {
        let refused = changes.into_iter().filter_map(|Located { path, change }| {
            let inner = place_in(&change, around);
            let refusal = self.apply_one(change, around).err()?;
            Some(Finding { path: inner.below(&path), refusal })
        });
        refused.collect()
    }

    fn apply_one(&mut self, change: VariantChange, around: &Surroundings) -> Result<(), ProductRefusal> {
        match change {
            VariantChange::ExternalReference(reference) => {
                self.external_reference = text::optional_line(reference.as_deref(), text::REFERENCE)?;
            }
            VariantChange::Sku(sku) => self.sku = text::optional_line(sku.as_deref(), SKU)?,
            VariantChange::Barcode(code) => self.barcode = text::optional_line(code.as_deref(), BARCODE)?,
            VariantChange::Name(name) => self.name = text::optional_line(name.as_deref(), text::NAME)?,
            VariantChange::Options(options) => self.options = options,
            VariantChange::Attributes(values) => self.attributes = around.attributes.checked(&values)?,
            VariantChange::Weight(grams) => self.weight_grams = grams.map(measures::weight).transpose()?,
            VariantChange::TaxClass(class) => {
                self.tax_class = text::optional_line(class.as_deref(), TAX_CLASS)?;
            }
            VariantChange::RequiresShipping(ships) => self.requires_shipping = ships,
            VariantChange::BasePrices(prices) => {
                let base = prices.into_iter().map(|price| Price { list: None, ..price });
                self.prices.replace_base(base)?;
            }
            VariantChange::PriceSet(price) => {
                if price.list.is_some_and(|list| !around.has_price_list(&list)) {
                    return Err(ProductRefusal::PriceListUnknown);
                }
                self.prices.set(price)?;
            }
            VariantChange::PriceRemove(key) => {
                self.prices.remove(key);
            }
            VariantChange::Media(media) => {
                if media.len() > MAX_MEDIA {
                    return Err(ProductRefusal::TooMany { max: MAX_MEDIA });
                }
                self.media = media;
            }
            VariantChange::Metadata(entries) => self.metadata.public = metadata::checked(entries)?,
            VariantChange::PrivateMetadata(entries) => self.metadata.private = metadata::checked(entries)?,
        }
        Ok(())
    }
}

/// Where in a change the first entry or field stands that it cannot be taken with; nowhere when it can.
fn place_in(change: &VariantChange, around: &Surroundings) -> Path {
    match change {
        VariantChange::BasePrices(prices) => {
            let is_good = |prices: &[Price]| Prices::new(prices.iter().copied()).is_ok();
            let Some(place) = finding::culprit(prices, is_good) else { return Path::root() };
            let field = prices.get(place).and_then(Price::wrong_field);
            let at = Path::root().then(place);
            field.map_or_else(|| at.clone(), |field| at.then(field))
        }
        VariantChange::PriceSet(price) => price.wrong_field().map(Path::from).unwrap_or_default(),
        VariantChange::Attributes(values) => {
            let place = finding::culprit(values, |values| around.attributes.checked(values).is_ok());
            place.map(|place| Path::root().then(place)).unwrap_or_default()
        }
        VariantChange::ExternalReference(_)
        | VariantChange::Sku(_)
        | VariantChange::Barcode(_)
        | VariantChange::Name(_)
        | VariantChange::Options(_)
        | VariantChange::Weight(_)
        | VariantChange::TaxClass(_)
        | VariantChange::RequiresShipping(_)
        | VariantChange::PriceRemove(_)
        | VariantChange::Media(_)
        | VariantChange::Metadata(_)
        | VariantChange::PrivateMetadata(_) => Path::root(),
    }
}
