//! What the subgraphs of this process stand on: embedded stores below the data folder.

use std::time::Duration;

use anyhow::anyhow;
use souk_kit::clock::Clock;
use souk_kit::ports::Ports;
use souk_kit::sql::Durability;

use crate::config::Config;

const DAY: Duration = Duration::from_hours(24);

/// Opens the embedded side of every port.
pub(crate) async fn open(config: &Config, clock: &Clock) -> anyhow::Result<Ports> {
    let folder = &config.data.dir;
    let ports = Ports::embedded(folder.clone(), clock.clone(), Durability::default())
        .await
        .map_err(|fault| anyhow!("the data folder {} cannot be used: {fault:?}", folder.display()))?;
    Ok(Ports { idempotency_retention: DAY * u32::from(config.api.idempotency_days), ..ports })
}
