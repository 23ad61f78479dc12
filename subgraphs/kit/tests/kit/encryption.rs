//! PostgreSQL over TLS: what the address says of it is what is done.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use souk_kit::fault::Fault;
use souk_kit::sql::{PostgresOptions, Sql, SqlOptions};
use souk_stand::Postgres;

use crate::lamps::Migrator;

const PATIENCE: Duration = Duration::from_mins(1);

/// Whether a migrated database at `url` is reached over TLS.
async fn encrypted(url: String, name: &str) -> Result<bool, Fault> {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Some(PostgresOptions::new(url, "encryption_"));
    let sql = Sql::open(SqlOptions { postgres, ..SqlOptions::new(folder.path(), name) }).await?;
    tokio::time::timeout(PATIENCE, sql.migrate::<Migrator>()).await.unwrap()?;
    let asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let row = sql.reader().query_one_raw(Statement::from_string(DbBackend::Postgres, asked)).await?;
    Ok(row.unwrap().try_get("", "ssl")?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_says_whether_and_whom_tls_trusts() {
    let Some(server) = Postgres::start_encrypted().await else { return };
    let certificate = server.certificate().unwrap();
    let at = |parameters: &str| format!("{}?{parameters}", server.url());
    let (authority, stranger) = (certificate.authority.display(), certificate.stranger.display());
    for (name, parameters) in [
        ("full", format!("sslmode=verify-full&sslrootcert={authority}")),
        ("ca", format!("sslmode=verify-ca&sslrootcert={authority}")),
        ("unverified", "sslmode=require".to_owned()),
        ("unsaid", String::new()),
    ] {
        assert!(encrypted(at(&parameters), name).await.unwrap(), "{parameters}");
    }
    for (parameters, reason) in [
        (format!("sslmode=verify-full&sslrootcert={stranger}"), "invalid peer certificate: UnknownIssuer"),
        ("sslmode=verify-full".to_owned(), "invalid peer certificate: UnknownIssuer"),
        ("sslmode=verify-full&sslrootcert=/nowhere.pem".to_owned(), "No such file"),
        ("sslmode=disable".to_owned(), "no encryption"),
    ] {
        let refused = format!("{:?}", encrypted(at(&parameters), "refused").await.unwrap_err());
        assert!(refused.contains(reason), "{parameters}: {refused}");
    }
    server.stop().await;
}
