//! The page of a category or collection: address, texts, what search engines and integrators note.

use serde::{Deserialize, Serialize};
use souk_kit::metadata::Entries;

use super::html::RichText;
use super::metadata::{self, Metadata, MetadataRefusal};
use super::slug::{self, Slug, SlugRefusal};
use super::text::{self, TextRefusal};
use super::translation::{Seo, TranslationDraft, TranslationRefusal, Translations};

/// What stands on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its id in another system, unique in the company and kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_reference: Option<String>,
    /// The page's address, unique in the company and kind.
    pub slug: Slug,
    /// Addresses that redirect to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_slugs: Vec<Slug>,
    /// Name in the company's own language.
    pub name: String,
    /// Description in the company's own language.
    #[serde(default)]
    pub description: RichText,
    /// What search engines are told.
    #[serde(default)]
    pub seo: Seo,
    /// What integrators note on it.
    #[serde(default)]
    pub metadata: Metadata,
    /// Texts in other languages.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub translations: Translations,
}

/// Why a change of a page is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentRefusal {
    /// A text that is not good.
    #[error(transparent)]
    Text(#[from] TextRefusal),
    /// Not a slug.
    #[error(transparent)]
    Slug(#[from] SlugRefusal),
    /// Metadata that cannot be kept.
    #[error(transparent)]
    Metadata(#[from] MetadataRefusal),
    /// A translation that cannot be kept.
    #[error(transparent)]
    Translation(#[from] TranslationRefusal),
}

/// What a writer may set; none leaves the field as it is.
#[derive(Debug, Clone, Default)]
pub struct ContentChange {
    /// Name.
    pub name: Option<String>,
    /// The page's address; the former one redirects.
    pub slug: Option<String>,
    /// Its id in another system.
    pub external_reference: Option<Option<String>>,
    /// Description as HTML.
    pub description: Option<String>,
    /// What search engines are told.
    pub seo: Option<Seo>,
    /// Public metadata, in place of what was before.
    pub metadata: Option<Entries>,
    /// Private metadata, in place of what was before.
    pub private_metadata: Option<Entries>,
    /// Texts of these locales, in place of what stood there.
    pub translations: Vec<TranslationDraft>,
}

/// A refusal and the field of the input that it speaks of.
pub type FieldRefusal<R> = (&'static str, R);

impl Content {
    /// A page with a name and an address, and nothing else yet.
    pub fn new(name: &str, slug: Slug) -> Result<Self, FieldRefusal<ContentRefusal>> {
        let name = text::line(name, text::NAME).map_err(|e| ("name", e.into()))?;
        Ok(Self {
            external_reference: None,
            slug,
            former_slugs: Vec::new(),
            name,
            description: RichText::default(),
            seo: Seo::default(),
            metadata: Metadata::default(),
            translations: Translations::default(),
        })
    }

    /// Applies a change, all of it or nothing.
    pub fn apply(&mut self, change: ContentChange) -> Result<(), FieldRefusal<ContentRefusal>> {
        let mut next = self.clone();
        if let Some(name) = change.name {
            next.name = text::line(&name, text::NAME).map_err(|e| ("name", e.into()))?;
        }
        if let Some(slug) = change.slug {
            let slug = Slug::parse(&slug).map_err(|e| ("slug", e.into()))?;
            slug::replace(&mut next.slug, &mut next.former_slugs, slug);
        }
        if let Some(reference) = change.external_reference {
            next.external_reference = text::optional_line(reference.as_deref(), text::REFERENCE)
                .map_err(|e| ("externalReference", e.into()))?;
        }
        if let Some(html) = change.description {
            next.description = RichText::clean(&html).map_err(|e| ("content.descriptionHtml", e.into()))?;
        }
        if let Some(seo) = change.seo {
            next.seo = seo.checked().map_err(|e| ("content.seo", e.into()))?;
        }
        if let Some(entries) = change.metadata {
            next.metadata.public = metadata::checked(entries).map_err(|e| ("content.metadata", e.into()))?;
        }
        if let Some(entries) = change.private_metadata {
            next.metadata.private =
                metadata::checked(entries).map_err(|e| ("content.privateMetadata", e.into()))?;
        }
        for draft in change.translations {
            next.translations.set(draft).map_err(|e| ("content.translations", e.into()))?;
        }
        *self = next;
        Ok(())
    }

    /// Whether the page is found under this address, now or by redirect.
    pub fn answers_to(&self, slug: &str) -> bool {
        self.slug.as_str() == slug || self.former_slugs.iter().any(|former| former.as_str() == slug)
    }
}
