//! Hears how sought after products are.

use async_trait::async_trait;
use serde::Deserialize;
use souk_kit::clock::Clock;
use souk_kit::consumer::Consumer;
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use crate::domain::ids::ProductId;
use crate::domain::projection::{Part, Source};
use crate::store::Projections;
use crate::store::projected::Popularity;

/// What analytics tells of a product.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct PopularityChanged {
    id: ProductId,
    /// Greater is more; 0 is one that nobody has looked at lately.
    score: u64,
}

/// Keeps how sought after each product is.
pub(super) struct LearnPopularity {
    projections: Projections,
    clock: Clock,
}

impl LearnPopularity {
    pub(super) fn new(projections: Projections, clock: Clock) -> Self {
        Self { projections, clock }
    }
}

#[async_trait]
impl Consumer for LearnPopularity {
    const NAME: &'static str = "search-indexer.popularity";
    const TOPICS: &'static [Topic] = &[Topic::Analytics];
    const EVENTS: &'static [&'static str] = &["product.popularity_changed"];
    type Event = PopularityChanged;
    type Inbox = Projections;

    fn inbox(&self) -> &Projections {
        &self.projections
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<PopularityChanged>) -> Result<(), Fault> {
        let told = Popularity { popularity: event.data.score };
        let part = Part { sequence: event.sequence, state: Some(told) };
        // Whose it is the catalogue alone knows: what is told on behalf of another company must not move it there.
        let id = (event.data.id, None);
        self.projections.learn_part(tx, id, Source::Popularity, part, self.clock.now()).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_analytics_once_told_is_read_for_ever() {
        let golden = include_str!("../../../analytics/tests/events/product.popularity_changed.v1.json");
        let event: Envelope<PopularityChanged> = serde_json::from_str(golden).unwrap();
        assert!(LearnPopularity::EVENTS.contains(&event.kind.as_str()));
        assert_eq!((event.data.id.to_string(), event.data.score), (event.subject, 5250));
    }
}
