//! Hears of products: many at once, as an import tells of thousands.

use async_trait::async_trait;
use souk_kit::clock::Clock;
use souk_kit::consumer::{BatchConsumer, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use crate::domain::heard::Product;
use crate::domain::projection::Part;
use crate::store::Projections;

/// Keeps each product as the catalogue told it last.
pub(super) struct LearnProducts {
    projections: Projections,
    inbox: SqlInbox,
    clock: Clock,
}

impl LearnProducts {
    pub(super) fn new(projections: Projections, clock: Clock) -> Self {
        let inbox = SqlInbox::new(projections.sql());
        Self { projections, inbox, clock }
    }
}

#[async_trait]
impl BatchConsumer for LearnProducts {
    const NAME: &'static str = "search-indexer.products";
    const TOPICS: &'static [Topic] = &[Topic::Product];
    const EVENTS: &'static [&'static str] = &["product.created", "product.updated", "product.deleted"];
    type Event = Product;

    fn inbox(&self) -> &SqlInbox {
        &self.inbox
    }

    async fn handle(&self, tx: &Tx, events: &[Envelope<Product>]) -> Result<(), Fault> {
        let now = self.clock.now();
        for event in events {
            let product = &event.data;
            let state = (event.kind != "product.deleted").then_some(product);
            let told = Part { sequence: event.sequence, state };
            self.projections.learn_product(tx, (product.id, product.company), told, now).await?;
        }
        // The commit follows at once, and whoever is woken looks a moment later.
        self.projections.changed().notify_one();
        Ok(())
    }
}
