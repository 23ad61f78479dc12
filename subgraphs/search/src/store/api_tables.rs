//! The tables of `search`. Times are whole microseconds since 1970 in UTC.

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;

use super::popular::{Popular, entries};

/// Brings them to their newest form.
#[derive(Debug)]
pub(crate) struct ApiTables;

impl MigratorTrait for ApiTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables), Box::new(PopularByBeginning), Box::new(FactsByActive)]
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
    /// Whether the public sees it, as the JSON says.
    Active,
}

/// Of which companies it is known what others search for.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum PopularSearch {
    Table,
    Company,
    Version,
    /// JSON, once: the list that stands in [`PopularText`] now.
    Searches,
}

/// What others search for: a text of a company's list, once for each way in which one of its words begins.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum PopularText {
    Table,
    Company,
    /// The first letters of a word, folded.
    Beginning,
    /// Where the text stands in the list, from 0.
    Place,
    Text,
    Score,
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

struct PopularByBeginning;

impl MigrationName for PopularByBeginning {
    fn name(&self) -> &'static str {
        "m2026_11_22_popular_by_beginning"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for PopularByBeginning {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let texts = Table::create()
            .table(PopularText::Table)
            .col(ColumnDef::new(PopularText::Company).string().not_null())
            .col(ColumnDef::new(PopularText::Beginning).string().not_null())
            .col(ColumnDef::new(PopularText::Place).integer().not_null())
            .col(ColumnDef::new(PopularText::Text).text().not_null())
            .col(ColumnDef::new(PopularText::Score).big_integer().not_null())
            .primary_key(
                Index::create().col(PopularText::Company).col(PopularText::Beginning).col(PopularText::Place),
            )
            .to_owned();
        let by_beginning = Index::create()
            .name("popular_text_by_beginning")
            .table(PopularText::Table)
            .col(PopularText::Beginning)
            .to_owned();
        manager.create_table(texts).await?;
        manager.create_index(by_beginning).await?;
        let active = ColumnDef::new(Fact::Active).boolean().not_null().default(true).to_owned();
        manager.alter_table(Table::alter().table(Fact::Table).add_column(active).to_owned()).await?;
        let connection = manager.get_connection();
        for id in closed(connection).await? {
            let close = Query::update()
                .table(Fact::Table)
                .value(Fact::Active, false)
                .and_where(Expr::col(Fact::Id).eq(id))
                .to_owned();
            connection.execute(&close).await?;
        }
        // What was told once is not told again before it changes.
        let told = Query::select()
            .columns([PopularSearch::Company, PopularSearch::Searches])
            .from(PopularSearch::Table)
            .to_owned();
        for row in connection.query_all(&told).await? {
            let searches: String = row.try_get("", "searches")?;
            let searches: Vec<Popular> =
                serde_json::from_str(&searches).map_err(|error| DbErr::Migration(error.to_string()))?;
            for insert in entries(&row.try_get::<String>("", "company")?, &searches) {
                connection.execute(&insert).await?;
            }
        }
        let lists =
            Table::alter().table(PopularSearch::Table).drop_column(PopularSearch::Searches).to_owned();
        manager.alter_table(lists).await
    }
}

struct FactsByActive;

impl MigrationName for FactsByActive {
    fn name(&self) -> &'static str {
        "m2026_11_23_facts_by_active"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for FactsByActive {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_active = Index::create()
            .name("fact_by_active")
            .table(Fact::Table)
            .col(Fact::Active)
            .col(Fact::Id)
            .to_owned();
        manager.create_index(by_active).await
    }
}

/// Companies and shops that the public does not see.
async fn closed(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let all = Query::select().columns([Fact::Id, Fact::State]).from(Fact::Table).to_owned();
    let mut closed = Vec::new();
    for row in connection.query_all(&all).await? {
        let state: serde_json::Value = serde_json::from_str(&row.try_get::<String>("", "state")?)
            .map_err(|error| DbErr::Migration(error.to_string()))?;
        if state.get("active").and_then(serde_json::Value::as_bool) == Some(false) {
            closed.push(row.try_get("", "id")?);
        }
    }
    Ok(closed)
}
