//! Keeps the copy of whose products are: a visitor may name any product beside any company.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;
use souk_kit::consumer::{BatchConsumer, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::{Sql, Tx};

use crate::domain::ids::ProductId;
use crate::store::facts::{self, OwnerFact};

const DELETED: &str = "product.deleted";

/// What is read of a product's event.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Product {
    id: ProductId,
}

/// Keeps the copy of whose products are. It is no part of [`FoldProducts`](super::FoldProducts), which has gone past
/// events that a consumer of its own still hears: the log keeps the last one of each product.
pub(crate) struct LearnOwners {
    inbox: SqlInbox,
}

impl LearnOwners {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { inbox: SqlInbox::new(sql) }
    }
}

#[async_trait]
impl BatchConsumer for LearnOwners {
    const NAME: &'static str = "analytics.learn-owners";
    const TOPICS: &'static [Topic] = &[Topic::Product];
    const EVENTS: &'static [&'static str] = &["product.created", "product.updated", DELETED];
    type Event = Product;

    fn inbox(&self) -> &SqlInbox {
        &self.inbox
    }

    async fn handle(&self, tx: &Tx, events: &[Envelope<Product>]) -> Result<(), Fault> {
        let mut owners: BTreeMap<ProductId, OwnerFact> = BTreeMap::new();
        for event in events {
            let company = event.company.ok_or_else(|| Fault::broken("a product names no company"))?;
            let told = OwnerFact { company, is_deleted: event.kind == DELETED, version: event.sequence };
            let newest = owners.entry(event.data.id).or_insert(told);
            if newest.version < told.version {
                *newest = told;
            }
        }
        facts::learn_owners(tx, &owners).await
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
            include_str!("../../../catalog/tests/events/product.deleted.v1.json"),
        ] {
            let event: Envelope<Product> = serde_json::from_str(golden).unwrap();
            assert!(LearnOwners::EVENTS.contains(&event.kind.as_str()));
            assert_eq!(event.subject, event.data.id.to_string());
            assert!(event.company.is_some());
        }
    }
}
