//! Texts that products, categories and collections share: SEO, translations, and the reader's locale.

use async_graphql::{Context, InputObject, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;

use crate::domain::locale::Locale;
use crate::domain::translation::{self, TranslationDraft, Translations};

/// What search engines are told.
#[derive(Debug, Clone, SimpleObject)]
pub struct Seo {
    /// Title of the page.
    title: Option<String>,
    /// Description of the page.
    description: Option<String>,
}

/// What search engines are told.
#[derive(Debug, Clone, Default, InputObject)]
pub struct SeoInput {
    /// Title of the page, at most 255 characters. None means the name.
    pub title: Option<String>,
    /// Description of the page, at most 1,000 characters.
    pub description: Option<String>,
}

impl From<SeoInput> for translation::Seo {
    fn from(input: SeoInput) -> Self {
        Self { title: input.title, description: input.description }
    }
}

/// The texts of one locale, as they were entered: what is null here falls back for readers.
#[derive(Debug, Clone, SimpleObject)]
pub struct Translation {
    /// Language tag such as `de` or `de-CH`.
    locale: String,
    /// Name.
    name: Option<String>,
    /// Description as HTML.
    description_html: Option<String>,
    /// Feature lines of a product, at most 50.
    features: Option<Vec<String>>,
    /// What search engines are told.
    seo: Seo,
}

/// The texts of one locale. They take the place of what stood there; without any text the locale goes.
#[derive(Debug, Clone, InputObject)]
pub struct TranslationInput {
    /// Language tag such as `de` or `de-CH`.
    pub locale: String,
    /// Name.
    pub name: Option<String>,
    /// Description as HTML.
    pub description_html: Option<String>,
    /// Feature lines; only products have them.
    pub features: Option<Vec<String>>,
    /// What search engines are told.
    pub seo: Option<SeoInput>,
}

impl From<TranslationInput> for TranslationDraft {
    fn from(input: TranslationInput) -> Self {
        Self {
            locale: input.locale,
            name: input.name,
            description: input.description_html,
            features: input.features,
            seo: input.seo.unwrap_or_default().into(),
        }
    }
}

/// Translations as they were entered.
pub(super) fn shown(translations: &Translations) -> Vec<Translation> {
    let show = |(locale, texts): (&Locale, &translation::Translation)| Translation {
        locale: locale.to_string(),
        name: texts.name.clone(),
        description_html: texts.description.as_ref().map(|rich| rich.html.clone()),
        features: texts.features.clone(),
        seo: Seo { title: texts.seo.title.clone(), description: texts.seo.description.clone() },
    };
    translations.iter().map(show).collect()
}

/// SEO texts in the reader's locale, each falling back on its own.
pub(super) fn seo(own: &translation::Seo, translations: &Translations, locale: Option<&Locale>) -> Seo {
    let title = translations.pick(locale, |t| t.seo.title.clone());
    let description = translations.pick(locale, |t| t.seo.description.clone());
    Seo {
        title: title.or_else(|| own.title.clone()),
        description: description.or_else(|| own.description.clone()),
    }
}

/// The locale that a reader wants: the argument, or the client's first language.
pub(super) fn reader_locale(ctx: &Context<'_>, argument: Option<&str>) -> Result<Option<Locale>, Fault> {
    match argument {
        Some(tag) => Locale::parse(tag).map(Some).map_err(|e| Fault::bad_input(format!("`locale` {e}"))),
        None => Ok(ctx.languages().iter().find_map(|tag| Locale::parse(tag).ok())),
    }
}
