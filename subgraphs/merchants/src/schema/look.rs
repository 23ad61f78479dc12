//! How a company's storefront looks.

use async_graphql::{InputObject, SimpleObject};

use crate::domain::company;

/// How a company's storefront should look.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Branding {
    /// The main colour: `#rrggbb`.
    primary_color: Option<String>,
    /// The colour beside it: `#rrggbb`.
    secondary_color: Option<String>,
    /// Web address of a wide picture.
    cover_image: Option<String>,
    /// A short line that goes with the name.
    tagline: Option<String>,
}

impl From<&company::Branding> for Branding {
    fn from(branding: &company::Branding) -> Self {
        Self {
            primary_color: branding.primary_color.clone(),
            secondary_color: branding.secondary_color.clone(),
            cover_image: branding.cover_image.clone(),
            tagline: branding.tagline.clone(),
        }
    }
}

/// How a company's storefront should look. It replaces the whole of what was given earlier.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct BrandingInput {
    /// The main colour: `#rrggbb`.
    primary_color: Option<String>,
    /// The colour beside it: `#rrggbb`.
    secondary_color: Option<String>,
    /// Web address of a wide picture, with `http` or `https`.
    cover_image: Option<String>,
    /// A short line that goes with the name; at most 255 characters.
    tagline: Option<String>,
}

impl From<BrandingInput> for company::Branding {
    fn from(input: BrandingInput) -> Self {
        Self {
            primary_color: input.primary_color,
            secondary_color: input.secondary_color,
            cover_image: input.cover_image,
            tagline: input.tagline,
        }
    }
}
