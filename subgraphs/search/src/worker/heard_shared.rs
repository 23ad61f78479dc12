//! Hears of what stands on many products: categories and price lists.

use async_trait::async_trait;
use souk_kit::clock::Clock;
use souk_kit::consumer::Consumer;
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use crate::domain::heard::{Category, PriceList};
use crate::store::Projections;
use crate::store::learning::{Shared, Told};

/// Keeps each category as the catalogue told it last.
pub(super) struct LearnCategories {
    projections: Projections,
    clock: Clock,
}

impl LearnCategories {
    pub(super) fn new(projections: Projections, clock: Clock) -> Self {
        Self { projections, clock }
    }
}

#[async_trait]
impl Consumer for LearnCategories {
    const NAME: &'static str = "search-indexer.categories";
    const TOPICS: &'static [Topic] = &[Topic::Product];
    const EVENTS: &'static [&'static str] = &["category.created", "category.updated", "category.deleted"];
    type Event = Category;
    type Inbox = Projections;

    fn inbox(&self) -> &Projections {
        &self.projections
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<Category>) -> Result<(), Fault> {
        let state = (event.kind != "category.deleted").then_some(&event.data);
        learn(&self.projections, tx, Shared::Category, event, state, &self.clock).await
    }
}

/// Keeps each price list as the catalogue told it last.
pub(super) struct LearnPriceLists {
    projections: Projections,
    clock: Clock,
}

impl LearnPriceLists {
    pub(super) fn new(projections: Projections, clock: Clock) -> Self {
        Self { projections, clock }
    }
}

#[async_trait]
impl Consumer for LearnPriceLists {
    const NAME: &'static str = "search-indexer.price-lists";
    const TOPICS: &'static [Topic] = &[Topic::Product];
    const EVENTS: &'static [&'static str] =
        &["price_list.created", "price_list.updated", "price_list.deleted"];
    type Event = PriceList;
    type Inbox = Projections;

    fn inbox(&self) -> &Projections {
        &self.projections
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<PriceList>) -> Result<(), Fault> {
        let state = (event.kind != "price_list.deleted").then_some(&event.data);
        learn(&self.projections, tx, Shared::PriceList, event, state, &self.clock).await
    }
}

/// Keeps what an event tells of a part that many products share.
pub(super) async fn learn<S: serde::Serialize + Send + Sync>(
    projections: &Projections,
    tx: &Tx,
    kind: Shared,
    event: &Envelope<S>,
    state: Option<&S>,
    clock: &Clock,
) -> Result<(), Fault> {
    let Some(company) = event.company else {
        return Err(Fault::broken(format!("{} of no company", event.kind)));
    };
    let told = Told { id: &event.subject, kind, company, sequence: event.sequence, state };
    projections.learn_shared(tx, &told, clock.now()).await.map(drop)
}
