//! From a typed filter to a native one.

use ::mongodb::bson::{Bson, Document, doc};
use souk_kit::documents::{Filter, IndexValue, Test};

use super::layout::{COMPANY, ID, KEYS, VALUES};
use super::text;

/// Sorts above every value.
const HIGHEST: &str = "\u{10FFFF}";

/// Conditions that must all hold.
#[derive(Default)]
pub(super) struct Conditions(Vec<Document>);

impl Conditions {
    /// One more.
    pub(super) fn and(mut self, condition: Document) -> Self {
        if !condition.is_empty() {
            self.0.push(condition);
        }
        self
    }

    /// Those of a filter too. Of documents that are known to be of `company` nothing is asked about it.
    pub(super) fn and_filter(self, filter: &Filter, company: Option<&str>) -> Self {
        match filter {
            Filter::All(all) => all.iter().fold(self, |conditions, one| conditions.and_filter(one, company)),
            one => self.and(native(one, company)),
        }
    }

    /// The document is not deleted.
    pub(super) fn and_live(self) -> Self {
        self.and(doc! { VALUES: text::LIVE })
    }

    /// As one filter.
    pub(super) fn native(mut self) -> Document {
        match self.0.len() {
            0 => Document::new(),
            1 => self.0.remove(0),
            _ => doc! { "$and": self.0 },
        }
    }
}

/// The company that everything belongs to that passes, if the filter says so.
pub(super) fn company_of(filter: &Filter) -> Option<String> {
    match filter {
        Filter::All(all) => all.iter().find_map(company_of),
        Filter::Companies(companies) => match companies.as_slice() {
            [company] => Some(company.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether nothing passes that is deleted: it has no values.
pub(super) fn implies_live(filter: &Filter) -> bool {
    match filter {
        Filter::All(all) => all.iter().any(implies_live),
        Filter::Any(any) => any.iter().all(implies_live),
        Filter::Field(..) => true,
        Filter::Not(_) | Filter::Ids(_) | Filter::Companies(_) | Filter::Keys(_) => false,
    }
}

fn native(filter: &Filter, company: Option<&str>) -> Document {
    match filter {
        Filter::All(_) => Conditions::default().and_filter(filter, company).native(),
        Filter::Any(any) if any.is_empty() => nothing(),
        Filter::Any(any) => {
            let any: Vec<_> = any.iter().map(|one| native(one, company)).collect();
            // An empty condition passes everything, and so does the whole then.
            if any.iter().any(Document::is_empty) {
                Document::new()
            } else {
                doc! { "$or": any }
            }
        }
        Filter::Not(one) => {
            let one = native(one, company);
            if one.is_empty() {
                nothing()
            } else {
                doc! { "$nor": [one] }
            }
        }
        Filter::Ids(ids) => doc! { ID: { "$in": ids.clone() } },
        Filter::Companies(companies) => {
            let companies: Vec<_> = companies.iter().map(ToString::to_string).collect();
            match company {
                Some(known) if companies.iter().any(|one| one == known) => Document::new(),
                Some(_) => nothing(),
                None => doc! { COMPANY: one_of(companies) },
            }
        }
        Filter::Keys(keys) => doc! { KEYS: one_of(keys.clone()) },
        Filter::Field(field, test) => doc! { VALUES: passes(field, test) },
    }
}

fn nothing() -> Document {
    doc! { ID: { "$in": Vec::<String>::new() } }
}

fn one_of(mut values: Vec<String>) -> Bson {
    match values.len() {
        1 => values.remove(0).into(),
        _ => doc! { "$in": values }.into(),
    }
}

/// One entry must pass both ends of a range, hence `$elemMatch`: its bounds are those of the index.
fn passes(field: &str, test: &Test) -> Bson {
    let (from, below) = match test {
        Test::In(values) => {
            return one_of(values.iter().map(|value| text::entry(field, value.as_str())).collect());
        }
        Test::Exists => (text::first_entry(field), text::past_entries(field)),
        Test::Prefix(prefix) => {
            (text::entry(field, prefix), text::entry(field, &format!("{prefix}{HIGHEST}")))
        }
        Test::Range { from, below } => {
            let end = |value: &IndexValue| text::entry(field, value.as_str());
            (
                from.as_ref().map_or_else(|| text::first_entry(field), end),
                below.as_ref().map_or_else(|| text::past_entries(field), end),
            )
        }
    };
    doc! { "$elemMatch": { "$gte": from, "$lt": below } }.into()
}
