//! Which event made a product active the first time: that is counted once, however often it is hidden and shown again.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use souk_kit::fault::Fault;
use souk_kit::sql::Tx;

use super::tables::ProductFact;
use crate::domain::ids::ProductId;

/// Notes, for products that are not noted yet, the `sequence` of the event that told that they are active. Answers the
/// one that is noted for each.
pub(crate) async fn published_by(
    tx: &Tx,
    told: &BTreeMap<ProductId, i64>,
) -> Result<BTreeMap<ProductId, i64>, Fault> {
    if told.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut note = Query::insert();
    note.into_table(ProductFact::Table)
        .columns([ProductFact::Id, ProductFact::PublishedBy])
        .on_conflict(OnConflict::column(ProductFact::Id).do_nothing().to_owned());
    for (product, sequence) in told {
        note.values_panic([(*product).into(), (*sequence).into()]);
    }
    tx.execute(&note).await?;
    let noted = Query::select()
        .columns([ProductFact::Id, ProductFact::PublishedBy])
        .from(ProductFact::Table)
        .and_where(Expr::col(ProductFact::Id).is_in(told.keys().copied()))
        .to_owned();
    let rows = tx.query_all(&noted).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "published_by")?))).collect()
}
