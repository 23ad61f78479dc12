//! What the mutations of a product's pictures share: one change of the product, and what they answer.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::documents::Document;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::{Action, Resource, Visibility};

use super::loading::Loading;
use super::media::Media;
use super::product::Product;
use super::product_payload::fresh;
use crate::domain::bulk::Policy;
use crate::domain::change::Change;
use crate::domain::finding::Path;
use crate::domain::ids::{MediaId, ProductId};
use crate::domain::media::MediaChange;
use crate::domain::product;
use crate::domain::variant_change::Located;
use crate::error::CatalogError;

/// The product with its pictures afterwards, or why nothing changed.
#[derive(SimpleObject)]
pub struct MediaPayload {
    /// The picture that was added or changed; null when the call was refused or named several.
    media: Option<Media>,
    /// The product as it is now; null when the call was refused.
    product: Option<Product>,
    /// Why the call was refused; empty when it took effect.
    user_errors: Vec<CatalogError>,
}

impl MediaPayload {
    pub(super) fn refused(user_errors: Vec<CatalogError>) -> Self {
        Self { media: None, product: None, user_errors }
    }

    /// Whether the picture that the call was about is the product's now.
    pub(super) fn has_media(&self) -> bool {
        self.media.is_some()
    }

    fn of(document: Option<Arc<Document<product::Product>>>, id: Option<MediaId>) -> Self {
        let media = document.as_ref().and_then(|product| {
            let own = product.media.iter().find(|media| Some(media.id) == id)?;
            Some(Media::of(product.company, own))
        });
        Self { media, product: document.map(Product::from), user_errors: Vec::new() }
    }
}

/// The product whose pictures a call is about, and whose it is.
pub(super) struct Pictured {
    pub(super) company: CompanyId,
    scope: Visibility,
    id: ProductId,
}

/// Asks for permission, and finds the product; `None` when the caller may not know of it.
pub(super) async fn pictured(ctx: &Context<'_>, id: ProductId) -> Result<Option<Pictured>, Fault> {
    let scope = ctx.may(Action::Update, Resource::Product)?;
    let company = ctx.catalog()?.company_of_product(&scope, id).await?;
    Ok(company.map(|company| Pictured { company, scope, id }))
}

impl Pictured {
    /// Changes the product's pictures; `field` is where the input says how, `about` which picture is meant.
    pub(super) async fn change(
        self,
        ctx: &Context<'_>,
        field: &str,
        change: MediaChange,
        about: Option<MediaId>,
    ) -> Result<MediaPayload, Fault> {
        let catalog = ctx.catalog()?;
        let call = ctx.call()?.within(self.company);
        let Some(around) = catalog.surroundings(self.company, &[], call.now).await? else {
            return Ok(MediaPayload::refused(vec![CatalogError::not_found()]));
        };
        let changes = [Located::new(Path::from(field), Change::Media(change))];
        let writer = ctx.writer(&self.scope);
        let answer = catalog
            .update_product(&self.scope, &call, self.id, &writer, &around, &changes, Policy::RejectAll)
            .await?;
        Ok(match answer {
            Ok(written) => MediaPayload::of(fresh(ctx, written.id).await?, about),
            Err(user_errors) => MediaPayload::refused(user_errors),
        })
    }
}
