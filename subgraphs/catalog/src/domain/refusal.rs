//! Why a change of a product is refused: one reason per code that clients read.

use super::assortment::AssortmentRefusal;
use super::attribute::AttributeRefusal;
use super::measures::MeasureRefusal;
use super::media::MediaRefusal;
use super::metadata::MetadataRefusal;
use super::option::OptionRefusal;
use super::price::PriceRefusal;
use super::product::MAX_BYTES;
use super::publication::WindowRefusal;
use super::slug::SlugRefusal;
use super::text::TextRefusal;
use super::translation::TranslationRefusal;
use super::variant::MAX_VARIANTS;

/// Why a change of a product or of one of its variants is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProductRefusal {
    /// A text that is not good.
    #[error(transparent)]
    Text(#[from] TextRefusal),
    /// Not a slug.
    #[error(transparent)]
    Slug(#[from] SlugRefusal),
    /// More than one record may be.
    #[error("the product with its texts, variants and prices has {bytes} bytes: {MAX_BYTES} at most")]
    TooLarge {
        /// In the form that it is kept in.
        bytes: usize,
    },
    /// Another product of the company has the slug, or had it and redirects from it.
    #[error("another product of the company has this slug")]
    SlugTaken,
    /// Another variant of the company has the SKU.
    #[error("another variant of the company has this SKU")]
    SkuTaken,
    /// Another product or variant of the company has the external reference.
    #[error("another one of the company has this external reference")]
    ExternalReferenceTaken,
    /// Weight, dimensions or specifications that cannot be.
    #[error(transparent)]
    Measure(#[from] MeasureRefusal),
    /// Metadata that cannot be kept.
    #[error(transparent)]
    Metadata(#[from] MetadataRefusal),
    /// A publish window that ends before it begins.
    #[error(transparent)]
    Window(#[from] WindowRefusal),
    /// A translation that cannot be kept.
    #[error(transparent)]
    Translation(#[from] TranslationRefusal),
    /// An attribute value that does not fit.
    #[error(transparent)]
    Attribute(#[from] AttributeRefusal),
    /// Options or a selection of them that do not fit.
    #[error(transparent)]
    Option(#[from] OptionRefusal),
    /// A price that cannot be.
    #[error(transparent)]
    Price(#[from] PriceRefusal),
    /// An assortment that cannot be.
    #[error(transparent)]
    Assortment(#[from] AssortmentRefusal),
    /// A picture that cannot be taken.
    #[error(transparent)]
    Media(#[from] MediaRefusal),
    /// The company has no such shop.
    #[error("the company has no such shop")]
    ShopUnknown,
    /// The company has no such category.
    #[error("the company has no such category")]
    CategoryUnknown,
    /// The company has no such price list.
    #[error("the company has no such price list")]
    PriceListUnknown,
    /// The product has no such variant.
    #[error("the product has no such variant")]
    VariantUnknown,
    /// The product has no such picture.
    #[error("the product has no such picture")]
    MediaUnknown,
    /// The last variant cannot go.
    #[error("a product has at least one variant")]
    LastVariant,
    /// More variants than a product holds.
    #[error("a product has at most {MAX_VARIANTS} variants")]
    TooManyVariants,
    /// Two variants are the same in every option.
    #[error("another variant of the product has the same options")]
    CombinationTwice,
    /// More entries than the field holds.
    #[error("must have at most {max} entries")]
    TooMany {
        /// The most that it holds.
        max: usize,
    },
    /// The writer may not change this field.
    #[error("you may not change this field")]
    FieldForbidden,
    /// The writer would put the product where it may not write.
    #[error("the listed shops must lie within yours")]
    OutsideYourShops,
    /// Another writer was first.
    #[error("has changed since: its version is {current}")]
    VersionConflict {
        /// The version it has now.
        current: i64,
    },
    /// There is no such product, or the caller cannot see it.
    #[error("there is no such product")]
    NotFound,
    /// There is no such company, or the caller cannot see it.
    #[error("there is no such company")]
    CompanyUnknown,
}
