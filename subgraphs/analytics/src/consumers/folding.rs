//! Counting what other domains tell: as it comes, and again when the figures are rebuilt.

use async_trait::async_trait;
use souk_kit::consumer::BatchConsumer;
use souk_kit::event::Envelope;
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use crate::domain::rollup::Rollup;
use crate::store::fold;

/// A consumer that counts the events of another domain. A rebuild counts those that it has consumed by the same rule, and
/// tells events apart by their ids alone: so of one event, one such consumer counts at most.
#[async_trait]
pub(crate) trait Folding: BatchConsumer {
    /// The names of the measures that it counts in.
    const MEASURES: &'static [&'static str];

    /// What the events count as. What it notes in `tx` must be the same when they come again.
    async fn fold(tx: &Tx, events: &[Envelope<Self::Event>]) -> Result<Rollup, Fault>;
}

/// Adds what the events count as to the rollups.
pub(super) async fn add<F: Folding>(tx: &Tx, events: &[Envelope<F::Event>]) -> Result<(), Fault> {
    fold::lock(tx, None).await?;
    let rollup = F::fold(tx, events).await?;
    fold::add(tx, &rollup).await
}
