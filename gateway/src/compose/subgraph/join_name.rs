//! The values of the `join__Graph` enum: one legal, unique name per subgraph.

use std::collections::BTreeMap;

use apollo_compiler::Name;

/// The enum values for subgraphs of those names, in the same order. Names that fall together when made
/// legal are numbered from 1.
pub(super) fn join_names<'a>(subgraphs: impl IntoIterator<Item = &'a str>) -> Vec<Name> {
    let wanted: Vec<String> = subgraphs.into_iter().map(legal).collect();
    let mut count = BTreeMap::new();
    for name in &wanted {
        *count.entry(name.clone()).or_insert(0_usize) += 1;
    }
    let mut next = BTreeMap::new();
    wanted
        .into_iter()
        .map(|name| {
            if count.get(&name).is_some_and(|n| *n > 1) {
                let number = next.entry(name.clone()).or_insert(0_usize);
                *number += 1;
                Name::new_unchecked(&format!("{name}_{number}"))
            } else {
                Name::new_unchecked(&name)
            }
        })
        .collect()
}

/// Upper case, `_` for what a name may not hold, `_` before a leading digit, and after a number at the
/// end, which is kept for the numbering.
fn legal(name: &str) -> String {
    let mut text: String = name
        .chars()
        .flat_map(char::to_uppercase)
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' })
        .collect();
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        text.insert(0, '_');
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_digit());
    if digits.len() < text.len() && digits.ends_with('_') {
        text.push('_');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_legal_and_unique() {
        let names = join_names(["orders", "my-shop", "my_shop", "1st", "s_1", "größe"]);
        let names: Vec<&str> = names.iter().map(Name::as_str).collect();
        assert_eq!(names, ["ORDERS", "MY_SHOP_1", "MY_SHOP_2", "_1ST", "S_1_", "GR_SSE"]);
    }
}
