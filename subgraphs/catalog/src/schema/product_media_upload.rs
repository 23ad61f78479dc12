//! `productMediaUpload`.

use std::io::Read;

use async_graphql::{Context, InputObject, Object, SimpleObject, Upload};
use bytes::Bytes;
use souk_kit::context::ContextExt;
use souk_kit::fault::{Code, Fault};
use souk_kit::permission::{Action, Resource};
use souk_kit::subgraph::UploadReader;

use super::loading::Loading;
use super::media::Media;
use super::product::Product;
use super::product_media_change::{located, no_product};
use super::product_payload::fresh;
use crate::domain::bulk::Policy;
use crate::domain::change::Change;
use crate::domain::finding::Finding;
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::media::{self, MAX_BYTES, MediaChange, MediaRefusal};
use crate::domain::variant_change::Located;
use crate::error::CatalogError;
use crate::media::{MediaFiles, inspect};
use crate::store::product_writes::WriteAnswer;

/// A picture to add to a product.
#[derive(InputObject)]
pub struct ProductMediaUploadInput {
    /// The product.
    pub product: ProductId,
    /// The file: JPEG, PNG or WebP by its content, at most 20 MiB and 50 megapixels.
    pub file: Upload,
    /// What the system that it comes from calls it, unique within the product: at most 255 characters.
    pub external_reference: Option<String>,
    /// What it shows, for those who cannot see it; at most 500 characters.
    #[graphql(default)]
    pub alt: String,
    /// The version of the product that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input and file answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// The picture and its product, or why nothing changed.
#[derive(SimpleObject)]
pub struct ProductMediaUploadPayload {
    /// The picture; null when the call was refused.
    media: Option<Media>,
    /// The product as it is now; null when the call was refused.
    product: Option<Product>,
    /// Why the call was refused; empty when it took effect.
    user_errors: Vec<CatalogError>,
}

/// `productMediaUpload`.
#[derive(Default)]
pub struct ProductMediaUpload;

#[Object]
impl ProductMediaUpload {
    /// Adds a picture at the end of a product's pictures. The file comes by the GraphQL multipart request
    /// specification; its type and size are judged by its content. For company and super administrators, and for
    /// managers and staff of a shop when the product is offered in none but their shops.
    /// Refused with `NOT_FOUND`, `MEDIA_INVALID`, `TOO_MANY`, `TOO_LONG`, `VERSION_CONFLICT` or `FORBIDDEN`.
    async fn product_media_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The picture.")] input: ProductMediaUploadInput,
    ) -> Result<Option<ProductMediaUploadPayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::Product)?;
        let (catalog, now) = (ctx.catalog()?, ctx.now());
        let Some(company) = catalog.company_of_product(&scope, input.product).await? else {
            return Ok(Some(refused(vec![no_product()])));
        };
        let Some(around) = catalog.surroundings(company, &[], now).await? else {
            return Ok(Some(refused(vec![no_product()])));
        };
        let bytes = match read(ctx, &input.file).await? {
            Ok(bytes) => bytes,
            Err(refusal) => return Ok(Some(refused(vec![Finding::new("file", refusal_of(refusal)).into()]))),
        };
        let files = ctx.store::<MediaFiles>()?;
        let looked_at = bytes.clone();
        let original = match files.decoding(move || inspect(&looked_at)).await? {
            Ok(original) => original,
            Err(refusal) => return Ok(Some(refused(vec![Finding::new("file", refusal_of(refusal)).into()]))),
        };
        let id = MediaId::new(now);
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let call = ctx.call()?.within(company).with_file(&bytes);
        let blob = files.keep(company, id, original.format, bytes).await?;
        let own = media::Media {
            id,
            external_reference: None,
            alt: input.alt,
            blob: blob.clone(),
            format: original.format,
            width: original.width,
            height: original.height,
            bytes: size,
        };
        let mut changes = vec![Located::new("alt", Change::Media(MediaChange::Add(Box::new(own))))];
        if let Some(reference) = input.external_reference {
            let change = Change::Media(MediaChange::Reference(id, reference));
            changes.push(Located::new("externalReference", change));
        }
        let writer = ctx.writer(&scope);
        let answer = catalog
            .update_product(&scope, &call, input.product, &writer, &around, &changes, Policy::RejectAll)
            .await;
        if is_unused(&answer, id) {
            files.discard(&blob).await;
        }
        match answer? {
            Err(user_errors) => Ok(Some(refused(located(user_errors)))),
            Ok(written) => {
                let product = fresh(ctx, written.id).await?;
                let media = product.as_ref().and_then(|product| product.picture(written.added?));
                Ok(Some(ProductMediaUploadPayload { media, product, user_errors: Vec::new() }))
            }
        }
    }
}

/// Whether it is certain that the picture came to nothing: it was refused, or is an earlier one sent again. After
/// any other fault it may have been added all the same.
fn is_unused(answer: &Result<WriteAnswer, Fault>, id: MediaId) -> bool {
    match answer {
        Ok(Ok(written)) => written.added != Some(id),
        Ok(Err(_)) => true,
        Err(fault) => matches!(fault.code(), Code::IdempotencyKeyReused | Code::IdempotencyInProgress),
    }
}

fn refused(user_errors: Vec<CatalogError>) -> ProductMediaUploadPayload {
    ProductMediaUploadPayload { media: None, product: None, user_errors }
}

fn refusal_of(refusal: MediaRefusal) -> crate::domain::refusal::ProductRefusal {
    refusal.into()
}

/// The whole file, or a refusal as soon as it has more bytes than are taken.
async fn read(ctx: &Context<'_>, file: &Upload) -> Result<Result<Bytes, MediaRefusal>, Fault> {
    let reader = UploadReader::open(ctx, file).map_err(Fault::internal)?;
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        reader.take(most.saturating_add(1)).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = reading.await.map_err(Fault::internal)?.map_err(Fault::internal)?;
    Ok(if bytes.len() > MAX_BYTES { Err(MediaRefusal::TooManyBytes) } else { Ok(bytes.into()) })
}
