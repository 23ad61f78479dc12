//! The tables that the kit keeps in every subgraph's database: outbox, idempotency outcomes, consumed events.

use sea_orm_migration::prelude::*;

/// Brings the kit's tables to their newest form; their history stands apart from the domain's own. For a database
/// that has no tables of a domain.
#[derive(Debug)]
pub struct KitTables;

impl MigratorTrait for KitTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables), Box::new(ConsumedByAge), Box::new(OutboxParts)]
    }

    fn migration_table_name() -> DynIden {
        "kit_migrations".into_iden()
    }
}

/// Events that are written and not yet in the log.
#[derive(DeriveIden)]
pub(crate) enum KitOutbox {
    Table,
    Seq,
    Topic,
    Subject,
    Envelope,
    WrittenAt,
    Part,
}

/// Outcomes of calls with an idempotency key.
#[derive(DeriveIden)]
pub(crate) enum KitIdempotency {
    Table,
    Actor,
    Company,
    Mutation,
    Key,
    RequestHash,
    Outcome,
    ExpiresAt,
}

/// Events whose effect is in this database.
#[derive(DeriveIden)]
pub(crate) enum KitConsumed {
    Table,
    Consumer,
    EventId,
    ConsumedAt,
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &'static str {
        "m2026_11_first_tables"
    }
}

/// Times are whole microseconds since 1970, which compare alike on every engine.
#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for FirstTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::create()
            .table(KitOutbox::Table)
            .col(ColumnDef::new(KitOutbox::Seq).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(KitOutbox::Topic).text().not_null())
            .col(ColumnDef::new(KitOutbox::Subject).text().not_null())
            .col(ColumnDef::new(KitOutbox::Envelope).text().not_null())
            .col(ColumnDef::new(KitOutbox::WrittenAt).big_integer().not_null())
            .to_owned();
        let idempotency = Table::create()
            .table(KitIdempotency::Table)
            .col(ColumnDef::new(KitIdempotency::Actor).text().not_null())
            .col(ColumnDef::new(KitIdempotency::Company).text().not_null())
            .col(ColumnDef::new(KitIdempotency::Mutation).text().not_null())
            .col(ColumnDef::new(KitIdempotency::Key).text().not_null())
            .col(ColumnDef::new(KitIdempotency::RequestHash).text().not_null())
            .col(ColumnDef::new(KitIdempotency::Outcome).text().not_null())
            .col(ColumnDef::new(KitIdempotency::ExpiresAt).big_integer().not_null())
            .primary_key(
                Index::create()
                    .col(KitIdempotency::Actor)
                    .col(KitIdempotency::Company)
                    .col(KitIdempotency::Mutation)
                    .col(KitIdempotency::Key),
            )
            .to_owned();
        let expiry = Index::create()
            .name("kit_idempotency_expires_at")
            .table(KitIdempotency::Table)
            .col(KitIdempotency::ExpiresAt)
            .to_owned();
        let consumed = Table::create()
            .table(KitConsumed::Table)
            .col(ColumnDef::new(KitConsumed::Consumer).text().not_null())
            .col(ColumnDef::new(KitConsumed::EventId).text().not_null())
            .col(ColumnDef::new(KitConsumed::ConsumedAt).big_integer().not_null())
            .primary_key(Index::create().col(KitConsumed::Consumer).col(KitConsumed::EventId))
            .to_owned();
        manager.create_table(outbox).await?;
        manager.create_table(idempotency).await?;
        manager.create_index(expiry).await?;
        manager.create_table(consumed).await
    }
}

/// Finds what was consumed long ago without looking at all of it.
struct ConsumedByAge;

impl MigrationName for ConsumedByAge {
    fn name(&self) -> &'static str {
        "m2026_11_consumed_by_age"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for ConsumedByAge {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_age = Index::create()
            .name("kit_consumed_by_age")
            .table(KitConsumed::Table)
            .col(KitConsumed::Consumer)
            .col(KitConsumed::ConsumedAt)
            .to_owned();
        manager.create_index(by_age).await
    }
}

/// Parts of the outbox that several relays can share out. A SQLite file has one relay, which needs no index on them.
struct OutboxParts;

impl MigrationName for OutboxParts {
    fn name(&self) -> &'static str {
        "m2026_11_outbox_parts"
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for OutboxParts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let part = ColumnDef::new(KitOutbox::Part).integer().not_null().default(0).to_owned();
        let alter = Table::alter().table(KitOutbox::Table).add_column(part).to_owned();
        manager.alter_table(alter).await?;
        if manager.get_database_backend() != sea_orm::DbBackend::Postgres {
            return Ok(());
        }
        let parts = Index::create()
            .name("kit_outbox_by_part")
            .table(KitOutbox::Table)
            .col(KitOutbox::Part)
            .col(KitOutbox::Seq)
            .to_owned();
        manager.create_index(parts).await?;
        // Rows come and go, so what is dead has to be swept by its number, however small its share.
        let swept = "ALTER TABLE kit_outbox SET (autovacuum_vacuum_scale_factor = 0, \
                     autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_scale_factor = 0, \
                     autovacuum_vacuum_insert_threshold = 100000)";
        manager.get_connection().execute_unprepared(swept).await.map(drop)
    }
}
