//! Public and private metadata: small string maps that integrators keep beside our own fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use souk_kit::metadata::{Entries, MAX_ENTRIES, MAX_KEY, MAX_VALUE, is_key};

/// What others note on a thing of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Seen by everyone who sees the thing, and carried in its events.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub public: Entries,
    /// Seen by staff only, and never carried in events.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub private: Entries,
}

/// Why metadata is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataRefusal {
    /// More entries than a map holds.
    #[error("must have at most {MAX_ENTRIES} entries")]
    TooMany,
    /// A key that is empty, too long or has other characters.
    #[error("keys must be 1 to {MAX_KEY} letters, digits, `_`, `-`, `.` or `:`")]
    Key,
    /// A value that is too long.
    #[error("values must have at most {MAX_VALUE} characters")]
    Value,
}

/// The entries as given, or why they cannot be kept.
pub fn checked(entries: Entries) -> Result<Entries, MetadataRefusal> {
    if entries.len() > MAX_ENTRIES {
        return Err(MetadataRefusal::TooMany);
    }
    for (key, value) in &entries {
        if !is_key(key) {
            return Err(MetadataRefusal::Key);
        }
        if value.chars().nth(MAX_VALUE).is_some() {
            return Err(MetadataRefusal::Value);
        }
    }
    Ok(entries)
}
