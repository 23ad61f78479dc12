//! Typed attributes: a company defines them once, products and variants carry values that fit.

use serde::{Deserialize, Serialize};
use souk_kit::id::CompanyId;

use super::ids::AttributeId;
use super::text::{self, TextRefusal};

/// Most attributes that a company defines.
pub const MAX_DEFINITIONS: usize = 500;
/// Most choices of one attribute.
pub const MAX_CHOICES: usize = 500;
/// Most attribute values of one product or variant.
pub const MAX_VALUES: usize = 100;

/// Most choices that a thing carries of one attribute.
pub const MAX_CHOSEN: usize = 100;

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// Any one line.
    Text,
    /// A whole number.
    Integer,
    /// A decimal number such as `12.5`.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// A calendar day, `2030-12-31`.
    Date,
    /// One of the listed choices.
    Choice,
    /// Any of the listed choices.
    Choices,
}

/// One attribute that a company has defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its id.
    pub id: AttributeId,
    /// How often it has changed; the set's own version moves with every attribute.
    pub version: i64,
    /// What values refer to: letters, digits and hyphens, unique in the company, never changed.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What its values are; never changed, or stored values would no longer fit.
    pub kind: AttributeType,
    /// The unit that a number is in, to show beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What may be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// A value that a product or variant carries, in canonical text: one value, or any number for `Choices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeValue {
    /// The attribute's code.
    pub code: String,
    /// Its values.
    pub values: Vec<String>,
}

/// Why a definition or a value is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttributeRefusal {
    /// The company has not defined it.
    #[error("the company has no attribute `{0}`")]
    Unknown(String),
    /// The value is not of the attribute's type.
    #[error("the values of `{code}` must be {expected}")]
    Mismatch {
        /// The attribute's code.
        code: String,
        /// What it takes, in words.
        expected: &'static str,
    },
    /// One attribute is given twice.
    #[error("has the attribute `{0}` twice")]
    Twice(String),
    /// More values than a thing carries.
    #[error("must have at most {MAX_VALUES} attributes")]
    TooMany,
    /// Not a code.
    #[error("a code must be lower-case letters and digits, joined by single hyphens")]
    Code,
    /// Another attribute of the company has the code.
    #[error("the company has another attribute with this code")]
    CodeTaken,
    /// A choice attribute without choices, or another with them.
    #[error("choices belong to the types that choose, which need at least one and at most {MAX_CHOICES}")]
    Choices,
    /// Products or variants carry values of it.
    #[error("products carry values of it: take these away first")]
    InUse,
    /// The company has defined as many as it may.
    #[error("a company has at most {MAX_DEFINITIONS} attributes")]
    TooManyDefinitions,
    /// There is no such definition.
    #[error("there is no such attribute")]
    NotFound,
    /// A text that is not good.
    #[error(transparent)]
    Text(#[from] TextRefusal),
    /// Another writer was first.
    #[error("has changed since: its version is {current}")]
    VersionConflict {
        /// The version it has now.
        current: i64,
    },
}

/// All attributes that a company has defined: one aggregate, so that no two can take one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeSet {
    /// Whose they are.
    pub company: CompanyId,
    /// In the order in which they were defined.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

impl AttributeSet {
    /// No attribute yet.
    pub fn new(company: CompanyId) -> Self {
        Self { company, attributes: Vec::new() }
    }

    /// The attribute with a code.
    pub fn by_code(&self, code: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.code == code)
    }

    /// The attribute with an id.
    pub fn by_id(&self, id: AttributeId) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.id == id)
    }

    /// Defines one more.
    pub fn define(&mut self, attribute: Attribute) -> Result<(), AttributeRefusal> {
        if self.attributes.len() >= MAX_DEFINITIONS {
            return Err(AttributeRefusal::TooManyDefinitions);
        }
        let code = super::slug::Slug::parse(&attribute.code).map_err(|_| AttributeRefusal::Code)?;
        if code.as_str() != attribute.code {
            return Err(AttributeRefusal::Code);
        }
        if self.by_code(&attribute.code).is_some() {
            return Err(AttributeRefusal::CodeTaken);
        }
        let (name, unit, choices) =
            checked_terms(attribute.kind, &attribute.name, attribute.unit.as_deref(), &attribute.choices)?;
        self.attributes.push(Attribute { name, unit, choices, ..attribute });
        Ok(())
    }

    /// Changes what may change; values that are no longer a choice stay where they are until they are set.
    pub fn revise(
        &mut self,
        id: AttributeId,
        expected_version: Option<i64>,
        name: Option<&str>,
        unit: Option<Option<&str>>,
        choices: Option<&[String]>,
    ) -> Result<&Attribute, AttributeRefusal> {
        let found = self.attributes.iter_mut().find(|attribute| attribute.id == id);
        let attribute = found.ok_or(AttributeRefusal::NotFound)?;
        attribute.expect_version(expected_version)?;
        let (name, unit, choices) = checked_terms(
            attribute.kind,
            name.unwrap_or(&attribute.name),
            unit.unwrap_or(attribute.unit.as_deref()),
            choices.unwrap_or(&attribute.choices),
        )?;
        (attribute.name, attribute.unit, attribute.choices) = (name, unit, choices);
        attribute.version += 1;
        Ok(attribute)
    }

    /// Takes a definition away. That is a change of it, the last one.
    pub fn remove(
        &mut self,
        id: AttributeId,
        expected_version: Option<i64>,
    ) -> Result<Attribute, AttributeRefusal> {
        let known = self.attributes.iter().find(|attribute| attribute.id == id);
        let known = known.ok_or(AttributeRefusal::NotFound)?;
        known.expect_version(expected_version)?;
        let gone = Attribute { version: known.version + 1, ..known.clone() };
        self.attributes.retain(|attribute| attribute.id != id);
        Ok(gone)
    }

    /// A value of an attribute as products carry it; one that does not fit is left as it is, and none has it.
    pub fn canonical(&self, code: &str, value: &str) -> String {
        let fitting = self.by_code(code).and_then(|own| own.canonical(&[value.to_owned()]).ok());
        fitting.and_then(|mut values| values.pop()).unwrap_or_else(|| value.to_owned())
    }

    /// Values in canonical text, when each fits its attribute.
    pub fn checked(&self, values: &[AttributeValue]) -> Result<Vec<AttributeValue>, AttributeRefusal> {
        if values.len() > MAX_VALUES {
            return Err(AttributeRefusal::TooMany);
        }
        let mut checked: Vec<AttributeValue> = Vec::with_capacity(values.len());
        for value in values {
            let code = &value.code;
            let attribute = self.by_code(code).ok_or_else(|| AttributeRefusal::Unknown(code.clone()))?;
            if checked.iter().any(|other| other.code == *code) {
                return Err(AttributeRefusal::Twice(code.clone()));
            }
            checked.push(AttributeValue { code: code.clone(), values: attribute.canonical(&value.values)? });
        }
        Ok(checked)
    }
}

type Terms = (String, Option<String>, Vec<String>);

fn checked_terms(
    kind: AttributeType,
    name: &str,
    unit: Option<&str>,
    choices: &[String],
) -> Result<Terms, AttributeRefusal> {
    let chooses = match kind {
        AttributeType::Choice | AttributeType::Choices => true,
        AttributeType::Text
        | AttributeType::Integer
        | AttributeType::Decimal
        | AttributeType::Boolean
        | AttributeType::Date => false,
    };
    if chooses == choices.is_empty() || choices.len() > MAX_CHOICES {
        return Err(AttributeRefusal::Choices);
    }
    let choices = choices.iter().map(|choice| text::line(choice, text::LINE)).collect::<Result<_, _>>()?;
    Ok((text::line(name, text::NAME)?, text::optional_line(unit, 20)?, choices))
}

impl Attribute {
    fn expect_version(&self, expected: Option<i64>) -> Result<(), AttributeRefusal> {
        match expected {
            Some(expected) if expected != self.version => {
                Err(AttributeRefusal::VersionConflict { current: self.version })
            }
            None | Some(_) => Ok(()),
        }
    }

    fn canonical(&self, values: &[String]) -> Result<Vec<String>, AttributeRefusal> {
        let mismatch = |expected| AttributeRefusal::Mismatch { code: self.code.clone(), expected };
        if self.kind == AttributeType::Choices {
            if values.len() > MAX_CHOSEN {
                return Err(mismatch("at most 100 of its choices"));
            }
            let chosen = values.iter().all(|value| self.choices.contains(value));
            let mut all = values.to_vec();
            all.dedup();
            return if chosen { Ok(all) } else { Err(mismatch("any of its choices")) };
        }
        let [value] = values else { return Err(mismatch("one value")) };
        let value = value.trim();
        let canonical = match self.kind {
            AttributeType::Text => text::line(value, 1_000).ok().ok_or("one line of text"),
            AttributeType::Integer => {
                value.parse::<i64>().map(|n| n.to_string()).map_err(|_| "a whole number")
            }
            AttributeType::Decimal => decimal(value).ok_or("a decimal number"),
            AttributeType::Boolean => {
                value.parse::<bool>().map(|b| b.to_string()).map_err(|_| "true or false")
            }
            AttributeType::Date => value
                .parse::<chrono::NaiveDate>()
                .map(|day| day.to_string())
                .map_err(|_| "a day such as 2030-12-31"),
            AttributeType::Choice | AttributeType::Choices => {
                self.choices.iter().find(|choice| *choice == value).cloned().ok_or("one of its choices")
            }
        };
        canonical.map(|one| vec![one]).map_err(mismatch)
    }
}

/// A decimal number as people write it, in the shortest way to write it: no zero that says nothing, no `-0`. It is
/// kept as text so that no digit is lost.
pub fn decimal(value: &str) -> Option<String> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !numeric(whole) || !numeric(fraction) || digits.len() > 40 {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let sign = if value.starts_with('-') && !(whole.is_empty() && fraction.is_empty()) { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn set(kind: AttributeType, choices: &[&str]) -> AttributeSet {
        let mut set = AttributeSet::new(CompanyId::new(DateTime::UNIX_EPOCH));
        let attribute = Attribute {
            id: AttributeId::new(DateTime::UNIX_EPOCH),
            version: 1,
            code: "a".into(),
            name: "A".into(),
            kind,
            unit: None,
            choices: choices.iter().map(ToString::to_string).collect(),
        };
        set.define(attribute).unwrap();
        set
    }

    #[test]
    fn values_fit_the_type_or_are_refused() {
        use AttributeType::{Boolean, Choice, Choices, Date, Decimal, Integer, Text};
        let cases = [
            (Text, &[][..], &["brass"][..], Some(&["brass"][..])),
            (Text, &[], &["a", "b"], None),
            (Integer, &[], &["+7"], Some(&["7"])),
            (Integer, &[], &["7.5"], None),
            (Decimal, &[], &["-12.50"], Some(&["-12.5"])),
            (Decimal, &[], &["12."], None),
            (Decimal, &[], &["1e3"], None),
            (Boolean, &[], &["true"], Some(&["true"])),
            (Boolean, &[], &["yes"], None),
            (Date, &[], &["2030-12-31"], Some(&["2030-12-31"])),
            (Date, &[], &["2030-13-31"], None),
            (Choice, &["red", "blue"], &["red"], Some(&["red"])),
            (Choice, &["red", "blue"], &["green"], None),
            (Choices, &["red", "blue"], &["red", "blue"], Some(&["red", "blue"])),
            (Choices, &["red", "blue"], &[], Some(&[])),
            (Choices, &["red", "blue"], &["red", "green"], None),
        ];
        for (kind, choices, given, expected) in cases {
            let values = given.iter().map(ToString::to_string).collect();
            let got = set(kind, choices).checked(&[AttributeValue { code: "a".into(), values }]);
            let got = got.ok().and_then(|mut all| all.pop()).map(|value| value.values);
            let expected: Option<Vec<String>> = expected.map(|e| e.iter().map(ToString::to_string).collect());
            assert_eq!(got, expected, "{kind:?} {given:?}");
        }
    }

    #[test]
    fn a_number_is_written_in_one_way() {
        let cases = [
            ("12.50", "12.5"),
            ("12.5", "12.5"),
            ("012", "12"),
            ("100", "100"),
            ("3.00", "3"),
            ("0.05", "0.05"),
            ("-0.0", "0"),
            ("-0.10", "-0.1"),
            ("00", "0"),
        ];
        for (given, expected) in cases {
            assert_eq!(decimal(given).as_deref(), Some(expected), "{given}");
        }
    }

    proptest::proptest! {
        #[test]
        fn canonical_text_stays_as_it_is(value in "-?[0-9]{1,12}(\\.[0-9]{1,12})?") {
            let once = decimal(&value).unwrap();
            proptest::prop_assert_eq!(decimal(&once), Some(once.clone()));
            let (short, long) = (once.parse::<f64>().unwrap(), value.parse::<f64>().unwrap());
            proptest::prop_assert_eq!(short.partial_cmp(&long), Some(std::cmp::Ordering::Equal), "{}", once);
        }
    }

    #[test]
    fn a_code_is_defined_once_and_choices_belong_to_choosing_types() {
        let mut attributes = set(AttributeType::Text, &[]);
        let again = attributes.attributes[0].clone();
        assert_eq!(attributes.define(again.clone()), Err(AttributeRefusal::CodeTaken));
        let choosing = Attribute { code: "b".into(), kind: AttributeType::Choice, ..again.clone() };
        assert_eq!(attributes.define(choosing), Err(AttributeRefusal::Choices));
        let needless = Attribute { code: "b".into(), choices: vec!["x".into()], ..again };
        assert_eq!(attributes.define(needless), Err(AttributeRefusal::Choices));
    }
}
