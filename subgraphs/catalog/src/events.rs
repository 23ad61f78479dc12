//! What the catalogue consumes: the facts of companies and shops, and its own price lists' changes. What it publishes stands with its documents.

use std::sync::Arc;

use async_trait::async_trait;
use souk_kit::clock::Clock;
use souk_kit::consumer::{Consumer, Inbox, Unrecorded};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;

use crate::domain::ids::PriceListId;
use crate::facts::{CompanyFact, ShopFact};
use crate::store::Catalog;
use crate::store::companies::Companies;

/// A price list that changed or went: which one, is all that matters.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct ChangedPriceList {
    id: PriceListId,
}

/// Brings products in step with a price list that changed or went. What the list says now is read, not what the
/// event says, so that a second delivery finds nothing to do.
pub(crate) struct Reprice {
    catalog: Arc<Catalog>,
    clock: Clock,
}

impl Reprice {
    pub(crate) fn new(catalog: Arc<Catalog>, clock: Clock) -> Self {
        Self { catalog, clock }
    }
}

#[async_trait]
impl Consumer for Reprice {
    const NAME: &'static str = "catalog.reprice";
    const TOPICS: &'static [Topic] = &[Topic::Product];
    const EVENTS: &'static [&'static str] = &["price_list.updated", "price_list.deleted"];
    type Event = ChangedPriceList;
    type Inbox = Unrecorded;

    fn inbox(&self) -> &Unrecorded {
        &Unrecorded
    }

    async fn handle(&self, (): &Tx, event: &Envelope<ChangedPriceList>) -> Result<(), Fault> {
        self.catalog.reprice_list(event.data.id, self.clock.now()).await.map(|_| ())
    }
}

type Tx = <Unrecorded as Inbox>::Tx;

/// Keeps the copy of companies. A second delivery tells nothing new: versions decide.
pub(crate) struct LearnCompanies {
    companies: Arc<Companies>,
    clock: Clock,
}

impl LearnCompanies {
    pub(crate) fn new(companies: Arc<Companies>, clock: Clock) -> Self {
        Self { companies, clock }
    }
}

#[async_trait]
impl Consumer for LearnCompanies {
    const NAME: &'static str = "catalog.learn-companies";
    const TOPICS: &'static [Topic] = &[Topic::Company];
    const EVENTS: &'static [&'static str] =
        &["company.created", "company.updated", "company.deactivated", "company.reactivated"];
    type Event = CompanyFact;
    type Inbox = Unrecorded;

    fn inbox(&self) -> &Unrecorded {
        &Unrecorded
    }

    async fn handle(&self, (): &Tx, event: &Envelope<CompanyFact>) -> Result<(), Fault> {
        let fact = CompanyFact { version: event.sequence, ..event.data.clone() };
        self.companies.learn_company(fact, self.clock.now()).await
    }
}

/// Keeps the copy of shops. A second delivery tells nothing new: versions decide.
pub(crate) struct LearnShops {
    companies: Arc<Companies>,
    clock: Clock,
}

impl LearnShops {
    pub(crate) fn new(companies: Arc<Companies>, clock: Clock) -> Self {
        Self { companies, clock }
    }
}

#[async_trait]
impl Consumer for LearnShops {
    const NAME: &'static str = "catalog.learn-shops";
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const EVENTS: &'static [&'static str] =
        &["shop.created", "shop.updated", "shop.deactivated", "shop.reactivated"];
    type Event = ShopFact;
    type Inbox = Unrecorded;

    fn inbox(&self) -> &Unrecorded {
        &Unrecorded
    }

    async fn handle(&self, (): &Tx, event: &Envelope<ShopFact>) -> Result<(), Fault> {
        let fact = ShopFact { version: event.sequence, ..event.data.clone() };
        self.companies.learn_shop(fact, self.clock.now()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_price_lists_once_told_is_read_for_ever() {
        for golden in [
            include_str!("../tests/events/price_list.updated.v1.json"),
            include_str!("../tests/events/price_list.deleted.v1.json"),
        ] {
            let event: Envelope<ChangedPriceList> = serde_json::from_str(golden).unwrap();
            assert!(Reprice::EVENTS.contains(&event.kind.as_str()));
            assert_eq!(event.subject, event.data.id.to_string());
        }
    }
}
