//! The codes of refusals, one enum per aggregate, and how the domain's reasons become them.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};
use souk_kit::user_error::{ErrorCode, UserError};

use crate::domain::attribute::AttributeRefusal;
use crate::domain::category::CategoryRefusal;
use crate::domain::collection::CollectionRefusal;
use crate::domain::content::ContentRefusal;
use crate::domain::finding::Finding;
use crate::domain::media::MediaRefusal;
use crate::domain::option::OptionRefusal;
use crate::domain::price_list::PriceListRefusal;
use crate::domain::refusal::ProductRefusal;
use crate::domain::text::TextRefusal;
use crate::domain::translation::TranslationRefusal;

/// Why something in the catalogue was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CatalogErrorCode {
    /// There is no such record, or you cannot see it.
    NotFound,
    /// The record has changed since you read it: `currentVersion` says what it is now.
    VersionConflict,
    /// You may write the record, but not this field of it, or not so.
    Forbidden,
    /// A text is needed and was empty.
    Required,
    /// A text is too long, or all of a record together.
    TooLong,
    /// A list has too many entries, or the company too many records.
    TooMany,
    /// A value that cannot be.
    Invalid,
    /// Not a slug: lower-case letters and digits, joined by single hyphens.
    SlugInvalid,
    /// Another record of the company has the slug, or redirects from it.
    SlugTaken,
    /// Another variant of the company has the SKU.
    SkuTaken,
    /// Another record of the company has the external reference.
    ExternalReferenceTaken,
    /// A price that cannot be.
    PriceInvalid,
    /// A window that ends before it begins.
    WindowInvalid,
    /// A translation with no language tag.
    LocaleInvalid,
    /// The company has no such shop.
    ShopUnknown,
    /// The company has no such category.
    CategoryUnknown,
    /// The company has no such product.
    ProductUnknown,
    /// The company has no such price list.
    PriceListUnknown,
    /// The company has not defined the attribute.
    AttributeUnknown,
    /// The values do not fit the attribute's type.
    AttributeInvalid,
    /// Another attribute of the company has the code.
    CodeTaken,
    /// A selection that does not fit the product's options.
    OptionInvalid,
    /// Another variant is the same in every option.
    OptionCombinationTaken,
    /// The product has no such variant.
    VariantUnknown,
    /// A product has at least one variant.
    LastVariant,
    /// The product has no such picture.
    MediaUnknown,
    /// Not a picture that is taken: JPEG, PNG or WebP, by content, within the limits of size.
    MediaInvalid,
    /// The category would stand below itself.
    CategoryCycle,
    /// There are categories below it.
    CategoryHasChildren,
    /// Products or rules of collections name the category.
    CategoryInUse,
    /// Products carry values of the attribute.
    AttributeInUse,
    /// The collection gathers its products by rule.
    CollectionByRule,
    /// There is no such company, or you cannot see it.
    CompanyUnknown,
}

impl ErrorCode for CatalogErrorCode {
    const TYPE_NAME: &'static str = "CatalogUserError";
    const NOT_FOUND: Self = Self::NotFound;
    const VERSION_CONFLICT: Self = Self::VersionConflict;
}

/// A refusal of the catalogue.
pub type CatalogError = UserError<CatalogErrorCode>;

impl From<Finding<ProductRefusal>> for CatalogError {
    fn from(finding: Finding<ProductRefusal>) -> Self {
        let path = finding.path.into_steps();
        if let ProductRefusal::VersionConflict { current } = finding.refusal {
            return Self::version_conflict(current);
        }
        let steps = std::iter::once("input".to_owned()).chain(path);
        Self::new(product_code(&finding.refusal), finding.refusal.to_string()).at(steps)
    }
}

/// A refusal of one field of the input; dots lead into what it holds.
pub(crate) fn at_field(field: &str, code: CatalogErrorCode, refusal: &impl ToString) -> CatalogError {
    CatalogError::new(code, refusal.to_string()).at(std::iter::once("input").chain(field.split('.')))
}

#[expect(clippy::match_same_arms, reason = "one line for each reason")]
fn product_code(refusal: &ProductRefusal) -> CatalogErrorCode {
    use CatalogErrorCode as Code;
    match refusal {
        ProductRefusal::Text(text) => text_code(*text),
        ProductRefusal::Slug(_) => Code::SlugInvalid,
        ProductRefusal::SlugTaken => Code::SlugTaken,
        ProductRefusal::SkuTaken => Code::SkuTaken,
        ProductRefusal::ExternalReferenceTaken => Code::ExternalReferenceTaken,
        ProductRefusal::Measure(_) | ProductRefusal::Metadata(_) | ProductRefusal::Assortment(_) => {
            Code::Invalid
        }
        ProductRefusal::Window(_) => Code::WindowInvalid,
        ProductRefusal::Translation(translation) => translation_code(*translation),
        ProductRefusal::Attribute(attribute) => attribute_code(attribute),
        ProductRefusal::Option(OptionRefusal::Text(text)) => text_code(*text),
        ProductRefusal::Option(_) => Code::OptionInvalid,
        ProductRefusal::Price(_) => Code::PriceInvalid,
        ProductRefusal::Media(MediaRefusal::TooMany) => Code::TooMany,
        ProductRefusal::Media(MediaRefusal::Text(text)) => text_code(*text),
        ProductRefusal::Media(_) => Code::MediaInvalid,
        ProductRefusal::ShopUnknown => Code::ShopUnknown,
        ProductRefusal::CategoryUnknown => Code::CategoryUnknown,
        ProductRefusal::PriceListUnknown => Code::PriceListUnknown,
        ProductRefusal::VariantUnknown => Code::VariantUnknown,
        ProductRefusal::MediaUnknown => Code::MediaUnknown,
        ProductRefusal::LastVariant => Code::LastVariant,
        ProductRefusal::CombinationTwice => Code::OptionCombinationTaken,
        ProductRefusal::TooLarge { .. } => Code::TooLong,
        ProductRefusal::TooManyVariants | ProductRefusal::TooMany { .. } => Code::TooMany,
        ProductRefusal::FieldForbidden | ProductRefusal::OutsideYourShops => Code::Forbidden,
        ProductRefusal::VersionConflict { .. } => Code::VersionConflict,
        ProductRefusal::NotFound => Code::NotFound,
        ProductRefusal::CompanyUnknown => Code::CompanyUnknown,
    }
}

fn text_code(refusal: TextRefusal) -> CatalogErrorCode {
    match refusal {
        TextRefusal::Empty => CatalogErrorCode::Required,
        TextRefusal::TooLong { .. } => CatalogErrorCode::TooLong,
        TextRefusal::ControlCharacter => CatalogErrorCode::Invalid,
    }
}

fn translation_code(refusal: TranslationRefusal) -> CatalogErrorCode {
    match refusal {
        TranslationRefusal::Locale => CatalogErrorCode::LocaleInvalid,
        TranslationRefusal::TooMany => CatalogErrorCode::TooMany,
        TranslationRefusal::Text(text) => text_code(text),
    }
}

fn content_code(refusal: ContentRefusal) -> CatalogErrorCode {
    match refusal {
        ContentRefusal::Text(text) => text_code(text),
        ContentRefusal::Slug(_) => CatalogErrorCode::SlugInvalid,
        ContentRefusal::Metadata(_) => CatalogErrorCode::Invalid,
        ContentRefusal::Translation(translation) => translation_code(translation),
    }
}

/// The code of a refusal about attributes.
pub(crate) fn attribute_code(refusal: &AttributeRefusal) -> CatalogErrorCode {
    use CatalogErrorCode as Code;
    match refusal {
        AttributeRefusal::Unknown(_) => Code::AttributeUnknown,
        AttributeRefusal::Mismatch { .. } | AttributeRefusal::Twice(_) => Code::AttributeInvalid,
        AttributeRefusal::TooMany | AttributeRefusal::TooManyDefinitions => Code::TooMany,
        AttributeRefusal::Code | AttributeRefusal::Choices => Code::Invalid,
        AttributeRefusal::CodeTaken => Code::CodeTaken,
        AttributeRefusal::InUse => Code::AttributeInUse,
        AttributeRefusal::NotFound => Code::NotFound,
        AttributeRefusal::Text(text) => text_code(*text),
        AttributeRefusal::VersionConflict { .. } => Code::VersionConflict,
    }
}

/// The code of a refusal about categories.
pub(crate) fn category_code(refusal: &CategoryRefusal) -> CatalogErrorCode {
    use CatalogErrorCode as Code;
    match refusal {
        CategoryRefusal::Content(content) => content_code(*content),
        CategoryRefusal::SlugTaken => Code::SlugTaken,
        CategoryRefusal::ExternalReferenceTaken => Code::ExternalReferenceTaken,
        CategoryRefusal::NotFound => Code::NotFound,
        CategoryRefusal::ParentUnknown | CategoryRefusal::SiblingUnknown => Code::CategoryUnknown,
        CategoryRefusal::Cycle => Code::CategoryCycle,
        CategoryRefusal::HasChildren => Code::CategoryHasChildren,
        CategoryRefusal::InUse => Code::CategoryInUse,
        CategoryRefusal::TooMany => Code::TooMany,
        CategoryRefusal::VersionConflict { .. } => Code::VersionConflict,
        CategoryRefusal::CompanyUnknown => Code::CompanyUnknown,
    }
}

/// The code of a refusal about collections.
pub(crate) fn collection_code(refusal: &CollectionRefusal) -> CatalogErrorCode {
    use CatalogErrorCode as Code;
    match refusal {
        CollectionRefusal::Content(content) => content_code(*content),
        CollectionRefusal::SlugTaken => Code::SlugTaken,
        CollectionRefusal::ExternalReferenceTaken => Code::ExternalReferenceTaken,
        CollectionRefusal::NotFound => Code::NotFound,
        CollectionRefusal::ProductUnknown => Code::ProductUnknown,
        CollectionRefusal::ByRule => Code::CollectionByRule,
        CollectionRefusal::Rules => Code::Invalid,
        CollectionRefusal::TooManyProducts | CollectionRefusal::TooMany => Code::TooMany,
        CollectionRefusal::VersionConflict { .. } => Code::VersionConflict,
        CollectionRefusal::CompanyUnknown => Code::CompanyUnknown,
    }
}

/// The code of a refusal about price lists.
pub(crate) fn price_list_code(refusal: &PriceListRefusal) -> CatalogErrorCode {
    use CatalogErrorCode as Code;
    match refusal {
        PriceListRefusal::Text(text) => text_code(*text),
        PriceListRefusal::Window(_) => Code::WindowInvalid,
        PriceListRefusal::ShopUnknown => Code::ShopUnknown,
        PriceListRefusal::TooMany => Code::TooMany,
        PriceListRefusal::ExternalReferenceTaken => Code::ExternalReferenceTaken,
        PriceListRefusal::VersionConflict { .. } => Code::VersionConflict,
        PriceListRefusal::NotFound => Code::NotFound,
    }
}
