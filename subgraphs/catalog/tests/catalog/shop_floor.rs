//! The stage of the tests: two companies, two shops, and the operations that several tests send.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use souk_catalog::MediaBase;
use souk_catalog::facts::{CompanyFact, CompanyFacts, ShopFact};
use souk_kit::clock::Timestamp;
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::principal::Principal;
use souk_kit::testing::{Caller, Stage, TestSubgraph, principals};

/// What merchants would answer.
#[derive(Default)]
pub(crate) struct Known {
    companies: Mutex<HashMap<CompanyId, CompanyFact>>,
    shops: Mutex<HashMap<ShopId, ShopFact>>,
}

#[async_trait]
impl CompanyFacts for Known {
    async fn companies(&self, ids: &[CompanyId]) -> Result<Vec<CompanyFact>, Fault> {
        let known = self.companies.lock().unwrap();
        Ok(ids.iter().filter_map(|id| known.get(id).cloned()).collect())
    }

    async fn shops(&self, ids: &[ShopId]) -> Result<Vec<ShopFact>, Fault> {
        let known = self.shops.lock().unwrap();
        Ok(ids.iter().filter_map(|id| known.get(id).cloned()).collect())
    }
}

/// The catalogue with a company, its two shops, and a rival.
pub(crate) struct Floor {
    pub(crate) catalog: TestSubgraph,
    pub(crate) company: CompanyId,
    pub(crate) rival: CompanyId,
    pub(crate) shops: [ShopId; 2],
    admin: Principal,
}

pub(crate) const CREATE: &str = "mutation($input: ProductCreateInput!) { productCreate(input: $input) {
    product { id version slug name status variants { id sku } } userErrors { code path } } }";
pub(crate) const UPDATE: &str = "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) {
    product { id version slug formerSlugs name status brand tags variants { id sku barcode } }
    userErrors { code path currentVersion } } }";

impl Floor {
    pub(crate) async fn open() -> Self {
        Self::on(crate::side::stage().await).await
    }

    pub(crate) async fn on(stage: Stage) -> Self {
        let now: Timestamp = stage.clock().now();
        let (company, rival) = (CompanyId::new(now), CompanyId::new(now));
        let shops = [ShopId::new(now), ShopId::new(now)];
        let known = Known::default();
        for id in [company, rival] {
            let currency = "GBP".parse().unwrap();
            let fact = CompanyFact { id, currency, prices_include_tax: true, active: true, version: 1 };
            known.companies.lock().unwrap().insert(id, fact);
        }
        for id in shops {
            known.shops.lock().unwrap().insert(id, ShopFact { id, company, active: true, version: 1 });
        }
        let subgraph =
            souk_catalog::subgraph(&stage.ports, Arc::new(known), MediaBase::below("")).await.unwrap();
        let admin = principals::company_admin(company);
        Self { catalog: stage.put_on(subgraph).await.unwrap(), company, rival, shops, admin }
    }

    pub(crate) fn caller(&self, principal: Principal) -> Caller {
        self.catalog.caller(principal)
    }

    pub(crate) fn admin(&self) -> Caller {
        self.caller(self.admin.clone())
    }

    pub(crate) fn rival(&self) -> Caller {
        self.caller(principals::company_admin(self.rival))
    }

    pub(crate) fn nobody(&self) -> Caller {
        self.caller(principals::nobody())
    }

    pub(crate) fn manager(&self) -> Caller {
        self.caller(principals::shop_manager(self.company, &self.shops[..1]))
    }

    pub(crate) fn staff(&self) -> Caller {
        self.caller(principals::shop_staff(self.company, &self.shops[..1]))
    }

    /// Does what the subgraph does now and then by itself.
    pub(crate) async fn run_jobs(&self) {
        for job in self.catalog.subgraph.worker().jobs() {
            job.once().await.unwrap();
        }
    }

    /// Lets a consumer take all that happened in the catalogue.
    pub(crate) async fn consume(&self, name: &str) {
        self.catalog.subgraph.worker().relay_pending().await.unwrap();
        let consumer =
            self.catalog.subgraph.worker().consumers().iter().find(|one| one.name() == name).unwrap().clone();
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { consumer.run(stop).await }
        });
        let topics = [Topic::Product.name().to_owned()];
        for _ in 0..400 {
            if self.catalog.stage.ports.events.lag(name, &topics).await.unwrap() == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        stop.cancel();
        running.await.unwrap();
    }

    /// A product of the company, active, with one variant that costs what `fields` say.
    pub(crate) async fn product(&self, name: &str, fields: Json) -> Json {
        let mut input = json!({ "company": self.company, "name": name, "status": "ACTIVE" });
        merge(&mut input, fields);
        let reply = self.admin().send(CREATE, json!({ "input": input })).await;
        let product = reply["data"]["productCreate"]["product"].clone();
        assert!(product.is_object(), "{reply}");
        product
    }
}

/// A mutation of one field with its `input`, such as `productUpdate product { id }`.
pub(crate) fn mutation(text: &str) -> String {
    let (field, selection) = text.split_once(' ').unwrap_or((text, ""));
    let mut letters = field.chars();
    let kind: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let kind = kind.replace("CollectionProductsAdd", "CollectionProducts");
    format!(
        "mutation($input: {kind}Input!) {{ {field}(input: $input) {{ {selection} userErrors {{ code path }} }} }}"
    )
}

/// Sets the fields of `more` in `input`.
pub(crate) fn merge(input: &mut Json, more: Json) {
    let (Json::Object(input), Json::Object(more)) = (input, more) else { return };
    input.extend(more);
}

/// The answer of a mutation, which must not have failed at the top level.
pub(crate) fn payload(reply: &Json) -> &Json {
    assert!(reply.get("errors").is_none(), "{reply}");
    reply["data"].as_object().and_then(|data| data.values().next()).unwrap_or_else(|| panic!("{reply}"))
}

/// The codes of a mutation's refusals.
pub(crate) fn codes(reply: &Json) -> Vec<String> {
    let errors = payload(reply)["userErrors"].as_array().unwrap();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

/// The code of the first top-level error.
pub(crate) fn fault(reply: &Json) -> &str {
    reply["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{reply}"))
}
