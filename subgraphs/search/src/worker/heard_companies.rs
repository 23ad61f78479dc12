//! Hears of companies.

use async_trait::async_trait;
use souk_kit::clock::Clock;
use souk_kit::consumer::Consumer;
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use super::heard_shared::learn;
use crate::domain::heard::Company;
use crate::store::Projections;
use crate::store::learning::Shared;

/// Keeps each company as merchants told it last.
pub(super) struct LearnCompanies {
    projections: Projections,
    clock: Clock,
}

impl LearnCompanies {
    pub(super) fn new(projections: Projections, clock: Clock) -> Self {
        Self { projections, clock }
    }
}

#[async_trait]
impl Consumer for LearnCompanies {
    const NAME: &'static str = "search-indexer.companies";
    const TOPICS: &'static [Topic] = &[Topic::Company];
    const EVENTS: &'static [&'static str] =
        &["company.created", "company.updated", "company.deactivated", "company.reactivated"];
    type Event = Company;
    type Inbox = Projections;

    fn inbox(&self) -> &Projections {
        &self.projections
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<Company>) -> Result<(), Fault> {
        learn(&self.projections, tx, Shared::Company, event, Some(&event.data), &self.clock).await
    }
}
