//! What is indexed of a document: its values and unique keys, a row each. A change writes only the rows that differ, for
//! most changes leave most of them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::Hash;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Cond, Expr, ExprTrait, Query as Statement};

use super::super::collection::Index;
use super::super::filter::IndexValue;
use super::tables::{Column, Tables};
use crate::fault::Fault;
use crate::sql::Tx;

/// Rows of one statement: `SQLite` takes 32,766 values at most.
const CHUNK: usize = 1_000;
/// Values that one condition names: `SQLite` nests them, 1,000 deep at most.
const NAMED: usize = 400;

/// A field and one of its values.
type Entry = (Cow<'static, str>, IndexValue);

/// What is indexed of the document now.
pub(super) async fn read(tx: &Tx, tables: &Tables, id: &str) -> Result<Index, Fault> {
    let keys = Statement::select()
        .column(Column::Key)
        .from(tables.keys.clone())
        .and_where(Expr::col(Column::Document).eq(id))
        .to_owned();
    let values = Statement::select()
        .columns([Column::Field, Column::Value])
        .from(tables.values.clone())
        .and_where(Expr::col(Column::Document).eq(id))
        .to_owned();
    let mut index = Index::default();
    for row in tx.query_all(&keys).await? {
        index.unique.push(row.try_get_by_index(0)?);
    }
    for row in tx.query_all(&values).await? {
        let (field, value): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        index.fields.push((field.into(), IndexValue::from(value)));
    }
    Ok(index)
}

/// Brings what is indexed of the document from `old` to `new`. Answers the first unique key that another document
/// holds; then nothing is written.
pub(super) async fn change(
    tx: &Tx,
    tables: &Tables,
    id: &str,
    old: &Index,
    new: &Index,
) -> Result<Option<String>, Fault> {
    let keys = only_in(&new.unique, &old.unique);
    if let Some(key) = taken(tx, tables, id, &keys).await? {
        return Ok(Some(key));
    }
    drop_keys(tx, tables, id, &only_in(&old.unique, &new.unique)).await?;
    drop_values(tx, tables, id, &only_in(&old.fields, &new.fields)).await?;
    add_keys(tx, tables, id, &keys).await?;
    add_values(tx, tables, id, &only_in(&new.fields, &old.fields)).await?;
    Ok(None)
}

/// What is in `these` and not in `others`, in order.
fn only_in<T: Clone + Eq + Hash>(these: &[T], others: &[T]) -> Vec<T> {
    let others: HashSet<_> = others.iter().collect();
    these.iter().filter(|one| !others.contains(one)).cloned().collect()
}

/// The first of the keys that another document holds.
async fn taken(tx: &Tx, tables: &Tables, id: &str, keys: &[String]) -> Result<Option<String>, Fault> {
    for keys in keys.chunks(CHUNK) {
        let select = Statement::select()
            .column(Column::Key)
            .from(tables.keys.clone())
            .and_where(Expr::col(Column::Key).is_in(keys.iter().map(String::as_str)))
            .and_where(Expr::col(Column::Document).ne(id))
            .limit(1)
            .to_owned();
        if let Some(row) = tx.query_one(&select).await? {
            return Ok(Some(row.try_get_by_index(0)?));
        }
    }
    Ok(None)
}

pub(super) async fn drop_keys(tx: &Tx, tables: &Tables, id: &str, keys: &[String]) -> Result<(), Fault> {
    for keys in keys.chunks(CHUNK) {
        let delete = Statement::delete()
            .from_table(tables.keys.clone())
            .and_where(Expr::col(Column::Document).eq(id))
            .and_where(Expr::col(Column::Key).is_in(keys.iter().map(String::as_str)))
            .to_owned();
        tx.execute(&delete).await?;
    }
    Ok(())
}

async fn drop_values(tx: &Tx, tables: &Tables, id: &str, entries: &[Entry]) -> Result<(), Fault> {
    for entries in entries.chunks(NAMED) {
        let named = entries.iter().fold(Cond::any(), |named, (field, value)| {
            let field = Expr::col(Column::Field).eq(field.as_ref());
            named.add(field.and(Expr::col(Column::Value).eq(value.as_str())))
        });
        let delete = Statement::delete()
            .from_table(tables.values.clone())
            .and_where(Expr::col(Column::Document).eq(id))
            .cond_where(named)
            .to_owned();
        tx.execute(&delete).await?;
    }
    Ok(())
}

async fn add_keys(tx: &Tx, tables: &Tables, id: &str, keys: &[String]) -> Result<(), Fault> {
    for keys in keys.chunks(CHUNK) {
        let mut insert = Statement::insert();
        insert.into_table(tables.keys.clone()).columns([Column::Key, Column::Document]);
        for key in keys {
            insert.values_panic([key.as_str().into(), id.into()]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}

async fn add_values(tx: &Tx, tables: &Tables, id: &str, entries: &[Entry]) -> Result<(), Fault> {
    for entries in entries.chunks(CHUNK) {
        let mut insert = Statement::insert();
        insert.into_table(tables.values.clone()).columns([Column::Document, Column::Field, Column::Value]);
        for (field, value) in entries {
            insert.values_panic([id.into(), field.as_ref().into(), value.as_str().into()]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}
