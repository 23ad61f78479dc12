//! Turns the short names of companies and shops into ids, for the command line.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use serde_json::{Value, json};
use souk_gateway::transport::Subgraph as Transport;
use souk_kit::clock::Clock;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::sql::Access;

use super::internal::Merchants;
use super::{Identity, ports, subgraphs};
use crate::config::Config;

const COMPANY: &str = "query Company($slugs: [String!]!) { facts: companyFactsBySlug(slugs: $slugs) { id } }";
const SHOPS: &str = "query Shops($company: ID!, $slugs: [String!]!) {
  facts: shopFactsBySlug(company: $company, slugs: $slugs) { id }
}";

/// The name under which merchants is asked.
const CALLER: &str = "command-line";

/// Companies and shops by their slugs, deactivated ones included.
pub(crate) struct Directory(Merchants);

impl Directory {
    /// Merchants at its configured URL, or its store: read only, so that it may be in use.
    pub(crate) async fn open(config: &Config, identity: &Identity, clock: &Clock) -> anyhow::Result<Self> {
        let name = souk_merchants::NAME;
        if config.merchants.url.is_empty() && !ports::has_database(config, name).await? {
            bail!("there are no companies in {} yet: start `souk serve` first", config.data.dir.display());
        }
        let mut ports = ports::open(config, clock).await?;
        ports.access = Access::Reading;
        let transport: Arc<dyn Transport> = subgraphs::reach(config, &ports, identity, name).await?;
        Ok(Self(Merchants::new(transport, identity.clone(), CALLER)))
    }

    /// The company called `slug`.
    pub(crate) async fn company(&self, slug: &str) -> anyhow::Result<CompanyId> {
        let found = self.ids(COMPANY, json!({ "slugs": [slug] })).await?;
        found.into_iter().next().flatten().with_context(|| format!("there is no company `{slug}`"))
    }

    /// The shops of `company` called `slugs`, in their order.
    pub(crate) async fn shops(&self, company: CompanyId, slugs: &[String]) -> anyhow::Result<Vec<ShopId>> {
        if slugs.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.ids(SHOPS, json!({ "company": company, "slugs": slugs })).await?;
        let named = slugs.iter().zip(found);
        named.map(|(slug, id)| id.with_context(|| format!("the company has no shop `{slug}`"))).collect()
    }

    async fn ids<T: serde::de::DeserializeOwned>(
        &self,
        query: &str,
        variables: Value,
    ) -> anyhow::Result<Vec<Option<T>>> {
        #[derive(serde::Deserialize)]
        struct Found<T> {
            id: T,
        }
        let found: Vec<Option<Found<T>>> =
            self.0.ask(query, &variables).await.map_err(|fault| anyhow!("{fault:?}"))?;
        Ok(found.into_iter().map(|found| found.map(|found| found.id)).collect())
    }
}
