//! What subgraphs ask each other behind the gateway's back: internal operations, over the same transport that the
//! gateway uses, as a service.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use souk_analytics::facts as analytics;
use souk_catalog::facts::{CompanyFact, CompanyFacts, ShopFact};
use souk_gateway::transport::{OperationKind, Subgraph as Transport, SubgraphRequest};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::money::Currency;
use souk_kit::principal::Principal;

use super::Identity;

const COMPANY: &str = "query CompanyFacts($id: ID!) { facts: companyFacts(ids: [$id]) { id currency pricesIncludeTax active version } }";
const CLOCK: &str =
    "query CompanyFacts($id: ID!) { facts: companyFacts(ids: [$id]) { id timeZone active version } }";
const SHOP: &str = "query ShopFacts($id: ID!) { facts: shopFacts(ids: [$id]) { id company active version } }";

/// Merchants as the other subgraphs ask it.
pub(super) struct Merchants {
    transport: Arc<dyn Transport>,
    identity: Identity,
    caller: Principal,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Option<Facts<T>>,
    #[serde(default)]
    errors: Vec<Value>,
}

#[derive(Deserialize)]
struct Facts<T> {
    facts: Vec<Option<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    id: CompanyId,
    currency: Currency,
    prices_include_tax: bool,
    active: bool,
    version: i64,
}

#[derive(Debug, thiserror::Error)]
#[error("merchants answered {0}")]
struct Unusable(String);

impl Merchants {
    /// Asks `transport` in the name of the service `caller`.
    pub(super) fn new(transport: Arc<dyn Transport>, identity: Identity, caller: &str) -> Self {
        Self { transport, identity, caller: Principal::service(caller) }
    }

    /// Asks one of the operations that answer `facts` in the order of what was asked for; null is unknown.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: &Value,
    ) -> Result<Vec<Option<T>>, Fault> {
        const AWAY: &str = "merchants does not answer";
        let mut headers = HeaderMap::new();
        let token = self.identity.sign_for_service(&self.caller);
        if let Some(token) = token.and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok()) {
            headers.insert(header::AUTHORIZATION, token);
        }
        let mut extensions = http::Extensions::new();
        extensions.insert(self.caller.clone());
        let request = SubgraphRequest {
            query: query.into(),
            kind: OperationKind::Query,
            variables: Bytes::from(variables.to_string()),
            headers,
            extensions,
            uploads: Vec::new(),
        };
        let response =
            self.transport.execute(request).await.map_err(|error| Fault::unavailable(AWAY, error))?;
        let answer: Answer<T> =
            serde_json::from_slice(&response.body).map_err(|error| Fault::unavailable(AWAY, error))?;
        match answer.data {
            Some(data) => Ok(data.facts),
            None => Err(Fault::unavailable(AWAY, Unusable(Value::from(answer.errors).to_string()))),
        }
    }
}

#[async_trait]
impl CompanyFacts for Merchants {
    async fn company(&self, id: CompanyId) -> Result<Option<CompanyFact>, Fault> {
        let found = self.ask::<Company>(COMPANY, &json!({ "id": id })).await?;
        Ok(found.into_iter().next().flatten().map(
            |Company { id, currency, prices_include_tax, active, version }| CompanyFact {
                id,
                currency,
                prices_include_tax,
                active,
                version,
            },
        ))
    }

    async fn shop(&self, id: ShopId) -> Result<Option<ShopFact>, Fault> {
        Ok(self.ask(SHOP, &json!({ "id": id })).await?.into_iter().next().flatten())
    }
}

#[async_trait]
impl analytics::MerchantFacts for Merchants {
    async fn company(&self, id: CompanyId) -> Result<Option<analytics::CompanyFact>, Fault> {
        Ok(self.ask(CLOCK, &json!({ "id": id })).await?.into_iter().next().flatten())
    }

    async fn shop(&self, id: ShopId) -> Result<Option<analytics::ShopFact>, Fault> {
        Ok(self.ask(SHOP, &json!({ "id": id })).await?.into_iter().next().flatten())
    }
}
