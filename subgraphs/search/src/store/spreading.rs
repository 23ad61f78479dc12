//! How a change of a part reaches all products that share it: in bounded batches, each a transaction that says how far
//! it came, so that a kill costs one batch at most.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Cond, Expr, ExprTrait, Order, Query, SelectStatement};
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use super::indexer_tables::{Product, ProductLink, SharedPart, Spread};
use super::learning::{Projections, Shared};
use crate::domain::heard::Category;

/// How many products one transaction reaches.
const BATCH: u64 = 500;

impl Projections {
    /// Takes one change a batch further; whether there was one.
    pub(crate) async fn spread_on(&self, now: Timestamp) -> Result<bool, Fault> {
        let next = Query::select()
            .columns([Spread::Target, Spread::Kind, Spread::Company, Spread::After, Spread::Change])
            .from(Spread::Table)
            .order_by(Spread::BegunAt, Order::Asc)
            .limit(1)
            .to_owned();
        // Most often there is none, and a look costs the writer nothing.
        if self.sql.reader().query_one(&next).await?.is_none() {
            return Ok(false);
        }
        let tx = self.sql.begin().await?;
        let Some(row) = tx.query_one(&next).await? else { return Ok(false) };
        let (target, kind): (String, String) = (row.try_get("", "target")?, row.try_get("", "kind")?);
        let (company, after): (String, String) = (row.try_get("", "company")?, row.try_get("", "after")?);
        let change: i64 = row.try_get("", "change")?;
        let reached = match Shared::from_stored(&kind) {
            Some(Shared::Company) => of_company(&tx, &company, &after).await?,
            Some(Shared::Category) => {
                let targets = below(&tx, &company, &target).await?;
                of_targets(&tx, targets, &after).await?
            }
            Some(Shared::Shop | Shared::PriceList) => of_targets(&tx, vec![target.clone()], &after).await?,
            None => return Err(Fault::broken(format!("`{kind}` is no kind of shared part"))),
        };
        self.raise(&tx, &reached, now).await?;
        let this = Cond::all()
            .add(Expr::col(Spread::Target).eq(target.as_str()))
            .add(Expr::col(Spread::After).eq(after.as_str()))
            .add(Expr::col(Spread::Change).eq(change));
        match reached.last() {
            Some(last) => {
                let further = Query::update()
                    .table(Spread::Table)
                    .value(Spread::After, last.as_str())
                    .cond_where(this)
                    .to_owned();
                tx.execute(&further).await?;
            }
            None => {
                let done = Query::delete().from_table(Spread::Table).cond_where(this).to_owned();
                tx.execute(&done).await?;
            }
        }
        tx.commit().await?;
        self.changed().notify_one();
        Ok(true)
    }

    /// Raises the revision of products and marks them for the index.
    pub(super) async fn raise(&self, tx: &Tx, products: &[String], now: Timestamp) -> Result<(), Fault> {
        if products.is_empty() {
            return Ok(());
        }
        let raise = Query::update()
            .table(Product::Table)
            .value(Product::Revision, Expr::col(Product::Revision).add(1))
            .value(Product::DirtyAt, now.timestamp_micros())
            .and_where(Expr::col(Product::Id).is_in(products.iter().map(String::as_str)))
            .to_owned();
        tx.execute(&raise).await?;
        Ok(())
    }
}

async fn of_company(tx: &Tx, company: &str, after: &str) -> Result<Vec<String>, Fault> {
    let next = Query::select()
        .column(Product::Id)
        .from(Product::Table)
        .and_where(Expr::col(Product::Company).eq(company))
        .and_where(Expr::col(Product::Id).gt(after))
        .order_by(Product::Id, Order::Asc)
        .limit(BATCH)
        .to_owned();
    ids(tx, &next, "id").await
}

async fn of_targets(tx: &Tx, targets: Vec<String>, after: &str) -> Result<Vec<String>, Fault> {
    let next = Query::select()
        .distinct()
        .column(ProductLink::Product)
        .from(ProductLink::Table)
        .and_where(Expr::col(ProductLink::Target).is_in(targets))
        .and_where(Expr::col(ProductLink::Product).gt(after))
        .order_by(ProductLink::Product, Order::Asc)
        .limit(BATCH)
        .to_owned();
    ids(tx, &next, "product").await
}

/// A category and all below it.
async fn below(tx: &Tx, company: &str, top: &str) -> Result<Vec<String>, Fault> {
    let all = Query::select()
        .columns([SharedPart::Id, SharedPart::State])
        .from(SharedPart::Table)
        .and_where(Expr::col(SharedPart::Company).eq(company))
        .and_where(Expr::col(SharedPart::Kind).eq(Shared::Category.as_str()))
        .to_owned();
    let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in tx.query_all(&all).await? {
        let Some(state) = row.try_get::<Option<String>>("", "state")? else { continue };
        let category: Category = serde_json::from_str(&state)?;
        if let Some(parent) = category.parent {
            children.entry(parent.to_string()).or_default().push(category.id.to_string());
        }
    }
    let mut found = BTreeSet::from([top.to_owned()]);
    let mut open = vec![top.to_owned()];
    while let Some(next) = open.pop() {
        for child in children.remove(&next).unwrap_or_default() {
            if found.insert(child.clone()) {
                open.push(child);
            }
        }
    }
    Ok(found.into_iter().collect())
}

async fn ids(tx: &Tx, query: &SelectStatement, column: &str) -> Result<Vec<String>, Fault> {
    let rows = tx.query_all(query).await?;
    Ok(rows.iter().map(|row| row.try_get("", column)).collect::<Result<_, _>>()?)
}
