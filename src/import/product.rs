//! What every source of products is read into before it is sent to the catalogue.

use serde::Serialize;

/// A product as its source states it. The catalogue's own rules judge it once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    /// What the source calls it, unique per company: importing it again updates the same product.
    pub(crate) reference: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    /// HTML or plain text, as the source has it; empty when it has none.
    pub(crate) description: String,
    pub(crate) brand: Option<String>,
    /// Names from the root of the category tree down; empty when the source has none.
    pub(crate) category: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) status: Status,
    /// Names of the options, in order; every variant has a value for each.
    pub(crate) options: Vec<String>,
    /// At least one.
    pub(crate) variants: Vec<Variant>,
    pub(crate) images: Vec<Image>,
    pub(crate) seo_title: Option<String>,
    pub(crate) seo_description: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Active,
    Archived,
    Draft,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) sku: Option<String>,
    pub(crate) barcode: Option<String>,
    /// In the order of the product's options.
    pub(crate) option_values: Vec<String>,
    /// A decimal number in the currency of the import, such as `3.39`.
    pub(crate) price: String,
    pub(crate) compare_at_price: Option<String>,
    pub(crate) weight_grams: Option<u32>,
    pub(crate) ships: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) source: ImageSource,
    pub(crate) alt: Option<String>,
}

/// Where a picture comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ImageSource {
    /// To be fetched, over HTTP.
    Url(String),
    /// Made here.
    Made { name: String, content: Vec<u8> },
}

/// Why something of the source did not become a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Refusal {
    /// The first line of the source that it is about, counting from 1 (the header).
    pub(crate) line: u64,
    /// What the source calls the thing: a handle, a stock code.
    pub(crate) reference: String,
    /// How many lines of the source it is about.
    pub(crate) lines: u64,
    pub(crate) reason: String,
}

/// Lower-case letters, digits and single hyphens, as slugs are: `Tea & Sympathy` is `tea-sympathy`.
pub(crate) fn slug(text: &str) -> String {
    let spaced: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join("-")
}
