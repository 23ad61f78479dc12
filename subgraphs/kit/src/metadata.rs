//! Metadata: small maps of text that integrators keep on our records, beside our own fields.

use std::collections::BTreeMap;

use async_graphql::{InputObject, SimpleObject};

/// Most entries of one map.
pub const MAX_ENTRIES: usize = 100;
/// Longest key, in bytes.
pub const MAX_KEY: usize = 100;
/// Longest value, in characters.
pub const MAX_VALUE: usize = 4_000;

/// Keys and values in the order of the keys.
pub type Entries = BTreeMap<String, String>;

/// Whether a key may stand in a map: 1 to [`MAX_KEY`] letters a to z in either case, digits, `_`, `-`, `.` and `:`.
#[must_use]
pub fn is_key(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(plain)
}

/// One entry of what integrators note on a record.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(shareable)]
pub struct MetadataEntry {
    /// Letters, digits, `_`, `-`, `.` and `:`.
    pub key: String,
    /// Any text.
    pub value: String,
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
#[must_use]
pub fn shown(entries: &Entries) -> Vec<MetadataEntry> {
    let show = |(key, value): (&String, &String)| MetadataEntry { key: key.clone(), value: value.clone() };
    entries.iter().map(show).collect()
}

/// Entries as they came; of two with one key the later counts.
#[must_use]
pub fn given(entries: Vec<MetadataEntryInput>) -> Entries {
    entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
}
