//! The tables of `search`. Times are whole microseconds since 1970 in UTC.

use sea_orm_migration::prelude::*;

/// Brings them to their newest form.
#[derive(Debug)]
pub(crate) struct ApiTables;

impl MigratorTrait for ApiTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables)]
    }
}

/// What companies say of how their products are found.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum SearchSettings {
    Table,
    Id,
    Company,
    Version,
    /// JSON.
    Content,
}

/// Companies and shops, as merchants told of them last.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum Fact {
    Table,
    Id,
    Version,
    /// JSON.
    State,
}

/// What others search for.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum PopularSearch {
    Table,
    /// The company, or nothing for all together.
    Company,
    Version,
    /// JSON: the searches, most popular first.
    Searches,
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &'static str {
        "m2026_11_21_settings_and_facts"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for FirstTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let settings = Table::create()
            .table(SearchSettings::Table)
            .col(ColumnDef::new(SearchSettings::Id).string().not_null().primary_key())
            .col(ColumnDef::new(SearchSettings::Company).string().not_null().unique_key())
            .col(ColumnDef::new(SearchSettings::Version).big_integer().not_null())
            .col(ColumnDef::new(SearchSettings::Content).text().not_null())
            .to_owned();
        let fact = Table::create()
            .table(Fact::Table)
            .col(ColumnDef::new(Fact::Id).string().not_null().primary_key())
            .col(ColumnDef::new(Fact::Version).big_integer().not_null())
            .col(ColumnDef::new(Fact::State).text().not_null())
            .to_owned();
        let popular = Table::create()
            .table(PopularSearch::Table)
            .col(ColumnDef::new(PopularSearch::Company).string().not_null().primary_key())
            .col(ColumnDef::new(PopularSearch::Version).big_integer().not_null())
            .col(ColumnDef::new(PopularSearch::Searches).text().not_null())
            .to_owned();
        manager.create_table(settings).await?;
        manager.create_table(fact).await?;
        manager.create_table(popular).await
    }
}
