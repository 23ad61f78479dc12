//! Counts shops that open and close.

use async_trait::async_trait;
use serde::Deserialize;
use souk_kit::consumer::{BatchConsumer, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::sql::{Sql, Tx};

use super::folding::{self, Folding};
use crate::domain::hour::Hour;
use crate::domain::measures::{Happening, shops_closed, shops_opened};
use crate::domain::rollup::{Rollup, Slot};

const CREATED: &str = "shop.created";
const DEACTIVATED: &str = "shop.deactivated";
const REACTIVATED: &str = "shop.reactivated";

/// What is read of a shop's event.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Shop {
    id: ShopId,
}

/// Counts shops in the hour in which they opened and closed, each among its own figures. It is no part of
/// [`LearnShops`](super::LearnShops), which takes nothing of a late event.
pub(crate) struct FoldShops {
    inbox: SqlInbox,
}

impl FoldShops {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { inbox: SqlInbox::new(sql) }
    }
}

#[async_trait]
impl BatchConsumer for FoldShops {
    const NAME: &'static str = "analytics.fold-shops";
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const EVENTS: &'static [&'static str] = &[CREATED, DEACTIVATED, REACTIVATED];
    type Event = Shop;

    fn inbox(&self) -> &SqlInbox {
        &self.inbox
    }

    async fn handle(&self, tx: &Tx, events: &[Envelope<Shop>]) -> Result<(), Fault> {
        folding::add::<Self>(tx, events).await
    }
}

#[async_trait]
impl Folding for FoldShops {
    const MEASURES: &'static [&'static str] = &[shops_opened::MEASURE.name, shops_closed::MEASURE.name];

    async fn fold(_: &Tx, events: &[Envelope<Shop>]) -> Result<Rollup, Fault> {
        let mut rollup = Rollup::default();
        for event in events {
            let company = event.company.ok_or_else(|| Fault::broken("a shop names no company"))?;
            let slot = Slot { company, shop: Some(event.data.id), hour: Hour::of(event.time) };
            // Every shop is made active.
            let is_closed = event.kind == DEACTIVATED;
            rollup.add(slot, if is_closed { &Happening::ShopClosed } else { &Happening::ShopOpened });
        }
        Ok(rollup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shops_once_told_is_read_for_ever() {
        let golden = include_str!("../../../merchants/tests/merchants/golden/shop.v1.json");
        let event: Envelope<Shop> = serde_json::from_str(golden).unwrap();
        assert!(FoldShops::EVENTS.contains(&event.kind.as_str()));
        assert_eq!(event.subject, event.data.id.to_string());
        assert!(event.company.is_some());
    }
}
