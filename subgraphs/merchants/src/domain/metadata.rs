//! Notes that staff and other systems keep on a company or shop: small maps of text.

use souk_kit::metadata::{Entries, MAX_ENTRIES, MAX_VALUE, is_key};

use super::refusal::{Reason, Refusal, Refusals};
use super::text;

/// Checks a whole new set of entries.
pub(crate) fn metadata(entries: Vec<(String, String)>) -> Result<Entries, Vec<Refusal>> {
    if entries.len() > MAX_ENTRIES {
        return Err(vec![Refusal::at(&[], Reason::TooMany { max: MAX_ENTRIES })]);
    }
    let mut refusals = Refusals::default();
    let mut map = Entries::new();
    for (index, (key, value)) in entries.into_iter().enumerate() {
        let at = index.to_string();
        let key = refusals.note(&[&at, "key"], parsed(&key));
        let value = refusals.note(&[&at, "value"], text::bounded(&value, MAX_VALUE));
        let (Some(key), Some(value)) = (key, value) else { continue };
        if map.insert(key, value).is_some() {
            refusals.add(&[&at, "key"], Reason::Duplicate);
        }
    }
    refusals.settle(Some(map))
}

fn parsed(raw: &str) -> Result<String, Reason> {
    const EXPECTED: &str = "1 to 100 letters a to z, digits, `_`, `-`, `.` and `:` are expected";
    match raw.trim() {
        "" => Err(Reason::Required),
        key if is_key(key) => Ok(key.to_owned()),
        _ => Err(Reason::Invalid { expected: EXPECTED }),
    }
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
        assert!(metadata(vec![pair("no spaces", "17")]).is_err());
    }
}
