//! Pictures in the schema.

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;

use crate::domain::ids::MediaId;
use crate::domain::media::{self, Extent};

/// Where pictures are served: the beginning of their addresses.
#[derive(Debug, Clone)]
pub struct MediaBase(String);

impl MediaBase {
    /// Below the address that clients reach the API by, such as `https://api.shop.example`; an empty one makes
    /// addresses of pictures relative to it.
    #[must_use]
    pub fn below(public_url: &str) -> Self {
        Self(format!("{}/media", public_url.trim_end_matches('/')))
    }
}

/// Formats of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "media::Format")]
pub enum MediaFormat {
    /// image/jpeg
    Jpeg,
    /// image/png
    Png,
    /// image/webp
    Webp,
}

/// A picture of a product.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Media {
    /// Its id.
    id: MediaId,
    /// What the system that it came from calls it; unique within its product.
    external_reference: Option<String>,
    /// What it shows, for those who cannot see it.
    alt: String,
    /// Width of the original in pixels.
    width: u32,
    /// Height of the original in pixels.
    height: u32,
    /// Format of the original.
    format: MediaFormat,
    /// Size of the original in bytes.
    bytes: u64,
    #[graphql(skip)]
    company: CompanyId,
}

#[ComplexObject]
impl Media {
    /// Where the picture is served, to be cached for ever: a URL, or a path at the API's own origin where the
    /// platform was not told its public address. With `width` (rounded up to one that renditions are
    /// made in; the picture is never wider than the original) or `format` it is a rendition.
    async fn url(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wished width in pixels.")] width: Option<u32>,
        #[graphql(desc = "Wished format.")] format: Option<MediaFormat>,
    ) -> Result<String, Fault> {
        let base = ctx.data_opt::<MediaBase>().map_or("/media", |base| base.0.as_str());
        let own: media::Format = self.format.into();
        let wanted = format.map_or(own, media::Format::from);
        let name = match width {
            None if wanted == own => "original".to_owned(),
            None => Extent::Full.name(),
            Some(width) => Extent::wished(width, self.width).name(),
        };
        Ok(format!("{base}/{}/{}/{name}.{}", self.company, self.id, wanted.extension()))
    }
}

impl Media {
    pub(super) fn of(company: CompanyId, own: &media::Media) -> Self {
        Self {
            id: own.id,
            external_reference: own.external_reference.clone(),
            alt: own.alt.clone(),
            width: own.width,
            height: own.height,
            format: own.format.into(),
            bytes: own.bytes,
            company,
        }
    }
}
