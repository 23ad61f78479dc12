//! Databases of a test's own on a PostgreSQL server that runs already: named like nobody else's, and dropped with the
//! value.

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

use crate::fault::Fault;
use crate::sql::PostgresOptions;

/// Where the tests' server is.
const URL: &str = "SOUK_TEST_POSTGRES_URL";
/// Which side of the ports tests run on.
const SIDE: &str = "SOUK_TEST_SIDE";

/// Databases of a test's own.
#[derive(Debug)]
pub struct TestDatabases {
    options: PostgresOptions,
}

impl TestDatabases {
    /// On the server that the environment names, when tests are to run on real engines (`SOUK_TEST_SIDE=engines`);
    /// none otherwise. A fault when it names none.
    pub fn of_side() -> Result<Option<Self>, Fault> {
        if variable(SIDE).as_deref() != Some("engines") {
            return Ok(None);
        }
        match variable(URL) {
            Some(url) => Ok(Some(Self::on(&url))),
            None => Err(Fault::bad_input(format!("{SIDE}=engines needs {URL}"))),
        }
    }

    /// On the server at `url`.
    #[must_use]
    pub fn on(url: &str) -> Self {
        let prefix = format!("souk_test_{}_", Uuid::new_v4().simple());
        // Many tests run at once, and each has several databases.
        let options = PostgresOptions { readers: 4, writers: 4, ..PostgresOptions::new(url, prefix) };
        Self { options }
    }

    /// How they are opened.
    #[must_use]
    pub fn options(&self) -> PostgresOptions {
        self.options.clone()
    }
}

impl Drop for TestDatabases {
    /// On a thread of its own: this one may be busy with the test's runtime.
    fn drop(&mut self) {
        let options = self.options.clone();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(drop_all(&options)))
        });
        if !matches!(dropping.join(), Ok(Ok(Ok(())))) {
            tracing::warn!("databases {}* are left behind", self.options.prefix);
        }
    }
}

async fn drop_all(options: &PostgresOptions) -> Result<(), sqlx::Error> {
    let server = options.url.parse::<PgConnectOptions>()?.database("postgres").disable_statement_logging();
    let mut connection = PgConnection::connect_with(&server).await?;
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1)")
            .bind(&options.prefix)
            .fetch_all(&mut connection)
            .await?;
    for name in names {
        let statement = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
    }
    connection.close().await
}

#[expect(clippy::disallowed_methods, reason = "tests have no other configuration")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
