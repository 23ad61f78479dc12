//! What clients say of a variant, and the changes that it means.

use async_graphql::{InputObject, MaybeUndefined};
use souk_kit::clock::Timestamp;
use souk_kit::metadata::{self, MetadataEntryInput};

use super::attribute_value::AttributeValueInput;
use super::option::SelectedOptionInput;
use super::price::VariantPriceInput;
use crate::domain::change::Change;
use crate::domain::finding::Path;
use crate::domain::ids::{MediaId, VariantId};
use crate::domain::variant_change::{Located, VariantChange};

/// A variant. In an update, `id` says which one changes; without it, the one with the same external reference or
/// SKU changes, or else one is added. What is left out stays as it is; null does the same where nothing else is said
/// of it.
#[derive(Debug, Clone, InputObject)]
pub struct ProductVariantInput {
    /// Which variant changes.
    pub id: Option<VariantId>,
    /// Its id in another system, unique in the company. Null: it has none.
    pub external_reference: MaybeUndefined<String>,
    /// Stock keeping unit, unique in the company, at most 100 characters. Null: it has none.
    pub sku: MaybeUndefined<String>,
    /// What a scanner reads, at most 64 characters. Null: nothing.
    pub barcode: MaybeUndefined<String>,
    /// A name of its own. Null: the one made of its options.
    pub name: MaybeUndefined<String>,
    /// What it is in each of the product's options.
    pub options: Option<Vec<SelectedOptionInput>>,
    /// Typed attributes, in place of those before.
    pub attributes: Option<Vec<AttributeValueInput>>,
    /// Weight in grams. Null: the product's.
    pub weight_grams: MaybeUndefined<i64>,
    /// Which tax rules hold, at most 50 characters. Null: the company's standard rate.
    pub tax_class: MaybeUndefined<String>,
    /// Whether it is shipped; true for a new variant that says nothing of it.
    pub requires_shipping: Option<bool>,
    /// Base prices, in place of those before; prices of price lists stay.
    pub prices: Option<Vec<VariantPriceInput>>,
    /// Pictures of the product that show it.
    pub media: Option<Vec<MediaId>>,
    /// Public metadata, in place of what was before.
    pub metadata: Option<Vec<MetadataEntryInput>>,
    /// Private metadata, in place of what was before.
    pub private_metadata: Option<Vec<MetadataEntryInput>>,
}

impl ProductVariantInput {
    /// The change that it means, found at `path`.
    pub(super) fn change(self, path: &Path, at: Timestamp) -> Located<Change> {
        let id = self.id;
        let changes = self.changes(path);
        let change = match id {
            Some(id) => Change::Variant { id, changes },
            None => Change::VariantAdd { id: VariantId::new(at), changes },
        };
        Located::new(path.clone(), change)
    }

    fn changes(self, path: &Path) -> Vec<Located<VariantChange>> {
        let at = |field: &str, change: VariantChange| Located::new(path.then(field), change);
        let all = [
            set(self.external_reference)
                .map(|v| at("externalReference", VariantChange::ExternalReference(v))),
            set(self.sku).map(|v| at("sku", VariantChange::Sku(v))),
            set(self.barcode).map(|v| at("barcode", VariantChange::Barcode(v))),
            set(self.name).map(|v| at("name", VariantChange::Name(v))),
            self.options
                .map(|v| at("options", VariantChange::Options(v.into_iter().map(Into::into).collect()))),
            self.attributes.map(|v| {
                at("attributes", VariantChange::Attributes(v.into_iter().map(Into::into).collect()))
            }),
            set(self.weight_grams).map(|v| at("weightGrams", VariantChange::Weight(v))),
            set(self.tax_class).map(|v| at("taxClass", VariantChange::TaxClass(v))),
            self.requires_shipping.map(|v| at("requiresShipping", VariantChange::RequiresShipping(v))),
            self.prices.map(|v| {
                at("prices", VariantChange::BasePrices(v.iter().map(|price| price.for_list(None)).collect()))
            }),
            self.media.map(|v| at("media", VariantChange::Media(v))),
            self.metadata.map(|v| at("metadata", VariantChange::Metadata(metadata::given(v)))),
            self.private_metadata
                .map(|v| at("privateMetadata", VariantChange::PrivateMetadata(metadata::given(v)))),
        ];
        all.into_iter().flatten().collect()
    }
}

/// What is to be set: `None` when the field was left out, `Some(None)` when it is to be cleared.
#[expect(clippy::option_option, reason = "left out, cleared and set are three things")]
pub(super) fn set<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}
