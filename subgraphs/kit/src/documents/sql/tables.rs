//! The three tables of a collection.

use sea_orm::DeriveIden;
use sea_orm::sea_query::{
    Alias, ColumnDef, DynIden, Expr, ExprTrait, Index, IndexCreateStatement, IntoIden, Query, Table,
    TableAlterStatement, TableCreateStatement, UpdateStatement,
};

/// Columns of all three tables.
#[derive(Debug, Clone, Copy, DeriveIden)]
pub(super) enum Column {
    /// The aggregate's id.
    Id,
    /// Counts its changes.
    Version,
    /// Of the state.
    SchemaVersion,
    /// Whose it is.
    Company,
    /// The aggregate in JSON.
    State,
    /// Deleted, kept for its events and outcomes.
    Tombstone,
    /// Events to relay, in JSON.
    Pending,
    /// When the first of them was written, in microseconds; null when there is none.
    PendingSince,
    /// Outcomes under idempotency keys, in JSON.
    Outcomes,
    /// When the oldest of them came about, in microseconds; null when there is none.
    OutcomesSince,
    /// The document that an indexed value or a unique key belongs to.
    Document,
    /// The indexed field.
    Field,
    /// Its value.
    Value,
    /// The unique key.
    Key,
}

/// The rows lie in the order of their primary key, without another index that leads to them.
const IN_ORDER_OF_THE_KEY: &str = "WITHOUT ROWID";

/// The names of a collection's tables.
pub(super) struct Tables {
    pub(super) documents: DynIden,
    pub(super) values: DynIden,
    pub(super) keys: DynIden,
    name: &'static str,
}

impl Tables {
    pub(super) fn of(collection: &'static str) -> Self {
        Self {
            documents: Alias::new(collection).into_iden(),
            values: Alias::new(format!("{collection}_values")).into_iden(),
            keys: Alias::new(format!("{collection}_keys")).into_iden(),
            name: collection,
        }
    }

    pub(super) fn create(&self) -> [TableCreateStatement; 3] {
        let text = |column| ColumnDef::new(column).text().not_null().to_owned();
        let number = |column| ColumnDef::new(column).big_integer().not_null().to_owned();
        let documents = Table::create()
            .table(self.documents.clone())
            .if_not_exists()
            .col(text(Column::Id).primary_key())
            .col(number(Column::Version))
            .col(number(Column::SchemaVersion))
            .col(ColumnDef::new(Column::Company).text())
            .col(text(Column::State))
            .col(ColumnDef::new(Column::Tombstone).boolean().not_null())
            .col(text(Column::Pending))
            .col(ColumnDef::new(Column::PendingSince).big_integer())
            .col(text(Column::Outcomes))
            .col(ColumnDef::new(Column::OutcomesSince).big_integer())
            .to_owned();
        let values = Table::create()
            .table(self.values.clone())
            .if_not_exists()
            .col(text(Column::Document))
            .col(text(Column::Field))
            .col(text(Column::Value))
            .primary_key(Index::create().col(Column::Document).col(Column::Field).col(Column::Value))
            .extra(IN_ORDER_OF_THE_KEY)
            .to_owned();
        let keys = Table::create()
            .table(self.keys.clone())
            .if_not_exists()
            .col(text(Column::Key).primary_key())
            .col(text(Column::Document))
            .extra(IN_ORDER_OF_THE_KEY)
            .to_owned();
        [documents, values, keys]
    }

    /// For tables that an earlier version made: the column, and a value that has every outcome looked at once.
    pub(super) fn add_outcomes_since(&self) -> (TableAlterStatement, UpdateStatement) {
        let column = ColumnDef::new(Column::OutcomesSince).big_integer().to_owned();
        let alter = Table::alter().table(self.documents.clone()).add_column(column).to_owned();
        let fill = Query::update()
            .table(self.documents.clone())
            .value(Column::OutcomesSince, 0_i64)
            .and_where(Expr::col(Column::Outcomes).ne("[]"))
            .to_owned();
        (alter, fill)
    }

    pub(super) fn create_indexes(&self) -> [IndexCreateStatement; 5] {
        let named =
            |suffix: &str| Index::create().name(format!("{}_{suffix}", self.name)).if_not_exists().to_owned();
        [
            named("by_company").table(self.documents.clone()).col(Column::Company).col(Column::Id).to_owned(),
            named("by_pending").table(self.documents.clone()).col(Column::PendingSince).to_owned(),
            named("by_outcome").table(self.documents.clone()).col(Column::OutcomesSince).to_owned(),
            named("by_value")
                .table(self.values.clone())
                .col(Column::Field)
                .col(Column::Value)
                .col(Column::Document)
                .to_owned(),
            named("by_holder").table(self.keys.clone()).col(Column::Document).to_owned(),
        ]
    }
}
