//! `souk import`: products out of files, into the catalogue of one company.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use souk_kit::clock::Clock;
use souk_kit::id::{CompanyId, UserId};
use souk_kit::principal::{Principal, Role, User};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::import::product::{Product, Refusal};
use crate::import::{Outcome, Report, Target, online_retail, shopify};
use crate::platform::{Client, Directory, Identity, Local};
use crate::{runtime, telemetry};

/// How long the token of one import holds.
const TOKEN: TimeDelta = TimeDelta::hours(12);

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// The product CSV that Shopify exports: variants as rows, images, options.
    Products(Options),
    /// Order lines of the data set Online Retail, folded into products.
    OnlineRetail(Options),
}

#[derive(Debug, Args)]
struct Options {
    /// The file, as CSV.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The company whose catalogue takes the products, by its slug.
    #[arg(long, value_name = "SLUG", default_value = "blossom-and-bloom")]
    company: String,
    /// The currency of the prices in the file.
    #[arg(long, value_name = "CODE", default_value = "GBP")]
    currency: String,
    /// The GraphQL endpoint of a running platform, such as <http://localhost:4000/graphql>; without it the stores
    /// of the data folder are opened, which no server may be running on.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Where refusals are told, as CSV; FILE.refused.csv without it.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Import {
    pub(crate) fn run(self, config: &Config) -> anyhow::Result<()> {
        let telemetry = telemetry::start(&config.telemetry, "souk-import")?;
        let outcome = runtime()?.block_on(async {
            match self.source {
                Source::Products(options) => run(config, &options, products).await,
                Source::OnlineRetail(options) => run(config, &options, order_lines).await,
            }
        });
        telemetry.flush();
        outcome
    }
}

/// What a source says: the lines where products begin with the products, or refusals.
type Items = Box<dyn Iterator<Item = (u64, Result<Product, Refusal>)>>;

/// Reads as it goes: the file may be larger than memory.
fn products(file: Box<dyn Read>) -> anyhow::Result<Items> {
    Ok(Box::new(shopify::Products::read(file)?))
}

/// What was sold is known only from all the sales, so this source is read to its end first.
fn order_lines(file: Box<dyn Read>) -> anyhow::Result<Items> {
    let folded = online_retail::fold(file)?;
    tracing::info!(
        "{} lines make {} products; {} reasons for refusal",
        folded.lines,
        folded.products.len(),
        folded.refusals.len()
    );
    let refusals = folded.refusals.into_iter().map(|refusal| (refusal.line, Err(refusal)));
    let products = folded.products.into_iter().map(|product| (0, Ok(product)));
    Ok(Box::new(refusals.chain(products)))
}

async fn run(
    config: &Config,
    options: &Options,
    read: fn(Box<dyn Read>) -> anyhow::Result<Items>,
) -> anyhow::Result<()> {
    let path = &options.file;
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let items = read(Box::new(progress(file)?)).with_context(|| path.display().to_string())?;
    let clock = Clock::system();
    let identity = Identity::open(config, &clock)?;
    let company = Directory::open(config, &identity, &clock).await?.company(&options.company).await?;
    let importer = admin_of(company, &clock);
    let mut report = Report::create(&options.report.clone().unwrap_or_else(|| beside(path)))?;
    let outcome = match &options.url {
        Some(url) => {
            let client = Client::elsewhere(url, &identity.sign(&importer, "", TOKEN)?)?;
            send(Target::new(client, company.to_string(), &options.currency)?, items, &mut report).await?
        }
        None => {
            let local = Local::open(config, &CancellationToken::new()).await?;
            let client = Client::here(local.gateway.clone(), importer);
            let target = Target::new(client, company.to_string(), &options.currency)?;
            let outcome = send(target, items, &mut report).await?;
            local.settle().await?;
            outcome
        }
    };
    tracing::info!("{outcome}; {} lines in the report", report.refused());
    Ok(())
}

async fn send(mut target: Target, items: Items, report: &mut Report) -> anyhow::Result<Outcome> {
    for (line, item) in items {
        match item {
            Ok(product) => target.put(line, product).await?,
            Err(refusal) => report.add(&refusal)?,
        }
        for refusal in target.refusals() {
            report.add(&refusal)?;
        }
    }
    let outcome = target.finish().await?;
    for refusal in target.refusals() {
        report.add(&refusal)?;
    }
    Ok(outcome)
}

/// The import acts as an admin of the company: it may do what one may, and no more.
fn admin_of(company: CompanyId, clock: &Clock) -> Principal {
    Principal::User(User {
        id: UserId::new(clock.now()),
        role: Role::CompanyAdmin,
        company: Some(company),
        shops: Vec::new(),
        customer_groups: Vec::new(),
    })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".refused.csv");
    PathBuf::from(name)
}

/// The file behind a progress bar on standard error, which shows how much of it has been read.
fn progress(file: File) -> anyhow::Result<impl Read + use<>> {
    let bar = ProgressBar::new(file.metadata()?.len());
    bar.set_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}")?);
    Ok(bar.wrap_read(file))
}
