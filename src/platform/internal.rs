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
use souk_search::domain::heard as searched;
use souk_search::market::{MarketFacts, Versioned};
use souk_search::source::{CatalogSource, SourceProduct, SourceShared};

use super::Identity;

const COMPANY: &str = "query CompanyFacts($ids: [ID!]!) { facts: companyFacts(ids: $ids) { id currency pricesIncludeTax active version } }";
const CLOCK: &str =
    "query CompanyFacts($ids: [ID!]!) { facts: companyFacts(ids: $ids) { id timeZone active version } }";
const SHOP: &str =
    "query ShopFacts($ids: [ID!]!) { facts: shopFacts(ids: $ids) { id company active version } }";

const SEARCHED_COMPANY: &str = "query CompanyFacts($ids: [ID!]!) { facts: companyFacts(ids: $ids) { id currency locales active version } }";
const PRODUCTS: &str = "query ProductStates($ids: [ID!], $after: ID, $first: Int!) { facts: productStates(ids: $ids, after: $after, first: $first) { company version state } }";
const CATEGORIES: &str = "query CategoryStates($companies: [ID!]!) { facts: categoryStates(companies: $companies) { company version state } }";
const PRICE_LISTS: &str = "query PriceListStates($companies: [ID!]!) { facts: priceListStates(companies: $companies) { company version state } }";

/// Merchants as other subgraphs ask it.
pub(super) struct Merchants(Insider);

/// The catalogue as the indexer of search asks it, and merchants for what products name of it.
pub(super) struct Catalog {
    catalog: Insider,
    merchants: Option<Merchants>,
}

/// A subgraph as others ask it.
struct Insider {
    transport: Arc<dyn Transport>,
    identity: Identity,
    caller: Principal,
    away: &'static str,
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

#[derive(Deserialize)]
struct State {
    company: CompanyId,
    version: i64,
    state: String,
}

#[derive(Debug, thiserror::Error)]
#[error("it answered {0}")]
struct Unusable(String);

impl Merchants {
    /// Asks `transport` in the name of the service `caller`.
    pub(super) fn new(transport: Arc<dyn Transport>, identity: Identity, caller: &str) -> Self {
        Self(Insider {
            transport,
            identity,
            caller: Principal::service(caller),
            away: "merchants does not answer",
        })
    }

    /// Asks one of the operations that answer `facts` in the order of what was asked for; null is unknown.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: &Value,
    ) -> Result<Vec<Option<T>>, Fault> {
        self.0.ask(query, variables).await
    }
}

impl Catalog {
    /// Asks `transport` in the name of the service `caller`.
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        identity: Identity,
        caller: &str,
        merchants: Option<Merchants>,
    ) -> Self {
        let caller = Principal::service(caller);
        let catalog = Insider { transport, identity, caller, away: "the catalogue does not answer" };
        Self { catalog, merchants }
    }

    async fn states(&self, query: &str, variables: &Value) -> Result<Vec<State>, Fault> {
        Ok(self.catalog.ask(query, variables).await?.into_iter().flatten().collect())
    }

    async fn products(&self, variables: &Value) -> Result<Vec<SourceProduct>, Fault> {
        let found = self.states(PRODUCTS, variables).await?.into_iter();
        found
            .map(|one| Ok(SourceProduct { version: one.version, state: serde_json::from_str(&one.state)? }))
            .collect()
    }

    async fn shared<S: DeserializeOwned>(
        &self,
        query: &str,
        companies: &[CompanyId],
    ) -> Result<Vec<SourceShared<S>>, Fault> {
        let found = self.states(query, &json!({ "companies": companies })).await?.into_iter();
        let shared = |State { company, version, state }| {
            Ok(SourceShared { company, version, state: serde_json::from_str(&state)? })
        };
        found.map(shared).collect()
    }
}

impl Insider {
    /// Asks one of the operations that answer `facts` in the order of what was asked for; null is unknown.
    async fn ask<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: &Value,
    ) -> Result<Vec<Option<T>>, Fault> {
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
            self.transport.execute(request).await.map_err(|error| Fault::unavailable(self.away, error))?;
        let answer: Answer<T> =
            serde_json::from_slice(&response.body).map_err(|error| Fault::unavailable(self.away, error))?;
        match answer.data {
            Some(data) => Ok(data.facts),
            None => Err(Fault::unavailable(self.away, Unusable(Value::from(answer.errors).to_string()))),
        }
    }
}

#[async_trait]
impl CompanyFacts for Merchants {
    async fn companies(&self, ids: &[CompanyId]) -> Result<Vec<CompanyFact>, Fault> {
        let found = self.ask::<Company>(COMPANY, &json!({ "ids": ids })).await?;
        let fact = |Company { id, currency, prices_include_tax, active, version }| CompanyFact {
            id,
            currency,
            prices_include_tax,
            active,
            version,
        };
        Ok(found.into_iter().flatten().map(fact).collect())
    }

    async fn shops(&self, ids: &[ShopId]) -> Result<Vec<ShopFact>, Fault> {
        Ok(self.ask(SHOP, &json!({ "ids": ids })).await?.into_iter().flatten().collect())
    }
}

#[async_trait]
impl analytics::MerchantFacts for Merchants {
    async fn company(&self, id: CompanyId) -> Result<Option<analytics::CompanyFact>, Fault> {
        Ok(self.ask(CLOCK, &json!({ "ids": [id] })).await?.into_iter().next().flatten())
    }

    async fn shop(&self, id: ShopId) -> Result<Option<analytics::ShopFact>, Fault> {
        Ok(self.ask(SHOP, &json!({ "ids": [id] })).await?.into_iter().next().flatten())
    }
}

#[async_trait]
impl MarketFacts for Merchants {
    async fn companies(&self, ids: &[CompanyId]) -> Result<Vec<Versioned<searched::Company>>, Fault> {
        let found = self.ask::<Searched<searched::Company>>(SEARCHED_COMPANY, &json!({ "ids": ids })).await?;
        Ok(found.into_iter().flatten().map(Searched::versioned).collect())
    }

    async fn shops(&self, ids: &[ShopId]) -> Result<Vec<Versioned<searched::Shop>>, Fault> {
        let found = self.ask::<Searched<searched::Shop>>(SHOP, &json!({ "ids": ids })).await?;
        Ok(found.into_iter().flatten().map(Searched::versioned).collect())
    }
}

/// What search is told of a company or shop.
#[derive(Deserialize)]
struct Searched<T> {
    version: i64,
    #[serde(flatten)]
    fact: T,
}

impl<T> Searched<T> {
    fn versioned(self) -> Versioned<T> {
        Versioned { version: self.version, fact: self.fact }
    }
}

#[async_trait]
impl CatalogSource for Catalog {
    async fn products(&self, after: Option<&str>, first: u32) -> Result<Vec<SourceProduct>, Fault> {
        self.products(&json!({ "after": after, "first": first })).await
    }

    async fn products_by_id(&self, ids: &[String]) -> Result<Vec<SourceProduct>, Fault> {
        self.products(&json!({ "ids": ids, "first": ids.len() })).await
    }

    async fn categories(
        &self,
        companies: &[CompanyId],
    ) -> Result<Vec<SourceShared<searched::Category>>, Fault> {
        self.shared(CATEGORIES, companies).await
    }

    async fn price_lists(
        &self,
        companies: &[CompanyId],
    ) -> Result<Vec<SourceShared<searched::PriceList>>, Fault> {
        self.shared(PRICE_LISTS, companies).await
    }

    fn merchants(&self) -> Option<&dyn MarketFacts> {
        self.merchants.as_ref().map(|merchants| -> &dyn MarketFacts { merchants })
    }
}
