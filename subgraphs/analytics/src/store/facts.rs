//! The copy of companies and shops. Versions decide: what is older changes nothing.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SimpleExpr};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::sql::{Sql, Tx};

use super::tables::{CompanyFact as Company, ShopFact as Shop};
use crate::facts::{CompanyFact, ShopFact};

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

fn newer(column: impl sea_orm::sea_query::IntoColumnRef, version: i64) -> SimpleExpr {
    Expr::col(column).lt(version)
}
