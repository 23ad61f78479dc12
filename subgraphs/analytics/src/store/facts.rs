//! The copy of companies and shops, and of whose products are. Versions decide: what is older changes nothing.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SimpleExpr};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::sql::{Sql, Tx};

use super::tables::{CompanyFact as Company, ProductOwner as Owner, ShopFact as Shop};
use crate::domain::ids::ProductId;
use crate::facts::{CompanyFact, ShopFact};

/// Rows of one statement.
const ROWS: usize = 500;

/// Whose a product is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnerFact {
    pub(crate) company: CompanyId,
    pub(crate) is_deleted: bool,
    /// Counts the changes of the product.
    pub(crate) version: i64,
}

/// The company, if an event has told of it.
pub(crate) async fn company(sql: &Sql, id: CompanyId) -> Result<Option<CompanyFact>, Fault> {
    let query = Query::select()
        .columns([Company::TimeZone, Company::Active, Company::Version])
        .from(Company::Table)
        .and_where(Expr::col(Company::Id).eq(id))
        .to_owned();
    let row = sql.reader().query_one(&query).await?;
    row.map(|row| {
        Ok(CompanyFact {
            id,
            time_zone: row.try_get("", "time_zone")?,
            active: row.try_get("", "active")?,
            version: row.try_get("", "version")?,
        })
    })
    .transpose()
}

/// The shop, if an event has told of it.
pub(crate) async fn shop(sql: &Sql, id: ShopId) -> Result<Option<ShopFact>, Fault> {
    let query = Query::select()
        .columns([Shop::Company, Shop::Active, Shop::Version])
        .from(Shop::Table)
        .and_where(Expr::col(Shop::Id).eq(id))
        .to_owned();
    let row = sql.reader().query_one(&query).await?;
    row.map(|row| {
        Ok(ShopFact {
            id,
            company: row.try_get("", "company")?,
            active: row.try_get("", "active")?,
            version: row.try_get("", "version")?,
        })
    })
    .transpose()
}

/// Takes over what an event tells of a company.
pub(crate) async fn learn_company(tx: &Tx, fact: &CompanyFact) -> Result<(), Fault> {
    let newer = newer((Company::Table, Company::Version), fact.version);
    let learn = Query::insert()
        .into_table(Company::Table)
        .columns([Company::Id, Company::TimeZone, Company::Active, Company::Version])
        .values_panic([
            fact.id.into(),
            fact.time_zone.as_str().into(),
            fact.active.into(),
            fact.version.into(),
        ])
        .on_conflict(
            OnConflict::column(Company::Id)
                .update_columns([Company::TimeZone, Company::Active, Company::Version])
                .action_and_where(newer)
                .to_owned(),
        )
        .to_owned();
    tx.execute(&learn).await?;
    Ok(())
}

/// Takes over what an event tells of a shop.
pub(crate) async fn learn_shop(tx: &Tx, fact: &ShopFact) -> Result<(), Fault> {
    let newer = newer((Shop::Table, Shop::Version), fact.version);
    let learn = Query::insert()
        .into_table(Shop::Table)
        .columns([Shop::Id, Shop::Company, Shop::Active, Shop::Version])
        .values_panic([fact.id.into(), fact.company.into(), fact.active.into(), fact.version.into()])
        .on_conflict(
            OnConflict::column(Shop::Id)
                .update_columns([Shop::Company, Shop::Active, Shop::Version])
                .action_and_where(newer)
                .to_owned(),
        )
        .to_owned();
    tx.execute(&learn).await?;
    Ok(())
}

/// Takes over what events tell of whose products are.
pub(crate) async fn learn_owners(tx: &Tx, owners: &BTreeMap<ProductId, OwnerFact>) -> Result<(), Fault> {
    let newer =
        Expr::col((Owner::Table, Owner::Version)).lt(Expr::col((Alias::new("excluded"), Owner::Version)));
    let owners: Vec<_> = owners.iter().collect();
    for owners in owners.chunks(ROWS) {
        let mut learn = Query::insert();
        learn
            .into_table(Owner::Table)
            .columns([Owner::Id, Owner::Company, Owner::Deleted, Owner::Version])
            .on_conflict(
                OnConflict::column(Owner::Id)
                    .update_columns([Owner::Company, Owner::Deleted, Owner::Version])
                    .action_and_where(newer.clone())
                    .to_owned(),
            );
        for (product, fact) in owners {
            learn.values_panic([
                (**product).into(),
                fact.company.into(),
                fact.is_deleted.into(),
                fact.version.into(),
            ]);
        }
        tx.execute(&learn).await?;
    }
    Ok(())
}

fn newer(column: impl sea_orm::sea_query::IntoColumnRef, version: i64) -> SimpleExpr {
    Expr::col(column).lt(version)
}
