//! Options: the ways in which a product's variants differ, such as size and colour.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::text::{self, TextRefusal};

/// Most options of a product.
pub const MAX_OPTIONS: usize = 5;
/// Most values of one option: as many as a product has variants at most.
pub const MAX_VALUES: usize = 100;

/// One way in which variants differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductOption {
    /// What differs: `Size`.
    pub name: String,
    /// What it can be, in the order in which a shopper is offered them.
    pub values: Vec<String>,
}

/// What a variant is in one of the product's options.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SelectedOption {
    /// The option's name.
    pub name: String,
    /// One of its values.
    pub value: String,
}

/// Why options or a selection of them are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionRefusal {
    /// More options than a product holds.
    #[error("must have at most {MAX_OPTIONS} options")]
    TooManyOptions,
    /// More values than an option holds.
    #[error("an option must have at most {MAX_VALUES} values")]
    TooManyValues,
    /// An option without a value.
    #[error("an option must have at least one value")]
    NoValue,
    /// Two options or two values of one name.
    #[error("has `{0}` twice")]
    Twice(String),
    /// A text that is not good.
    #[error(transparent)]
    Text(#[from] TextRefusal),
    /// A variant does not say what it is in one of the options.
    #[error("must select a value of the option `{0}`")]
    Unselected(String),
    /// A variant selects what the product does not offer.
    #[error("the product has no option `{0}` with that value")]
    Unknown(String),
}

/// The options with their texts trimmed, or the first refusal.
pub fn checked(options: &[ProductOption]) -> Result<Vec<ProductOption>, OptionRefusal> {
    if options.len() > MAX_OPTIONS {
        return Err(OptionRefusal::TooManyOptions);
    }
    let mut names = BTreeSet::new();
    let checked = options.iter().map(|option| {
        let name = text::line(&option.name, text::NAME)?;
        if !names.insert(name.clone()) {
            return Err(OptionRefusal::Twice(name));
        }
        Ok(ProductOption { name, values: checked_values(&option.values)? })
    });
    checked.collect()
}

fn checked_values(values: &[String]) -> Result<Vec<String>, OptionRefusal> {
    match values.len() {
        0 => return Err(OptionRefusal::NoValue),
        1..=MAX_VALUES => (),
        _ => return Err(OptionRefusal::TooManyValues),
    }
    let mut seen = BTreeSet::new();
    let checked = values.iter().map(|value| {
        let value = text::line(value, text::LINE)?;
        if seen.insert(value.clone()) { Ok(value) } else { Err(OptionRefusal::Twice(value)) }
    });
    checked.collect()
}

/// Whether a selection names each option of the product once, each with one of its values.
pub fn check_selection(options: &[ProductOption], selected: &[SelectedOption]) -> Result<(), OptionRefusal> {
    for option in options {
        if !selected.iter().any(|one| one.name == option.name) {
            return Err(OptionRefusal::Unselected(option.name.clone()));
        }
    }
    let mut names = BTreeSet::new();
    for one in selected {
        let offered =
            options.iter().any(|option| option.name == one.name && option.values.contains(&one.value));
        if !offered {
            return Err(OptionRefusal::Unknown(one.name.clone()));
        }
        if !names.insert(&one.name) {
            return Err(OptionRefusal::Twice(one.name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size() -> Vec<ProductOption> {
        vec![ProductOption { name: "Size".into(), values: vec!["S".into(), "L".into()] }]
    }

    fn selected(pairs: &[(&str, &str)]) -> Vec<SelectedOption> {
        let pair =
            |(name, value): &(&str, &str)| SelectedOption { name: (*name).into(), value: (*value).into() };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_variant_selects_each_option_once_and_only_what_is_offered() {
        let cases = [
            (selected(&[("Size", "S")]), Ok(())),
            (selected(&[]), Err(OptionRefusal::Unselected("Size".into()))),
            (selected(&[("Size", "XL")]), Err(OptionRefusal::Unknown("Size".into()))),
            (selected(&[("Size", "S"), ("Size", "L")]), Err(OptionRefusal::Twice("Size".into()))),
            (selected(&[("Size", "S"), ("Colour", "red")]), Err(OptionRefusal::Unknown("Colour".into()))),
        ];
        for (selection, expected) in cases {
            assert_eq!(check_selection(&size(), &selection), expected);
        }
    }

    #[test]
    fn options_and_values_have_names_of_their_own() {
        let twice = [size(), size()].concat();
        assert_eq!(checked(&twice), Err(OptionRefusal::Twice("Size".into())));
        let none = [ProductOption { name: "Size".into(), values: vec![] }];
        assert_eq!(checked(&none), Err(OptionRefusal::NoValue));
    }
}
