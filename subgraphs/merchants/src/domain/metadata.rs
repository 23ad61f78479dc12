//! Notes that staff and other systems keep on a company or shop: small maps of text.

use std::collections::BTreeMap;

use super::refusal::{Reason, Refusal, Refusals};
use super::text;

const MAX_ENTRIES: usize = 50;
const MAX_KEY: usize = 64;
const MAX_VALUE: usize = 4_000;

/// Keys and values of text, in the order of the keys.
pub(crate) type Metadata = BTreeMap<String, String>;

/// Checks a whole new set of entries.
pub(crate) fn metadata(entries: Vec<(String, String)>) -> Result<Metadata, Vec<Refusal>> {
    if entries.len() > MAX_ENTRIES {
        return Err(vec![Refusal::at(&[], Reason::TooMany { max: MAX_ENTRIES })]);
    }
    let mut refusals = Refusals::default();
    let mut map = Metadata::new();
    for (index, (key, value)) in entries.into_iter().enumerate() {
        let at = index.to_string();
        let key = refusals.note(&[&at, "key"], text::line(&key, MAX_KEY));
        let value = refusals.note(&[&at, "value"], text::paragraphs(&value, MAX_VALUE));
        let (Some(key), Some(value)) = (key, value) else { continue };
        if map.insert(key, value).is_some() {
            refusals.add(&[&at, "key"], Reason::Duplicate);
        }
    }
    refusals.settle(Some(map))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(metadata(vec![pair("erp", "17")]).map(|m| m.len()), Ok(1));
        assert_eq!(
            metadata(vec![pair("erp", "17"), pair(" erp ", "18")]),
            Err(vec![Refusal::at(&["1", "key"], Reason::Duplicate)])
        );
    }
}
