//! A market to test on: two companies with a shop each, and callers of every kind.

use serde_json::{Value as Json, json};
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::testing::{Caller, Stage, TestSubgraph, principals};

/// `bazaar` with the shop `mitte`, and its rival `souq` with the shop `marina`.
pub(crate) struct Market {
    pub(crate) merchants: TestSubgraph,
    pub(crate) bazaar: CompanyId,
    pub(crate) mitte: ShopId,
    pub(crate) souq: CompanyId,
    pub(crate) marina: ShopId,
}

const COMPANY_CREATE: &str = "mutation($input: CompanyCreateInput!) { companyCreate(input: $input) { company { id } userErrors { code path } } }";
const SHOP_CREATE: &str = "mutation($input: ShopCreateInput!) { shopCreate(input: $input) { shop { id } userErrors { code path } } }";

impl Market {
    pub(crate) async fn open() -> Self {
        let stage = Stage::new().await.unwrap();
        let subgraph = souk_merchants::subgraph(&stage.ports).await.unwrap();
        let merchants = stage.put_on(subgraph).await.unwrap();
        let platform = merchants.caller(principals::super_admin());
        let bazaar = new_company(&platform, company("bazaar")).await;
        let souq = new_company(&platform, company("souq")).await;
        let mitte = new_shop(&platform, shop(bazaar, "mitte")).await;
        let marina = new_shop(&platform, shop(souq, "marina")).await;
        let _ = merchants.statements();
        Self { merchants, bazaar, mitte, souq, marina }
    }

    /// Runs the platform.
    pub(crate) fn platform(&self) -> Caller {
        self.merchants.caller(principals::super_admin())
    }

    /// Runs bazaar.
    pub(crate) fn admin(&self) -> Caller {
        self.merchants.caller(principals::company_admin(self.bazaar))
    }

    /// Runs mitte.
    pub(crate) fn manager(&self) -> Caller {
        self.merchants.caller(principals::shop_manager(self.bazaar, &[self.mitte]))
    }

    /// Works in mitte.
    pub(crate) fn staff(&self) -> Caller {
        self.merchants.caller(principals::shop_staff(self.bazaar, &[self.mitte]))
    }

    /// Works in a shop of bazaar.
    pub(crate) fn staff_of(&self, shop: ShopId) -> Caller {
        self.merchants.caller(principals::shop_staff(self.bazaar, &[shop]))
    }

    /// Runs the other company.
    pub(crate) fn rival(&self) -> Caller {
        self.merchants.caller(principals::company_admin(self.souq))
    }

    /// Buys.
    pub(crate) fn customer(&self) -> Caller {
        self.merchants.caller(principals::customer())
    }

    /// Nobody in particular.
    pub(crate) fn nobody(&self) -> Caller {
        self.merchants.caller(principals::nobody())
    }
}

/// The least that a company called `slug` needs.
pub(crate) fn company(slug: &str) -> Json {
    json!({ "name": slug, "slug": slug, "settings": { "currency": "EUR", "timeZone": "Europe/Berlin" } })
}

/// The least that an online shop called `slug` needs.
pub(crate) fn shop(company: CompanyId, slug: &str) -> Json {
    json!({ "company": company, "name": slug, "slug": slug, "kind": "ONLINE" })
}

/// `base` with `more` laid over it.
pub(crate) fn with(mut base: Json, more: Json) -> Json {
    let (Some(fields), Json::Object(more)) = (base.as_object_mut(), more) else { panic!("both are objects") };
    fields.extend(more);
    base
}

pub(crate) async fn create_company(caller: &Caller, input: Json) -> Json {
    caller.send(COMPANY_CREATE, json!({ "input": input })).await
}

pub(crate) async fn create_shop(caller: &Caller, input: Json) -> Json {
    caller.send(SHOP_CREATE, json!({ "input": input })).await
}

pub(crate) async fn new_company(caller: &Caller, input: Json) -> CompanyId {
    let reply = create_company(caller, input).await;
    id(&reply, "/data/companyCreate/company/id").parse().unwrap()
}

pub(crate) async fn new_shop(caller: &Caller, input: Json) -> ShopId {
    let reply = create_shop(caller, input).await;
    id(&reply, "/data/shopCreate/shop/id").parse().unwrap()
}

/// The text at `pointer`, which must be there.
pub(crate) fn id<'r>(reply: &'r Json, pointer: &str) -> &'r str {
    reply.pointer(pointer).and_then(Json::as_str).unwrap_or_else(|| panic!("no {pointer} in {reply}"))
}

/// The codes of the user errors of the only mutation in `reply`.
pub(crate) fn codes(reply: &Json) -> Vec<String> {
    let payload = reply["data"].as_object().and_then(|data| data.values().next()).unwrap_or(&Json::Null);
    let errors = payload["userErrors"].as_array().unwrap_or_else(|| panic!("no payload in {reply}"));
    errors.iter().map(|error| error["code"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The codes of the top-level errors, each with its path.
pub(crate) fn faults(reply: &Json) -> Vec<String> {
    let errors = reply["errors"].as_array().cloned().unwrap_or_default();
    let line = |error: &Json| {
        let path: Vec<String> = error["path"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
            .collect();
        format!("{} {}", path.join("."), error["extensions"]["code"].as_str().unwrap_or("?"))
    };
    errors.iter().map(line).collect()
}
