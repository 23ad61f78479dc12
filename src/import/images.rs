//! Pictures of imported products: fetched or made, then given to the catalogue like any upload.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::{Bytes, BytesMut};
use serde_json::json;

use super::product::{Image, ImageSource};
use crate::platform::Client;
use crate::platform::client::{Attachment, user_errors};

/// The largest picture that is fetched, in bytes: the catalogue takes none that is larger.
const LARGEST: usize = 20 * 1024 * 1024;
const TIME_OUT: Duration = Duration::from_secs(30);

const ADD: &str = "mutation ImportPicture($input: ProductMediaUploadInput!) {
  added: productMediaUpload(input: $input) { userErrors { code message } }
}";
/// Longest external reference of a picture, in characters.
const LONGEST_REFERENCE: usize = 255;

/// What a picture is known by when it is imported again: where it comes from, or of a long address its end,
/// which tells more.
pub(super) fn reference(image: &Image) -> String {
    let whole = match &image.source {
        ImageSource::Made { name, .. } => name,
        ImageSource::Url(url) => url,
    };
    whole.chars().skip(whole.chars().count().saturating_sub(LONGEST_REFERENCE)).collect()
}

/// Adds pictures to products.
pub(super) struct Images {
    http: reqwest::Client,
}

impl Images {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { http: reqwest::Client::builder().timeout(TIME_OUT).no_proxy().build()? })
    }

    /// Adds one picture at the end of the product's.
    pub(super) async fn add(&self, client: &Client, product: &str, image: &Image) -> anyhow::Result<()> {
        let (name, content) = match &image.source {
            ImageSource::Made { name, content } => (name.clone(), Bytes::copy_from_slice(content)),
            ImageSource::Url(url) => (url.clone(), self.fetch(url).await?),
        };
        let file = Attachment { path: "variables.input.file", name, content };
        let input = json!({
            "product": product,
            "file": null,
            "externalReference": reference(image),
            "alt": image.alt.as_deref().unwrap_or_default(),
        });
        let added = client.attach(ADD, json!({ "input": input }), file).await?;
        user_errors(added.get("added").context("the upload answers nothing")?)
    }

    async fn fetch(&self, url: &str) -> anyhow::Result<Bytes> {
        let context = || format!("the picture {url} cannot be fetched");
        let mut response = self.http.get(url).send().await.with_context(context)?;
        response.error_for_status_ref().with_context(context)?;
        let mut content = BytesMut::new();
        while let Some(part) = response.chunk().await.with_context(context)? {
            if content.len() + part.len() > LARGEST {
                bail!("the picture {url} has more than {LARGEST} bytes");
            }
            content.extend_from_slice(&part);
        }
        Ok(content.freeze())
    }
}
