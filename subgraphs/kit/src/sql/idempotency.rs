//! Outcomes of calls with an idempotency key, in the same transaction as their effect.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use serde::Serialize;

use super::bounded::Tx;
use super::database::Sql;
use super::migration::KitIdempotency as Table;
use crate::aggregate::Written;
use crate::call::Call;
use crate::fault::Fault;
use crate::idempotency::{StoredAnswer, same_request};
use crate::user_error::{ErrorCode, UserError};

/// The outcome of the earlier call with the same key, if there was one. `IDEMPOTENCY_KEY_REUSED` when that one
/// had another input.
pub(super) async fn find<C: ErrorCode>(
    tx: &Tx,
    call: &Call,
) -> Result<Option<StoredAnswer<Written, Vec<UserError<C>>>>, Fault> {
    let Some(key) = &call.guard.idempotency_key else { return Ok(None) };
    let query = Query::select()
        .columns([Table::RequestHash, Table::Outcome])
        .from(Table::Table)
        .and_where(Expr::col(Table::Actor).eq(call.actor.as_str()))
        .and_where(Expr::col(Table::Company).eq(company(call)))
        .and_where(Expr::col(Table::Mutation).eq(call.mutation.as_str()))
        .and_where(Expr::col(Table::Key).eq(key.as_str()))
        .and_where(Expr::col(Table::ExpiresAt).gt(call.now.timestamp_micros()))
        .to_owned();
    let Some(row) = tx.query_one(&query).await? else { return Ok(None) };
    let hash: String = row.try_get("", "request_hash")?;
    same_request(call, &hash)?;
    let outcome: String = row.try_get("", "outcome")?;
    Ok(Some(serde_json::from_str(&outcome)?))
}

/// Keeps the outcome under the call's key, if it has one. `IDEMPOTENCY_IN_PROGRESS` when another process was faster on
/// an engine that lets two of them write at once: then nothing of this call takes effect, and sent again it gets that
/// one's answer.
pub(super) async fn remember(
    sql: &Sql,
    tx: &Tx,
    call: &Call,
    outcome: &(impl Serialize + Sync),
) -> Result<(), Fault> {
    let Some(key) = &call.guard.idempotency_key else { return Ok(()) };
    let retention = i64::try_from(sql.idempotency_retention().as_micros()).unwrap_or(i64::MAX);
    let mut replace_expired =
        OnConflict::columns([Table::Actor, Table::Company, Table::Mutation, Table::Key]);
    replace_expired
        .update_columns([Table::RequestHash, Table::Outcome, Table::ExpiresAt])
        .action_and_where(Expr::col((Table::Table, Table::ExpiresAt)).lte(call.now.timestamp_micros()));
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([
            Table::Actor,
            Table::Company,
            Table::Mutation,
            Table::Key,
            Table::RequestHash,
            Table::Outcome,
            Table::ExpiresAt,
        ])
        .values_panic([
            call.actor.as_str().into(),
            company(call).into(),
            call.mutation.as_str().into(),
            key.as_str().into(),
            call.request_hash.as_str().into(),
            serde_json::to_string(outcome)?.into(),
            call.now.timestamp_micros().saturating_add(retention).into(),
        ])
        .on_conflict(replace_expired)
        .to_owned();
    match tx.execute(&insert).await?.rows_affected() {
        0 => Err(Fault::idempotency_in_progress()),
        _ => Ok(()),
    }
}

fn company(call: &Call) -> String {
    call.company.map(|company| company.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::clock::Timestamp;
    use crate::fault::Code;
    use crate::principal::Principal;
    use crate::sql::{KitTables, SqlOptions};

    /// SQLite lets no second process write meanwhile; what another engine would do is played here.
    #[tokio::test]
    async fn an_outcome_that_another_process_wrote_meanwhile_is_not_replaced_before_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let sql = Sql::open(SqlOptions::new(folder.path(), "keys")).await.unwrap();
        sql.migrate::<KitTables>().await.unwrap();
        let mut call = Call::new(&Principal::service("test"), "lampLight", Timestamp::UNIX_EPOCH).keyed("k");
        let tx = sql.begin().await.unwrap();
        remember(&sql, &tx, &call, &"first").await.unwrap();
        let late = remember(&sql, &tx, &call, &"second").await.unwrap_err();
        assert!(late.code() == Code::IdempotencyInProgress && late.is_transient());
        call.now += TimeDelta::days(8);
        remember(&sql, &tx, &call, &"much later").await.unwrap();
    }
}
