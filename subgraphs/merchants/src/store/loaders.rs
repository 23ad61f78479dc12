//! Batches: what one level of a query asks of companies and shops becomes one query each.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, WindowStatement};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::loader::BatchLoad;
use souk_kit::page::{Page, Slice};
use souk_kit::permission::Visibility;
use souk_kit::sql::{Asked, Keyset, ReadOnlyAsked, Tenanted};

use super::filter::{ShopFilter, Sort};
use super::rows::shop;
use super::{Companies, Shops};
use crate::domain::company::Company;
use crate::domain::shop::Shop;

/// Companies by their ids.
pub(crate) struct CompanyById {
    pub(crate) companies: Companies,
    pub(crate) scope: Visibility,
}

#[async_trait::async_trait]
impl BatchLoad for CompanyById {
    type Key = CompanyId;
    type Value = Arc<Company>;

    async fn load(&self, keys: &[CompanyId]) -> Result<HashMap<CompanyId, Arc<Company>>, Fault> {
        self.companies.many(&self.scope, keys).await
    }
}

/// Shops by their ids.
pub(crate) struct ShopById {
    pub(crate) shops: Shops,
    pub(crate) scope: Visibility,
}

#[async_trait::async_trait]
impl BatchLoad for ShopById {
    type Key = ShopId;
    type Value = Arc<Shop>;

    async fn load(&self, keys: &[ShopId]) -> Result<HashMap<ShopId, Arc<Shop>>, Fault> {
        self.shops.many(&self.scope, keys).await
    }
}

/// One page of the shops of one company. Two are the same key when all of it is the same.
#[derive(Debug, Clone)]
pub(crate) struct ShopsOfCompany {
    pub(crate) company: CompanyId,
    pub(crate) list: Arc<ShopList>,
}

/// Which page of which shops, whatever the company.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ShopList {
    pub(crate) filter: ShopFilter,
    pub(crate) sort: Sort,
    pub(crate) page: Page,
    /// What the rows are read for.
    pub(crate) asked: Asked,
}

impl PartialEq for ShopsOfCompany {
    fn eq(&self, other: &Self) -> bool {
        self.company == other.company && self.list == other.list
    }
}

impl Eq for ShopsOfCompany {}

impl Hash for ShopsOfCompany {
    /// By the company alone: a query rarely asks for several lists of one, and equality tells those apart.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.company.hash(state);
    }
}

/// Pages of shops of many companies: one query per distinct list, however many companies ask.
pub(crate) struct ShopsOfCompanies {
    pub(crate) shops: Shops,
    pub(crate) scope: Visibility,
    pub(crate) now: Timestamp,
}

#[async_trait::async_trait]
impl BatchLoad for ShopsOfCompanies {
    type Key = ShopsOfCompany;
    type Value = Slice<Arc<Shop>>;

    async fn load(
        &self,
        keys: &[ShopsOfCompany],
    ) -> Result<HashMap<ShopsOfCompany, Slice<Arc<Shop>>>, Fault> {
        let mut answer = HashMap::with_capacity(keys.len());
        for (list, companies) in grouped(keys, |key| (&key.list, key.company)) {
            let mut of_company = self.first_of_each(list, &companies).await?;
            for company in companies {
                let rows = of_company.remove(&company).unwrap_or_default();
                answer.insert(ShopsOfCompany { company, list: Arc::clone(list) }, list.page.slice(rows));
            }
        }
        Ok(answer)
    }
}

impl ShopsOfCompanies {
    /// The rows of the list's page of each company, in the order in which the page wants them.
    async fn first_of_each(
        &self,
        list: &ShopList,
        companies: &[CompanyId],
    ) -> Result<HashMap<CompanyId, Vec<Arc<Shop>>>, Fault> {
        let (rank, ranked) = (Alias::new("rank_in_company"), Alias::new("ranked"));
        let keys = list.sort.of_shops();
        let mut ranks = self
            .shops
            .listed(&self.scope, &list.filter, self.now)
            .await?
            .filter(shop::Column::CompanyId.is_in(companies.iter().copied()))
            .page(&list.page, &keys)?
            .select_only()
            .column(shop::Column::Id)
            .into_query();
        let mut window = WindowStatement::partition_by((shop::Entity, shop::Column::CompanyId));
        let turned = |order: &Order| match (order, list.page.backward) {
            (Order::Asc, true) => Order::Desc,
            (Order::Desc, true) => Order::Asc,
            (order, _) => order.clone(),
        };
        for key in &keys {
            window.order_by((shop::Entity, key.column), turned(&key.order));
        }
        // Each company has a page of its own: the rank cuts it, not the limit of the whole.
        ranks.reset_limit().clear_order_by().expr_window_as(Func::cust("ROW_NUMBER"), window, rank.clone());
        let fetch = i64::try_from(list.page.fetch()).unwrap_or(i64::MAX);
        let first = Query::select()
            .column((ranked.clone(), shop::Column::Id))
            .from_subquery(ranks, ranked)
            .and_where(Expr::col(rank).lte(fetch))
            .to_owned();
        let mut query = shop::Entity::visible_to(&self.scope)
            .filter(shop::Column::Id.in_subquery(first))
            .only(&list.asked);
        for key in &keys {
            query = query.order_by(key.column, turned(&key.order));
        }
        let mut of_company: HashMap<CompanyId, Vec<Arc<Shop>>> = HashMap::new();
        for row in query.all(self.shops.reader()).await? {
            of_company.entry(row.company_id).or_default().push(Arc::new(row.try_into()?));
        }
        Ok(of_company)
    }
}

/// How many shops of a company a filter wants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ShopCount {
    pub(crate) company: CompanyId,
    pub(crate) filter: Arc<ShopFilter>,
}

impl Eq for ShopCount {}

impl Hash for ShopCount {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.company.hash(state);
    }
}

/// Counts of shops of many companies: one query per distinct filter.
pub(crate) struct ShopCounts {
    pub(crate) shops: Shops,
    pub(crate) scope: Visibility,
    pub(crate) now: Timestamp,
}

#[async_trait::async_trait]
impl BatchLoad for ShopCounts {
    type Key = ShopCount;
    type Value = u64;

    async fn load(&self, keys: &[ShopCount]) -> Result<HashMap<ShopCount, u64>, Fault> {
        let mut answer = HashMap::with_capacity(keys.len());
        for (filter, companies) in grouped(keys, |key| (&key.filter, key.company)) {
            let counts: Vec<(CompanyId, i64)> = self
                .shops
                .listed(&self.scope, filter, self.now)
                .await?
                .filter(shop::Column::CompanyId.is_in(companies.iter().copied()))
                .select_only()
                .column(shop::Column::CompanyId)
                .column_as(shop::Column::Id.count(), "count")
                .group_by(shop::Column::CompanyId)
                .into_tuple()
                .all(self.shops.reader())
                .await?;
            let counts: HashMap<_, _> = counts.into_iter().collect();
            for company in companies {
                let count = counts.get(&company).and_then(|count| u64::try_from(*count).ok()).unwrap_or(0);
                answer.insert(ShopCount { company, filter: Arc::clone(filter) }, count);
            }
        }
        Ok(answer)
    }
}

/// Which companies ask for the same, in the order of asking; few ask for different things.
fn grouped<'k, K, S: PartialEq>(
    keys: &'k [K],
    parts: impl Fn(&'k K) -> (&'k Arc<S>, CompanyId),
) -> Vec<(&'k Arc<S>, Vec<CompanyId>)> {
    let mut groups: Vec<(&Arc<S>, Vec<CompanyId>)> = Vec::new();
    for key in keys {
        let (same, company) = parts(key);
        match groups.iter_mut().find(|(of, _)| *of == same) {
            Some((_, companies)) => companies.push(company),
            None => groups.push((same, vec![company])),
        }
    }
    groups
}
