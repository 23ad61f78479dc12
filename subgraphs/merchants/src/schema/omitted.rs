//! Omitted, null and given: how the three reach the domain and the store.

use async_graphql::{InputType, MaybeUndefined};
use souk_kit::fault::Fault;
use souk_kit::metadata::MetadataEntryInput;

use super::budget::Budget;
use crate::domain::patch::Patch;
use crate::store::Wanted;

/// In an update, an omitted field keeps its value and null clears it.
pub(super) fn patch<T: InputType, U>(value: MaybeUndefined<T>, convert: impl FnOnce(T) -> U) -> Patch<U> {
    match value {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(convert(value)),
    }
}

/// In a creation there is nothing to clear: null is the same as omitted.
pub(super) fn given<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Keep, Patch::Set)
}

/// Entries as the domain takes them, which refuses that two have one key.
pub(super) fn pairs(input: Vec<MetadataEntryInput>) -> Vec<(String, String)> {
    input.into_iter().map(|entry| (entry.key, entry.value)).collect()
}

/// In a filter, an omitted list wants anything, null what has no value, an empty one nothing. `convert` drops what
/// cannot exist, such as a malformed id.
pub(super) fn wanted<T: InputType, U>(
    value: MaybeUndefined<Vec<T>>,
    budget: &mut Budget,
    convert: impl Fn(T) -> Option<U>,
) -> Result<Wanted<U>, Fault>
where
    Vec<T>: InputType,
{
    Ok(match value {
        MaybeUndefined::Undefined => Wanted::Anything,
        MaybeUndefined::Null => Wanted::Nothing,
        MaybeUndefined::Value(values) => {
            budget.spend(values.len())?;
            Wanted::OneOf(values.into_iter().filter_map(convert).collect())
        }
    })
}
