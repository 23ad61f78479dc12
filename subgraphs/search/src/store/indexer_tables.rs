//! The tables of `search-indexer`. Times are whole microseconds since 1970 in UTC.

use sea_orm_migration::prelude::*;

/// Brings them to their newest form.
#[derive(Debug)]
pub(crate) struct IndexerTables;

impl MigratorTrait for IndexerTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables)]
    }
}

/// The head of each projection.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum Product {
    Table,
    Id,
    Company,
    /// Counts its changes: the version of its document.
    Revision,
    /// Since when the index does not have that revision; null when it has.
    DirtyAt,
}

/// What each source told of a product last.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum ProductPart {
    Table,
    Product,
    Source,
    Sequence,
    /// JSON; null is a tombstone.
    State,
    /// When the source last told it.
    SeenAt,
}

/// What else a product's document is made of: categories, price lists and shops that it names.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum ProductLink {
    Table,
    Target,
    Product,
}

/// What many products share: companies, shops, categories, price lists.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum SharedPart {
    Table,
    Id,
    Kind,
    Company,
    Sequence,
    /// JSON; null is a tombstone.
    State,
    /// When the source last told it.
    SeenAt,
}

/// Changes of shared parts that have not reached all products yet.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum Spread {
    Table,
    Target,
    Kind,
    Company,
    /// The last product that it has reached.
    After,
    /// Tells a change from a later one of the same part.
    Change,
    BegunAt,
}

/// What the indexer remembers of itself, such as how far a rebuild has come.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum Memo {
    Table,
    Key,
    Value,
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &'static str {
        "m2026_11_21_projections"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for FirstTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let product = Table::create()
        .table(Product::Table)
        .col(ColumnDef::new(Product::Id).string().not_null().primary_key())
        .col(ColumnDef::new(Product::Company).string())
        .col(ColumnDef::new(Product::Revision).big_integer().not_null())
        .col(ColumnDef::new(Product::DirtyAt).big_integer())
        .to_owned();
    let part = Table::create()
        .table(ProductPart::Table)
        .col(ColumnDef::new(ProductPart::Product).string().not_null())
        .col(ColumnDef::new(ProductPart::Source).string().not_null())
        .col(ColumnDef::new(ProductPart::Sequence).big_integer().not_null())
        .col(ColumnDef::new(ProductPart::State).text())
        .col(ColumnDef::new(ProductPart::SeenAt).big_integer().not_null())
        .primary_key(Index::create().col(ProductPart::Product).col(ProductPart::Source))
        .to_owned();
    let link = Table::create()
        .table(ProductLink::Table)
        .col(ColumnDef::new(ProductLink::Target).string().not_null())
        .col(ColumnDef::new(ProductLink::Product).string().not_null())
        .primary_key(Index::create().col(ProductLink::Target).col(ProductLink::Product))
        .to_owned();
    let shared = Table::create()
        .table(SharedPart::Table)
        .col(ColumnDef::new(SharedPart::Id).string().not_null().primary_key())
        .col(ColumnDef::new(SharedPart::Kind).string().not_null())
        .col(ColumnDef::new(SharedPart::Company).string().not_null())
        .col(ColumnDef::new(SharedPart::Sequence).big_integer().not_null())
        .col(ColumnDef::new(SharedPart::State).text())
        .col(ColumnDef::new(SharedPart::SeenAt).big_integer().not_null())
        .to_owned();
    let spread = Table::create()
        .table(Spread::Table)
        .col(ColumnDef::new(Spread::Target).string().not_null().primary_key())
        .col(ColumnDef::new(Spread::Kind).string().not_null())
        .col(ColumnDef::new(Spread::Company).string().not_null())
        .col(ColumnDef::new(Spread::After).string().not_null())
        .col(ColumnDef::new(Spread::Change).big_integer().not_null())
        .col(ColumnDef::new(Spread::BegunAt).big_integer().not_null())
        .to_owned();
    let memo = Table::create()
        .table(Memo::Table)
        .col(ColumnDef::new(Memo::Key).string().not_null().primary_key())
        .col(ColumnDef::new(Memo::Value).text().not_null())
        .to_owned();
    vec![product, part, link, shared, spread, memo]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let product = |name: &str| Index::create().name(name).table(Product::Table).to_owned();
    vec![
        product("product_by_dirt").col(Product::DirtyAt).col(Product::Id).to_owned(),
        product("product_by_company").col(Product::Company).col(Product::Id).to_owned(),
        Index::create()
            .name("link_by_product")
            .table(ProductLink::Table)
            .col(ProductLink::Product)
            .to_owned(),
        Index::create()
            .name("shared_by_company")
            .table(SharedPart::Table)
            .col(SharedPart::Company)
            .col(SharedPart::Kind)
            .to_owned(),
    ]
}
