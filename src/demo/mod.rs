//! The demo: a company with shops and about 500 real products, so that a newcomer has something to explore.

mod company;
mod picture;

use anyhow::Context;
use souk_kit::clock::Timestamp;
use souk_kit::id::UserId;
use souk_kit::principal::{Principal, Role, User};

use crate::import::product::{Image, ImageSource};
use crate::import::{self, online_retail};
use crate::platform::Client;

/// A sample of the data set *Online Retail*; see demo/README.md for its source and licence.
const ORDER_LINES: &[u8] = include_bytes!("../../demo/order-lines.csv");

/// Who makes the demo: an operator of the platform, whom nobody else can be.
pub(crate) fn operator() -> Principal {
    let id = UserId::new(Timestamp::UNIX_EPOCH);
    Principal::User(User {
        id,
        role: Role::SuperAdmin,
        company: None,
        shops: Vec::new(),
        customer_groups: Vec::new(),
    })
}

/// Makes the demo company, its shops, products and pictures; what is made already stays as it is.
pub(crate) async fn seed(client: &Client) -> anyhow::Result<()> {
    let company = company::make(client).await?;
    let mut target = import::Target::new(client.clone(), company, "GBP")?;
    for mut product in online_retail::fold(ORDER_LINES)?.products {
        let content = picture::png(&product.name).context("a picture cannot be made")?;
        let source = ImageSource::Made { name: format!("{}.png", product.slug), content };
        product
            .images
            .push(Image { source, alt: Some(format!("A pattern that stands for {}", product.name)) });
        target.put(0, product).await?;
    }
    let outcome = target.finish().await?;
    for refusal in target.refusals() {
        tracing::warn!(product = refusal.reference, "the demo lacks a product: {}", refusal.reason);
    }
    tracing::info!("made the demo: {outcome}");
    Ok(())
}
