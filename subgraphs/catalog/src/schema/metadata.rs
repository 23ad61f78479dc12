//! Metadata in the schema.

use async_graphql::{InputObject, SimpleObject};

use crate::domain::metadata::Entries;

/// One entry of what integrators note on a record.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(shareable)]
pub struct MetadataEntry {
    /// Letters, digits, `_`, `-`, `.` and `:`.
    key: String,
    /// Any text.
    value: String,
}

/// One entry of what integrators note on a record.
#[derive(Debug, Clone, InputObject)]
pub struct MetadataEntryInput {
    /// Letters, digits, `_`, `-`, `.` and `:`; at most 100.
    pub key: String,
    /// Any text of at most 4,000 characters.
    pub value: String,
}

/// Entries as the schema shows them.
pub(super) fn shown(entries: &Entries) -> Vec<MetadataEntry> {
    let show = |(key, value): (&String, &String)| MetadataEntry { key: key.clone(), value: value.clone() };
    entries.iter().map(show).collect()
}

/// Entries as the domain takes them; of two with one key the later counts.
pub(super) fn given(entries: Vec<MetadataEntryInput>) -> Entries {
    entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
}
