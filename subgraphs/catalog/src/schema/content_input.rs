//! What clients say of the page of a category or collection.

use async_graphql::{InputObject, MaybeUndefined};
use souk_kit::metadata::{self, MetadataEntryInput};

use super::texts::{SeoInput, TranslationInput};
use super::variant_input::set;
use crate::domain::content::ContentChange;

/// What stands on the page of a category or collection. What is left out or null stays as it is.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PageContentInput {
    /// Description as HTML; what could run or restyle is taken out.
    pub description_html: Option<String>,
    /// What search engines are told.
    pub seo: Option<SeoInput>,
    /// Public metadata, in place of what was before.
    pub metadata: Option<Vec<MetadataEntryInput>>,
    /// Private metadata, in place of what was before.
    pub private_metadata: Option<Vec<MetadataEntryInput>>,
    /// Texts of these locales, in place of what stood there.
    pub translations: Option<Vec<TranslationInput>>,
}

impl PageContentInput {
    /// The change that it means, together with what each input has of its own.
    pub(super) fn change(
        content: Option<Self>,
        name: Option<String>,
        slug: Option<String>,
        external_reference: MaybeUndefined<String>,
    ) -> ContentChange {
        let content = content.unwrap_or_default();
        ContentChange {
            name,
            slug,
            external_reference: set(external_reference),
            description: content.description_html,
            seo: content.seo.map(Into::into),
            metadata: content.metadata.map(metadata::given),
            private_metadata: content.private_metadata.map(metadata::given),
            translations: content.translations.unwrap_or_default().into_iter().map(Into::into).collect(),
        }
    }
}
