//! Tables that refuse a row: a fault of a store that does not pass by itself, until somebody mends it.

use sea_orm::{ConnectionTrait, DbBackend};

use crate::fault::Fault;
use crate::sql::Sql;

/// Has `table` refuse rows with one of `values` in `column`, until [`accept`]. What is given becomes part of a
/// statement as it is.
pub async fn refuse(sql: &Sql, table: &str, column: &str, values: &[&str]) -> Result<(), Fault> {
    let tx = sql.begin().await?;
    let (values, said) = (format!("'{}'", values.join("', '")), "no room for this");
    let statements = match tx.get_database_backend() {
        DbBackend::Postgres => vec![
            format!(
                "CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   IF NEW.{column} IN ({values}) THEN RAISE EXCEPTION '{said}'; END IF; RETURN NEW; END $$"
            ),
            format!(
                "CREATE TRIGGER refuse_{table} BEFORE INSERT ON {table}
                   FOR EACH ROW EXECUTE FUNCTION refuse_{table}()"
            ),
        ],
        _ => vec![format!(
            "CREATE TRIGGER refuse_{table} BEFORE INSERT ON {table} WHEN NEW.{column} IN ({values})
               BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )],
    };
    for statement in statements {
        tx.execute_unprepared(&statement).await?;
    }
    Ok(tx.commit().await?)
}

/// Has `table` take all rows again.
pub async fn accept(sql: &Sql, table: &str) -> Result<(), Fault> {
    let tx = sql.begin().await?;
    let statement = match tx.get_database_backend() {
        DbBackend::Postgres => format!("DROP FUNCTION refuse_{table} CASCADE"),
        _ => format!("DROP TRIGGER refuse_{table}"),
    };
    tx.execute_unprepared(&statement).await?;
    Ok(tx.commit().await?)
}
