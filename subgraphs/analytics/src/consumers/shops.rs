//! Keeps the copy of shops.

use async_trait::async_trait;
use souk_kit::consumer::{Consumer, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::{Sql, Tx};

use crate::facts::ShopFact;
use crate::store::facts;

/// Keeps the copy of shops.
pub(crate) struct LearnShops {
    inbox: SqlInbox,
}

impl LearnShops {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { inbox: SqlInbox::new(sql) }
    }
}

#[async_trait]
impl Consumer for LearnShops {
    const NAME: &'static str = "analytics.learn-shops";
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const EVENTS: &'static [&'static str] =
        &["shop.created", "shop.updated", "shop.deactivated", "shop.reactivated"];
    type Event = ShopFact;
    type Inbox = SqlInbox;

    fn inbox(&self) -> &SqlInbox {
        &self.inbox
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<ShopFact>) -> Result<(), Fault> {
        let fact = ShopFact { version: event.sequence, ..event.data.clone() };
        facts::learn_shop(tx, &fact).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shops_once_told_is_read_for_ever() {
        let golden = include_str!("../../../merchants/tests/merchants/golden/shop.v1.json");
        let event: Envelope<ShopFact> = serde_json::from_str(golden).unwrap();
        assert!(LearnShops::EVENTS.contains(&event.kind.as_str()));
        assert_eq!(event.subject, event.data.id.to_string());
    }
}
