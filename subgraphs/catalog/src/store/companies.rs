//! The small copy of companies and their shops: fed by events, filled on a miss.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde::{Deserialize, Serialize};
use souk_kit::call::Call;
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::documents::{Collection, Decided, Filter, Index, Repository, View};
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Tenant, Visibility};
use souk_kit::principal::Principal;

use crate::error::{CatalogError, CatalogErrorCode};
use crate::facts::{CompanyFact, CompanyFacts, LARGEST_BATCH, ShopFact};

/// How long another process's change may go unnoticed here; changes of this process are seen at once.
const STALE: Duration = Duration::from_millis(500);
/// Companies held in memory.
const HELD: u64 = 10_000;
/// Companies with restrictions that a filter names at most.
const MOST_RESTRICTED: usize = 10_000;
/// The field with the ids of a company's shops.
const SHOP: &str = "shop";
/// The field that marks companies that are not, or not wholly, public.
const RESTRICTED: &str = "restricted";

/// A company with its shops, as documents keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyRecord {
    /// The company.
    pub company: CompanyFact,
    /// Those of its shops that were told of.
    #[serde(default)]
    pub shops: BTreeMap<ShopId, ShopFact>,
}

/// The records of all companies.
pub enum CompanyRecords {}

impl Collection for CompanyRecords {
    type State = CompanyRecord;

    const NAME: &'static str = "companies";
    const SOURCE: &'static str = "/souk/catalog";
    const TOPIC: Topic = Topic::Company;
    const SCHEMA_VERSION: u32 = 1;

    fn id(record: &CompanyRecord) -> String {
        record.company.id.to_string()
    }

    fn tenant(record: &CompanyRecord) -> Tenant {
        Tenant::company(record.company.id)
    }

    fn index(record: &CompanyRecord) -> Index {
        let index = Index::default().fields(SHOP, record.shops.keys().copied());
        if record.company.active && record.shops.values().all(|shop| shop.active) {
            return index;
        }
        index.field(RESTRICTED, "yes")
    }
}

/// What of companies and shops the public does not see.
#[derive(Debug, Clone, Default)]
pub struct Restrictions {
    /// Deactivated companies.
    pub inactive_companies: Vec<CompanyId>,
    /// Active companies with deactivated shops.
    pub with_inactive_shops: Vec<CompanyId>,
    /// The active shops of those.
    pub their_active_shops: Vec<ShopId>,
}

/// The copy, with what is asked for all the time held in memory.
pub struct Companies {
    records: Repository<CompanyRecords>,
    facts: Arc<dyn CompanyFacts>,
    clock: Clock,
    held: Cache<CompanyId, Arc<CompanyRecord>>,
    held_shops: Cache<ShopId, ShopFact>,
    restrictions: Cache<(), Arc<Restrictions>>,
}

impl Companies {
    pub(super) fn new(
        records: Repository<CompanyRecords>,
        facts: Arc<dyn CompanyFacts>,
        clock: Clock,
    ) -> Self {
        let held = Cache::builder().max_capacity(HELD).time_to_live(STALE).build();
        let held_shops = Cache::builder().max_capacity(HELD).time_to_live(STALE).build();
        let restrictions = Cache::builder().max_capacity(1).time_to_live(STALE).build();
        Self { records, facts, clock, held, held_shops, restrictions }
    }

    /// The company with its known shops; merchants is asked when no event has told of it.
    pub async fn get(&self, id: CompanyId) -> Result<Option<Arc<CompanyRecord>>, Fault> {
        Ok(self.get_many(&[id]).await?.pop())
    }

    /// Those of the companies that exist, in one store query for all that are not held in memory.
    pub async fn get_many(&self, ids: &[CompanyId]) -> Result<Vec<Arc<CompanyRecord>>, Fault> {
        let mut found = Vec::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in ids {
            match self.held.get(id).await {
                Some(record) => found.push(record),
                None => missing.push(*id),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let mut known = self.records.get_many(&everything(), missing.iter().map(ToString::to_string)).await?;
        let untold: Vec<CompanyId> =
            missing.iter().copied().filter(|id| !known.contains_key(&id.to_string())).collect();
        let mut asked = self.ask(&untold).await?;
        for id in missing {
            let record = match known.remove(&id.to_string()) {
                Some(document) => document.state,
                None => match asked.remove(&id) {
                    Some(company) => CompanyRecord { company, shops: BTreeMap::new() },
                    None => continue,
                },
            };
            let record = Arc::new(record);
            self.held.insert(id, Arc::clone(&record)).await;
            found.push(record);
        }
        Ok(found)
    }

    /// Learns from merchants of companies that no event has told of.
    async fn ask(&self, untold: &[CompanyId]) -> Result<BTreeMap<CompanyId, CompanyFact>, Fault> {
        let mut told = BTreeMap::new();
        for some in untold.chunks(LARGEST_BATCH) {
            for company in self.facts.companies(some).await? {
                self.learn_company(company.clone(), self.clock.now()).await?;
                told.insert(company.id, company);
            }
        }
        Ok(told)
    }

    /// The company with its known shops, among them those of `wanted` that are its own: merchants is asked for
    /// the ones that no event has told of.
    pub async fn with_shops(
        &self,
        id: CompanyId,
        wanted: &[ShopId],
        now: Timestamp,
    ) -> Result<Option<Arc<CompanyRecord>>, Fault> {
        let Some(record) = self.get(id).await? else { return Ok(None) };
        let mut learned = false;
        let untold: Vec<ShopId> =
            wanted.iter().copied().filter(|shop| !record.shops.contains_key(shop)).collect();
        for some in untold.chunks(LARGEST_BATCH) {
            for fact in self.facts.shops(some).await?.into_iter().filter(|fact| fact.company == id) {
                self.learn_shop(fact, now).await?;
                learned = true;
            }
        }
        if learned { self.get(id).await } else { Ok(Some(record)) }
    }

    /// The shop; merchants is asked when no event has told of it.
    pub async fn shop(&self, id: ShopId, now: Timestamp) -> Result<Option<ShopFact>, Fault> {
        if let Some(fact) = self.held_shops.get(&id).await {
            return Ok(Some(fact));
        }
        let owners = self.records.find(&everything(), Filter::equal(SHOP, id), 1).await?;
        let known = owners.into_iter().find_map(|mut listed| listed.document.state.shops.remove(&id));
        let fact = match known {
            Some(fact) => fact,
            None => match self.facts.shops(&[id]).await?.pop() {
                Some(fact) => {
                    self.learn_shop(fact.clone(), now).await?;
                    fact
                }
                None => return Ok(None),
            },
        };
        self.held_shops.insert(id, fact.clone()).await;
        Ok(Some(fact))
    }

    /// What of companies and shops the public does not see.
    pub async fn restrictions(&self) -> Result<Arc<Restrictions>, Fault> {
        let held = self.restrictions.try_get_with((), self.load_restrictions()).await;
        held.map_err(|fault| Fault::clone(&fault))
    }

    async fn load_restrictions(&self) -> Result<Arc<Restrictions>, Fault> {
        let filter = Filter::equal(RESTRICTED, "yes");
        let found = self.records.find(&everything(), filter, MOST_RESTRICTED).await?;
        let mut restrictions = Restrictions::default();
        for CompanyRecord { company, shops } in found.into_iter().map(|listed| listed.document.state) {
            if company.active {
                restrictions.with_inactive_shops.push(company.id);
                let active = shops.values().filter(|shop| shop.active);
                restrictions.their_active_shops.extend(active.map(|shop| shop.id));
            } else {
                restrictions.inactive_companies.push(company.id);
            }
        }
        Ok(Arc::new(restrictions))
    }

    /// Takes in what an event or merchants says of a company, unless something newer is known.
    pub async fn learn_company(&self, company: CompanyFact, now: Timestamp) -> Result<(), Fault> {
        self.learn(company.id, now, |known| {
            let shops = known.map(|known| known.shops.clone()).unwrap_or_default();
            let is_news = known.is_none_or(|known| known.company.version < company.version);
            is_news.then(|| CompanyRecord { company: company.clone(), shops })
        })
        .await
    }

    /// Takes in what an event or merchants says of a shop, unless something newer is known.
    pub async fn learn_shop(&self, shop: ShopFact, now: Timestamp) -> Result<(), Fault> {
        let Some(owner) = self.get(shop.company).await? else {
            return Err(Fault::broken(format!("the shop {} has no company", shop.id)).transient());
        };
        self.held_shops.invalidate(&shop.id).await;
        self.learn(shop.company, now, |known| {
            let new = || CompanyRecord { company: owner.company.clone(), shops: BTreeMap::new() };
            let mut record = known.cloned().unwrap_or_else(new);
            if record.shops.get(&shop.id).is_some_and(|known| known.version >= shop.version) {
                return None;
            }
            record.shops.insert(shop.id, shop.clone());
            Some(record)
        })
        .await
    }

    /// Changes the record of a company, or makes it, when `news` has something new to say of it.
    async fn learn(
        &self,
        id: CompanyId,
        now: Timestamp,
        news: impl Fn(Option<&CompanyRecord>) -> Option<CompanyRecord> + Send + Sync,
    ) -> Result<(), Fault> {
        let call = Call::new(&Principal::service("catalog"), "learn", now);
        let scope = Visibility::everything_for("catalog.learn");
        let decided = |state| Decided { state, events: Vec::new(), answer: () };
        let nothing_new = || vec![CatalogError::new(CatalogErrorCode::Invalid, "nothing new")];
        let key = id.to_string();
        loop {
            let changed = self.records.change(
                &scope,
                &key,
                &call,
                |_| CatalogError::not_found(),
                |known| news(Some(&known.state)).map(decided).ok_or_else(nothing_new),
            );
            let is_unknown = match changed.await? {
                Ok(()) => false,
                Err(errors) => errors.iter().any(|error| error.code() == CatalogErrorCode::NotFound),
            };
            let Some(record) = news(None).filter(|_| is_unknown) else { break };
            let made = Decided { state: record, events: Vec::new(), answer: () };
            if self.records.try_create(&call, &made).await? {
                break;
            }
        }
        self.held.invalidate(&id).await;
        self.restrictions.invalidate(&()).await;
        Ok(())
    }
}

/// The copy belongs to the catalogue itself; what callers see of it is decided where it is used.
fn everything() -> View {
    View::new(&Visibility::everything_for("catalog.companies"), Filter::everything())
}
