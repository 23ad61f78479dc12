//! The side of the port that relational tests stand on: SQLite in a temporary folder, or databases of their own on a
//! running PostgreSQL server.

use souk_kit::sql::{Durability, SqlOptions};
use souk_kit::testing::TestDatabases;

/// What goes away at the end of a test.
pub(crate) struct Side {
    folder: tempfile::TempDir,
    databases: Option<TestDatabases>,
}

impl Side {
    /// The one that the environment chooses.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), databases: TestDatabases::of_side().unwrap() }
    }

    /// PostgreSQL, where there is one.
    pub(crate) fn postgres() -> Option<Self> {
        Some(Self::at(&souk_stand::postgres_url()?))
    }

    /// PostgreSQL at `url`.
    pub(crate) fn at(url: &str) -> Self {
        let databases = Some(TestDatabases::on(url));
        Self { folder: tempfile::tempdir().unwrap(), databases }
    }

    /// How the database `name` is opened.
    pub(crate) fn options(&self, name: &str) -> SqlOptions {
        SqlOptions {
            postgres: self.databases.as_ref().map(TestDatabases::options),
            durability: Durability::ProcessCrash,
            ..SqlOptions::new(self.folder.path(), name)
        }
    }
}
