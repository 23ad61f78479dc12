//! The tables of merchants, by their history. A migration that was released never changes.

use sea_orm_migration::prelude::*;

mod m2026_11_21_companies_and_shops;

/// Brings the tables to their newest form.
#[derive(Debug)]
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m2026_11_21_companies_and_shops::Migration)]
    }
}
