//! Notes that staff and other systems keep on a record.

use async_graphql::{InputObject, SimpleObject};

use crate::domain::metadata::Metadata;

/// A note that staff or another system keeps on a company or shop.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct MerchantMetadata {
    /// What the note is about; unique on its record.
    key: String,
    /// The note.
    value: String,
}

pub(super) fn entries(map: &Metadata) -> Vec<MerchantMetadata> {
    map.iter().map(|(key, value)| MerchantMetadata { key: key.clone(), value: value.clone() }).collect()
}

/// A note that staff or another system keeps on a company or shop.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct MerchantMetadataInput {
    /// What the note is about; at most 64 characters, unique on its record.
    key: String,
    /// The note; at most 4,000 characters.
    value: String,
}

pub(super) fn pairs(input: Vec<MerchantMetadataInput>) -> Vec<(String, String)> {
    input.into_iter().map(|entry| (entry.key, entry.value)).collect()
}
