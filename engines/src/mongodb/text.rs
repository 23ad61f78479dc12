//! How fields and their values are written so that one native index answers for all fields of a collection, the
//! domain's own ones and those that are named by data, such as a price per currency, shop and group.
//!
//! MongoDB compares strings byte by byte, so what sorts as bytes here sorts the same there.

use souk_kit::documents::IndexValue;

/// In every document that is not deleted.
pub(super) const LIVE: &str = "";

/// A value as an entry of [`VALUES`](super::layout::VALUES): the field's name, a NUL, the value.
pub(super) fn entry(field: &str, value: &str) -> String {
    let mut entry = first_entry(field);
    entry.push_str(value);
    entry
}

/// What no entry of a field is below.
pub(super) fn first_entry(field: &str) -> String {
    let mut entry = String::with_capacity(field.len() + 24);
    for character in field.chars() {
        match character {
            '\0' => entry.push_str("\u{1}\u{1}"),
            '\u{1}' => entry.push_str("\u{1}\u{2}"),
            other => entry.push(other),
        }
    }
    entry.push('\0');
    entry
}

/// What every entry of a field is below.
pub(super) fn past_entries(field: &str) -> String {
    let mut entry = first_entry(field);
    entry.pop();
    entry.push('\u{1}');
    entry
}

/// A value and an id as one string that sorts by value and then by id.
pub(super) fn place(value: &str, id: &str) -> String {
    let mut place = String::with_capacity(value.len() + id.len() + 2);
    for character in value.chars() {
        match character {
            '\0' => place.push_str("\0\u{1}"),
            other => place.push(other),
        }
    }
    place.push_str("\0\0");
    place.push_str(id);
    place
}

/// The value of a [`place`].
pub(super) fn value_of(place: &str) -> Option<IndexValue> {
    let (value, _) = place.split_once("\0\0")?;
    Some(value.replace("\0\u{1}", "\0").into())
}

/// A field's name as the name of a native field, which holds neither dot nor NUL and begins with no dollar sign.
pub(super) fn name(field: &str) -> String {
    let mut name = String::with_capacity(field.len() + 8);
    for character in field.chars() {
        match character {
            '.' => name.push_str("%2E"),
            '$' => name.push_str("%24"),
            '%' => name.push_str("%25"),
            '\0' => name.push_str("%00"),
            other => name.push(other),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop_oneof![Just('\0'), Just('\u{1}'), Just('\u{2}'), Just('a'), any::<char>()],
            0..6,
        )
        .prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn places_sort_by_value_then_id(a in text(), b in text(), x in "[a-z]{0,3}", y in "[a-z]{0,3}") {
            prop_assert_eq!(place(&a, &x).cmp(&place(&b, &y)), (&a, &x).cmp(&(&b, &y)));
            prop_assert_eq!(value_of(&place(&a, &x)), Some(IndexValue::from(a)));
        }

        #[test]
        fn entries_stand_within_their_field_alone(f in text(), g in text(), v in text(), w in text()) {
            let within = |entry: &String| first_entry(&f) <= *entry && *entry < past_entries(&f);
            prop_assert!(within(&entry(&f, &v)));
            prop_assert_eq!(within(&entry(&g, &w)), f == g);
            prop_assert_eq!(entry(&f, &v).cmp(&entry(&f, &w)), v.cmp(&w));
            prop_assert!(LIVE < entry(&f, &v).as_str());
        }

        #[test]
        fn names_hold_nothing_that_means_something(f in text(), g in text()) {
            prop_assert!(!name(&f).contains(['.', '$', '\0']));
            prop_assert_eq!(name(&f) == name(&g), f == g);
        }
    }
}
