//! The tables of analytics, by their history. A migration that was released never changes.

use sea_orm_migration::prelude::*;

use super::tables::{
    Column, CompanyFact, HourCount, HourSketch, HourTally, ProductFact, ProductOwner, Progress, RebuiltCount,
    RebuiltEvent, RebuiltSketch, RebuiltTally, ShopFact, ToldPopularity, ToldSearches,
};

/// Brings the tables to their newest form.
#[derive(Debug)]
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Rollups), Box::new(Owners), Box::new(Forgotten), Box::new(Kept)]
    }
}

struct Rollups;

impl MigrationName for Rollups {
    fn name(&self) -> &'static str {
        "m2026_11_22_rollups"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for Rollups {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (counts, sketches, tallies) =
            (HourCount::Table.into_iden(), HourSketch::Table.into_iden(), HourTally::Table.into_iden());
        let rebuilt = (
            RebuiltCount::Table.into_iden(),
            RebuiltSketch::Table.into_iden(),
            RebuiltTally::Table.into_iden(),
        );
        for (counts, sketches, tallies) in [(counts, sketches, tallies), rebuilt] {
            manager.create_table(rollup(counts, number(Column::Value), false)).await?;
            let state = ColumnDef::new(Column::State).blob().not_null().to_owned();
            manager.create_table(rollup(sketches, state, false)).await?;
            manager.create_table(rollup(tallies, number(Column::Value), true)).await?;
        }
        let tables = [
            table(RebuiltEvent::Table, text(RebuiltEvent::EventId), []),
            table(
                CompanyFact::Table,
                text(CompanyFact::Id),
                [text(CompanyFact::TimeZone), flag(CompanyFact::Active), number(CompanyFact::Version)],
            ),
            table(
                ShopFact::Table,
                text(ShopFact::Id),
                [text(ShopFact::Company), flag(ShopFact::Active), number(ShopFact::Version)],
            ),
            table(ProductFact::Table, text(ProductFact::Id), [number(ProductFact::PublishedBy)]),
            table(
                ToldPopularity::Table,
                text(ToldPopularity::Product),
                [
                    text(ToldPopularity::Company),
                    number(ToldPopularity::Score),
                    number(ToldPopularity::Sequence),
                ],
            ),
            table(
                ToldSearches::Table,
                text(ToldSearches::Company),
                [text(ToldSearches::Texts), number(ToldSearches::Sequence)],
            ),
            table(
                Progress::Table,
                number(Progress::Id),
                [number(Progress::Began), number(Progress::Received)],
            ),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let first = Query::insert()
            .into_table(Progress::Table)
            .columns([Progress::Id, Progress::Began, Progress::Received])
            .values_panic([1.into(), 0.into(), 0.into()])
            .to_owned();
        manager.execute(first).await
    }
}

struct Owners;

impl MigrationName for Owners {
    fn name(&self) -> &'static str {
        "m2026_11_22_owners"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for Owners {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let owners = table(
            ProductOwner::Table,
            text(ProductOwner::Id),
            [text(ProductOwner::Company), flag(ProductOwner::Deleted), number(ProductOwner::Version)],
        );
        manager.create_table(owners).await
    }
}

struct Forgotten;

impl MigrationName for Forgotten {
    fn name(&self) -> &'static str {
        "m2026_11_22_forgotten"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for Forgotten {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let forgotten = number(Progress::Forgotten).default(0).to_owned();
        let alter = Table::alter().table(Progress::Table).add_column(forgotten).to_owned();
        manager.alter_table(alter).await
    }
}

struct Kept;

impl MigrationName for Kept {
    fn name(&self) -> &'static str {
        "m2026_11_22_kept"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for Kept {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kept = number(Progress::Kept).default(0).to_owned();
        let alter = Table::alter().table(Progress::Table).add_column(kept).to_owned();
        manager.alter_table(alter).await
    }
}

/// A table of rollups, found by company, measure and hours.
fn rollup(name: DynIden, figure: ColumnDef, by_item: bool) -> TableCreateStatement {
    let mut table = Table::create();
    let mut key = Index::create();
    table.table(name);
    for column in [Column::Company, Column::Measure] {
        table.col(text(column));
        key.col(column);
    }
    table.col(number(Column::Hour)).col(text(Column::Shop));
    key.col(Column::Hour).col(Column::Shop);
    if by_item {
        table.col(text(Column::Item));
        key.col(Column::Item);
    }
    table.col(figure).primary_key(&mut key).to_owned()
}

fn table<const N: usize>(
    name: impl IntoTableRef,
    mut key: ColumnDef,
    columns: [ColumnDef; N],
) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name).col(key.primary_key().take());
    for column in columns {
        table.col(column);
    }
    table
}

fn text(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).text().not_null().to_owned()
}

fn number(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).big_integer().not_null().to_owned()
}

fn flag(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).boolean().not_null().to_owned()
}
