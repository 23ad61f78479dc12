//! Logs, metrics and traces of the process, started before anything else. Logs go to standard error;
//! traces go to an OpenTelemetry collector when one is configured.

use std::collections::HashMap;
use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{LogFormat, Telemetry};

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Upper bounds of the histograms' buckets, in seconds: every histogram is of durations.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 25.0];

/// Keeps telemetry running; [`Guard::flush`] sends what is still buffered.
pub(crate) struct Guard {
    traces: Option<SdkTracerProvider>,
}

/// What `/metrics` says, in Prometheus' text format.
pub(crate) fn metrics() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}

impl Guard {
    /// Sends the buffered traces and waits for it. Failing to is worth a line, not an exit code.
    pub(crate) fn flush(self) {
        if let Some(Err(error)) = self.traces.map(|traces| traces.shutdown()) {
            tracing::warn!(%error, "the last traces did not reach the collector");
        }
    }
}

/// Starts all of it; traces come from a service called `service`. Must run outside the async runtime: the exporter has a thread of its own.
pub(crate) fn start(settings: &Telemetry, service: &str) -> anyhow::Result<Guard> {
    let filter = EnvFilter::try_new(&settings.log).context("`telemetry.log` is not a log filter")?;
    let traces = exporter(settings, service)?;
    let spans =
        traces.as_ref().map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer("souk")));
    tracing_subscriber::registry().with(lines(settings.format).with_filter(filter)).with(spans).init();
    let metrics = PrometheusBuilder::new()
        .set_buckets(&SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("metrics cannot be recorded")?;
    keep_up(metrics.clone())?;
    METRICS.get_or_init(|| metrics);
    Ok(Guard { traces })
}

/// Folds what histograms have taken into their buckets, which nothing else does until `/metrics` is read.
fn keep_up(metrics: PrometheusHandle) -> anyhow::Result<()> {
    let every = Duration::from_secs(5);
    let keep = move || {
        loop {
            std::thread::sleep(every);
            metrics.run_upkeep();
        }
    };
    std::thread::Builder::new().name("metrics".to_owned()).spawn(keep).context("no thread for metrics")?;
    Ok(())
}

fn lines(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    let text = match format {
        LogFormat::Auto => stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let layer = tracing_subscriber::fmt::layer().with_writer(stderr);
    if text {
        layer.with_ansi(stderr().is_terminal()).boxed()
    } else {
        layer.json().flatten_event(true).boxed()
    }
}

fn exporter(settings: &Telemetry, service: &str) -> anyhow::Result<Option<SdkTracerProvider>> {
    if settings.otlp_endpoint.is_empty() {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", settings.otlp_endpoint.trim_end_matches('/')))
        .with_headers(headers(settings.otlp_headers.reveal())?)
        .build()
        .context("the trace exporter of `telemetry.otlp_endpoint` cannot be built")?;
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let ratio = f64::from(settings.sample_percent.min(100)) / 100.0;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name(service.to_owned()).build())
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio))))
        .build();
    Ok(Some(provider))
}

/// `name=value` pairs separated by commas.
fn headers(text: &str) -> anyhow::Result<HashMap<String, String>> {
    text.split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (name, value) =
                pair.split_once('=').context("`telemetry.otlp_headers` takes name=value pairs")?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}
