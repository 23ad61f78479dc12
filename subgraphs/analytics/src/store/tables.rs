//! The names of tables and columns. Hours are numbers since 1970, other times whole microseconds.

use sea_orm::DeriveIden;

/// What the rollups that are asked have, and those that a rebuild makes beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    Live,
    Rebuilt,
}

/// Rollups that are counted.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum HourCount {
    Table,
}

/// Rollups of different visitors.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum HourSketch {
    Table,
}

/// Rollups by item.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum HourTally {
    Table,
}

#[derive(DeriveIden, Clone, Copy)]
pub(super) enum RebuiltCount {
    Table,
}

#[derive(DeriveIden, Clone, Copy)]
pub(super) enum RebuiltSketch {
    Table,
}

#[derive(DeriveIden, Clone, Copy)]
pub(super) enum RebuiltTally {
    Table,
}

/// The kit's table of consumed events.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum KitConsumed {
    Table,
    Consumer,
    EventId,
    /// When it was, by the clock.
    ConsumedAt,
}

/// The columns of rollups.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum Column {
    Company,
    /// Empty for what happened in no single shop.
    Shop,
    Measure,
    Hour,
    Item,
    Value,
    State,
}

/// Events that a rebuild has counted.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum RebuiltEvent {
    Table,
    EventId,
}

#[derive(DeriveIden, Clone, Copy)]
pub(super) enum CompanyFact {
    Table,
    Id,
    TimeZone,
    Active,
    Version,
}

#[derive(DeriveIden, Clone, Copy)]
pub(super) enum ShopFact {
    Table,
    Id,
    Company,
    Active,
    Version,
}

/// When products were made and became active.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum ProductFact {
    Table,
    Id,
    /// The `sequence` of the event that told that it is active, the first time.
    PublishedBy,
}

/// Whose products are, by the latest event of each that came.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum ProductOwner {
    Table,
    Id,
    Company,
    Deleted,
    Version,
}

/// What was last told of a product's popularity.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum ToldPopularity {
    Table,
    Product,
    Company,
    Score,
    Sequence,
}

/// What was last told of a company's popular searches.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum ToldSearches {
    Table,
    Company,
    /// The texts in their order with how large their scores were, in JSON.
    Texts,
    Sequence,
}

/// How far the log has been counted: one row. Whoever writes rollups locks it first.
#[derive(DeriveIden, Clone, Copy)]
pub(super) enum Progress {
    Table,
    Id,
    /// When the first visit was received that was counted; 0 before there was one.
    Began,
    /// When the latest was.
    Received,
    /// The log may have forgotten what was received before; 0 when it has never forgotten anything.
    Forgotten,
    /// How long the log kept every event when that was noted last; 0 when it kept them for ever.
    Kept,
}
