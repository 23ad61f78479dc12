//! What a writer locks on an engine where several write at once: its idempotency key and the aggregate it changes.
//!
//! SQLite has one writer at a time, who needs no locks. On PostgreSQL they are advisory, held until the transaction
//! ends. They make the second of two changes wait and then see what the first one left, whatever statements a
//! repository reads with; so events of one aggregate are also numbered in the order in which they are committed.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sha2::{Digest, Sha256};

use super::bounded::Tx;
use crate::call::Call;
use crate::fault::Fault;
use crate::idempotency::scoped_key;

/// Locks the call's idempotency key. False when there is nothing to lock: the call has no key, or the engine one writer.
/// `IDEMPOTENCY_IN_PROGRESS` while the first call with it is running in another process.
pub(super) async fn key(tx: &Tx, call: &Call) -> Result<bool, Fault> {
    let Some(key) = scoped_key(call).filter(|_| is_shared(tx)) else { return Ok(false) };
    let row = tx.query_one_raw(statement("SELECT pg_try_advisory_xact_lock($1)", &key)).await?;
    match row.map(|row| row.try_get_by_index::<bool>(0)).transpose()? {
        Some(true) => Ok(true),
        _ => Err(Fault::idempotency_in_progress()),
    }
}

/// Locks the aggregate called `id`; waits while another transaction has it.
pub(super) async fn aggregate(tx: &Tx, id: &str) -> Result<(), Fault> {
    if is_shared(tx) {
        tx.execute_raw(statement("SELECT pg_advisory_xact_lock($1)", &format!("aggregate:{id}"))).await?;
    }
    Ok(())
}

/// The number by which every process knows the lock `name`. Two names with one number only wait for each other.
pub(super) fn number(name: &str) -> i64 {
    let digest = Sha256::digest(name);
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

fn is_shared(tx: &Tx) -> bool {
    tx.get_database_backend() == DbBackend::Postgres
}

fn statement(sql: &str, name: &str) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [number(name).into()])
}
