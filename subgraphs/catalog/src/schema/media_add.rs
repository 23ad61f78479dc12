//! `mediaAdd`.

use async_graphql::{Context, InputObject, Object, Upload};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;

use super::media_write::{MediaPayload, pictured};
use crate::domain::finding::Finding;
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::media::{self, MediaChange};
use crate::domain::refusal::ProductRefusal;
use crate::error::CatalogError;
use crate::media::{MediaFiles, inspect};

/// A picture to add.
#[derive(Debug, InputObject)]
pub struct MediaAddInput {
    /// The product that it shows.
    pub product: ProductId,
    /// The file: JPEG, PNG or WebP by its content, of at most 20 MiB and 50 million pixels. Sent by the GraphQL
    /// multipart request specification.
    pub file: Upload,
    /// What it shows, for those who cannot see it; at most 500 characters.
    pub alt: Option<String>,
    /// The version of the product that the client saw; with another one nothing changes.
    pub expected_version: Option<i64>,
    /// The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// `mediaAdd`.
#[derive(Default)]
pub struct MediaAdd;

#[Object]
impl MediaAdd {
    /// Adds a picture at the end of a product's; the first one is the main one.
    async fn media_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The picture.")] input: MediaAddInput,
    ) -> Result<MediaPayload, Fault> {
        let Some(pictured) = pictured(ctx, input.product).await? else {
            return Ok(MediaPayload::refused(vec![CatalogError::not_found()]));
        };
        let files = ctx.store::<MediaFiles>()?;
        let upload = input.file.value(ctx).map_err(|_| Fault::bad_input("`file` takes an uploaded file"))?;
        let bytes = upload.content;
        let judged = bytes.clone();
        let original = match files.decoding(move || inspect(&judged)).await? {
            Ok(original) => original,
            Err(refusal) => {
                let finding = Finding::<ProductRefusal>::new("file", refusal);
                return Ok(MediaPayload::refused(vec![finding.into()]));
            }
        };
        let (id, company, size) = (MediaId::new(ctx.now()), pictured.company, bytes.len() as u64);
        let blob = files.keep(company, id, original.format, bytes).await?;
        let media = media::Media {
            id,
            alt: input.alt.unwrap_or_default(),
            blob,
            format: original.format,
            width: original.width,
            height: original.height,
            bytes: size,
        };
        let payload = pictured.change(ctx, "alt", MediaChange::Add(Box::new(media)), Some(id)).await?;
        if !payload.has_media() {
            // Refused, or the outcome of an earlier call with the same key: this file is nobody's.
            files.discard(company, id, original.format).await?;
        }
        Ok(payload)
    }
}
