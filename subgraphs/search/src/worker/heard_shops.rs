//! Hears of shops.

use async_trait::async_trait;
use souk_kit::clock::Clock;
use souk_kit::consumer::Consumer;
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use super::heard_shared::learn;
use crate::domain::heard::Shop;
use crate::store::Projections;
use crate::store::learning::Shared;

/// Keeps each shop as merchants told it last.
pub(super) struct LearnShops {
    projections: Projections,
    clock: Clock,
}

impl LearnShops {
    pub(super) fn new(projections: Projections, clock: Clock) -> Self {
        Self { projections, clock }
    }
}

#[async_trait]
impl Consumer for LearnShops {
    const NAME: &'static str = "search-indexer.shops";
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const EVENTS: &'static [&'static str] =
        &["shop.created", "shop.updated", "shop.deactivated", "shop.reactivated"];
    type Event = Shop;
    type Inbox = Projections;

    fn inbox(&self) -> &Projections {
        &self.projections
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<Shop>) -> Result<(), Fault> {
        learn(&self.projections, tx, Shared::Shop, event, Some(&event.data), &self.clock).await
    }
}
