//! Reading records, a batch at a time that is bounded in number and in bytes.

use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, FunctionCall, IntoIden, Query, SelectStatement, WindowStatement,
};
use sea_orm::{ConnectionTrait, Order};

use super::super::{Delivered, LARGEST_BATCH, Record};
use super::{Records, Shared, headers_of_json};
use crate::fault::Fault;

/// The records of a topic behind `offset`, at most `limit`, up to the one that makes them [`LARGEST_BATCH`].
pub(super) async fn records(
    log: &Shared,
    topic: &str,
    offset: i64,
    limit: usize,
) -> Result<Vec<Delivered>, Fault> {
    let query = Query::select()
        .columns([Records::Offset, Records::Key, Records::Payload, Records::Headers])
        .from(Records::Table)
        .and_where(Expr::col(Records::Offset).in_subquery(offsets(topic, offset, limit)))
        .order_by(Records::Offset, Order::Asc)
        .to_owned();
    let mut found = Vec::new();
    for row in log.file.reader().query_all(&query).await? {
        let payload: Vec<u8> = row.try_get("", "payload")?;
        let key: String = row.try_get("", "key")?;
        let headers = headers_of_json(row.try_get("", "headers")?)?;
        let record = Record { headers, ..Record::new(topic, key, payload) };
        found.push(Delivered { partition: 0, offset: row.try_get("", "offset")?, record });
    }
    Ok(found)
}

/// Where they stand. SQLite knows the size of a payload without reading it.
fn offsets(topic: &str, offset: i64, limit: usize) -> SelectStatement {
    let (size, total) = (Alias::new("size"), Alias::new("total"));
    let sizes = Query::select()
        .column(Records::Offset)
        .expr_as(Expr::from(bytes(Records::Payload)).add(bytes(Records::Key)), size.clone())
        .from(Records::Table)
        .and_where(Expr::col(Records::Topic).eq(topic))
        .and_where(Expr::col(Records::Offset).gt(offset))
        .order_by(Records::Offset, Order::Asc)
        .limit(u64::try_from(limit).unwrap_or(u64::MAX))
        .to_owned();
    let mut so_far = WindowStatement::new();
    so_far.order_by(Records::Offset, Order::Asc);
    let totals = Query::select()
        .columns([Records::Offset.into_iden(), size.clone().into_iden()])
        .expr_window_as(Expr::col(size.clone()).sum(), so_far, total.clone())
        .from_subquery(sizes, Alias::new("sizes"))
        .to_owned();
    let bound = i64::try_from(LARGEST_BATCH).unwrap_or(i64::MAX);
    Query::select()
        .column(Records::Offset)
        .from_subquery(totals, Alias::new("totals"))
        .and_where(Expr::col(total).sub(Expr::col(size)).lt(bound))
        .to_owned()
}

fn bytes(column: Records) -> FunctionCall {
    Func::cust("OCTET_LENGTH").arg(Expr::col(column))
}
