//! What the subgraph hears: of companies and shops, and of what others search for.

use async_trait::async_trait;
use serde::Deserialize;
use souk_kit::consumer::{Consumer, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::{Sql, Tx};

use crate::domain::heard::{Company, Shop};
use crate::store::facts::Facts;
use crate::store::popular::{Popular, PopularSearches};

/// Keeps what search must know of companies.
pub(crate) struct LearnCompanies(SqlInbox);

impl LearnCompanies {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self(SqlInbox::new(sql))
    }
}

#[async_trait]
impl Consumer for LearnCompanies {
    const NAME: &'static str = "search.learn-companies";
    const TOPICS: &'static [Topic] = &[Topic::Company];
    const EVENTS: &'static [&'static str] =
        &["company.created", "company.updated", "company.deactivated", "company.reactivated"];
    type Event = Company;
    type Inbox = SqlInbox;

    fn inbox(&self) -> &SqlInbox {
        &self.0
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<Company>) -> Result<(), Fault> {
        Facts::learn(tx, &event.subject, event.sequence, &event.data).await
    }
}

/// Keeps what search must know of shops.
pub(crate) struct LearnShops(SqlInbox);

impl LearnShops {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self(SqlInbox::new(sql))
    }
}

#[async_trait]
impl Consumer for LearnShops {
    const NAME: &'static str = "search.learn-shops";
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const EVENTS: &'static [&'static str] =
        &["shop.created", "shop.updated", "shop.deactivated", "shop.reactivated"];
    type Event = Shop;
    type Inbox = SqlInbox;

    fn inbox(&self) -> &SqlInbox {
        &self.0
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<Shop>) -> Result<(), Fault> {
        Facts::learn(tx, &event.subject, event.sequence, &event.data).await
    }
}

/// What analytics tells of searches, most popular first.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PopularChanged {
    searches: Vec<Popular>,
}

/// Keeps what others search for.
pub(crate) struct LearnPopular(SqlInbox);

impl LearnPopular {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self(SqlInbox::new(sql))
    }
}

#[async_trait]
impl Consumer for LearnPopular {
    const NAME: &'static str = "search.learn-popular";
    const TOPICS: &'static [Topic] = &[Topic::Analytics];
    const EVENTS: &'static [&'static str] = &["search.popular_changed"];
    type Event = PopularChanged;
    type Inbox = SqlInbox;

    fn inbox(&self) -> &SqlInbox {
        &self.0
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<PopularChanged>) -> Result<(), Fault> {
        let Some(company) = event.company else {
            return Err(Fault::broken(format!("{} of no company", event.kind)));
        };
        PopularSearches::learn(tx, company, event.sequence, &event.data.searches).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_analytics_once_told_is_read_for_ever() {
        let golden = include_str!("../../analytics/tests/events/search.popular_changed.v1.json");
        let event: Envelope<PopularChanged> = serde_json::from_str(golden).unwrap();
        assert!(LearnPopular::EVENTS.contains(&event.kind.as_str()));
        let searches: Vec<_> = event.data.searches.iter().map(|one| (one.text.as_str(), one.score)).collect();
        assert_eq!(searches, [("red mug", 9000), ("lamp", 4500)]);
    }
}
