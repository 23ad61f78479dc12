//! How long events wait in an outbox is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use souk_kit::relay::{self, Outbox as _};
use souk_kit::sql::SqlOutbox;
use souk_kit::testing::Stage;

use crate::breaking::Breaking;
use crate::lamps::{Lamps, Migrator};
use crate::postgres::{call, make};

/// Keeps the lag of one outbox, and drops whatever else is told.
struct Lag {
    outbox: String,
    seconds: Arc<AtomicU64>,
}

impl Lag {
    fn seconds(&self) -> f64 {
        f64::from_bits(self.seconds.load(Ordering::Relaxed))
    }
}

impl Recorder for Lag {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let is_ours = |label: &metrics::Label| label.key() == "subgraph" && label.value() == self.outbox;
        match key.name() == "souk_outbox_lag_seconds" && key.labels().any(is_ours) {
            true => Gauge::from_arc(Arc::clone(&self.seconds)),
            false => Gauge::noop(),
        }
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn the_lag_grows_while_the_log_takes_nothing_and_ends_with_the_last_event() {
    let stage = Stage::new().await.unwrap();
    let sql = stage.ports.sql("lamps").await.unwrap();
    sql.migrate::<Migrator>().await.unwrap();
    let (outbox, clock) = (SqlOutbox::new(&sql), stage.clock().clone());
    let lag = Lag { outbox: outbox.name().to_owned(), seconds: Arc::default() };
    let _told = metrics::set_default_local_recorder(&lag);
    make(&Lamps(sql), &call("make"), "hall").await.unwrap();
    let written = outbox.oldest().await.unwrap().unwrap();
    clock.advance(written + TimeDelta::seconds(90) - clock.now());

    let away = Breaking::after(Arc::clone(&stage.ports.events), 0);
    relay::drain(&outbox, &away, &clock).await.unwrap_err();
    assert!((lag.seconds() - 90.0).abs() < 0.01, "{}", lag.seconds());
    clock.advance(TimeDelta::seconds(60));
    relay::drain(&outbox, &away, &clock).await.unwrap_err();
    assert!((lag.seconds() - 150.0).abs() < 0.01, "{}", lag.seconds());

    assert_eq!(relay::drain(&outbox, &*stage.ports.events, &clock).await.unwrap(), 1);
    assert!(lag.seconds().abs() < 0.01, "{}", lag.seconds());
}
