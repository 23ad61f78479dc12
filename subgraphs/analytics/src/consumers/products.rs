//! Counts products that are made and published.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;
use souk_kit::consumer::{BatchConsumer, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::{Sql, Tx};

use super::folding::{self, Folding};
use crate::domain::hour::Hour;
use crate::domain::ids::ProductId;
use crate::domain::measures::{Happening, products_created, products_published};
use crate::domain::rollup::{Rollup, Slot};
use crate::store::products;

const CREATED: &str = "product.created";

/// What is read of a product's event.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Product {
    id: ProductId,
    status: String,
}

/// Counts products in the hour in which they were made, and in which they became active for the first time.
pub(crate) struct FoldProducts {
    inbox: SqlInbox,
}

impl FoldProducts {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { inbox: SqlInbox::new(sql) }
    }
}

#[async_trait]
impl BatchConsumer for FoldProducts {
    const NAME: &'static str = "analytics.fold-products";
    const TOPICS: &'static [Topic] = &[Topic::Product];
    const EVENTS: &'static [&'static str] = &[CREATED, "product.updated"];
    type Event = Product;

    fn inbox(&self) -> &SqlInbox {
        &self.inbox
    }

    async fn handle(&self, tx: &Tx, events: &[Envelope<Product>]) -> Result<(), Fault> {
        folding::add::<Self>(tx, events).await
    }
}

#[async_trait]
impl Folding for FoldProducts {
    const MEASURES: &'static [&'static str] =
        &[products_created::MEASURE.name, products_published::MEASURE.name];

    /// Notes which of the events have published their product.
    async fn fold(tx: &Tx, events: &[Envelope<Product>]) -> Result<Rollup, Fault> {
        let mut told: BTreeMap<ProductId, i64> = BTreeMap::new();
        for event in events.iter().filter(|event| event.data.status == "active") {
            let first = told.entry(event.data.id).or_insert(event.sequence);
            *first = event.sequence.min(*first);
        }
        let published_by = products::published_by(tx, &told).await?;
        let mut rollup = Rollup::default();
        for event in events {
            let company = event.company.ok_or_else(|| Fault::broken("a product names no company"))?;
            let slot = Slot { company, shop: None, hour: Hour::of(event.time) };
            if event.kind == CREATED {
                rollup.add(slot, &Happening::ProductCreated);
            }
            if published_by.get(&event.data.id) == Some(&event.sequence) {
                rollup.add(slot, &Happening::ProductPublished);
            }
        }
        Ok(rollup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_products_once_told_is_read_for_ever() {
        for golden in [
            include_str!("../../../catalog/tests/events/product.created.v1.json"),
            include_str!("../../../catalog/tests/events/product.updated.v1.json"),
        ] {
            let event: Envelope<Product> = serde_json::from_str(golden).unwrap();
            assert!(FoldProducts::EVENTS.contains(&event.kind.as_str()));
            assert_eq!(event.subject, event.data.id.to_string());
            assert_eq!(event.data.status, "active");
        }
    }
}
