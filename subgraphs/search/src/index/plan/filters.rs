//! Who sees what, and what was filtered by, as conditions.

use souk_kit::permission::Reach;

use super::Dimension;
use super::condition::Condition;
use super::fields::{ALL_SHOPS, Keyword, Number, attribute, cut};
use crate::index::query::{Audience, Filter, Range};

/// What the audience may see, and where it looks.
pub(crate) fn scope(audience: &Audience) -> Vec<Condition> {
    let mut conditions = vec![visible(audience)];
    if let Some(company) = audience.company {
        conditions.push(Condition::Keyword(Keyword::Company, vec![company.to_string()]));
    }
    if let Some(shop) = audience.shop {
        conditions.push(Condition::Keyword(Keyword::Shops, vec![shop.to_string(), ALL_SHOPS.to_owned()]));
    }
    conditions
}

fn visible(audience: &Audience) -> Condition {
    let at = audience.at.timestamp_micros();
    let after = at.saturating_add(1);
    let mut public = vec![
        Condition::Number(Number::Open, Range { at_least: Some(1), below: None }),
        Condition::Number(Number::From, Range { at_least: None, below: Some(after) }),
        Condition::Number(Number::Until, Range { at_least: Some(after), below: None }),
    ];
    if !audience.closed.is_empty() {
        let closed = audience.closed.iter().map(ToString::to_string).collect();
        public.push(Condition::Not(Box::new(Condition::Keyword(Keyword::Company, closed))));
    }
    let public = Condition::All(public);
    let of_company = |company: &dyn ToString| Condition::Keyword(Keyword::Company, vec![company.to_string()]);
    let own = match audience.visibility.reach() {
        Reach::Everything => return Condition::Everything,
        Reach::Company(company) => of_company(company),
        Reach::Shops { company, shops } => {
            let shops = shops.iter().map(ToString::to_string).chain([ALL_SHOPS.to_owned()]);
            Condition::All(vec![of_company(company), Condition::Keyword(Keyword::Shops, shops.collect())])
        }
        Reach::Own(_) | Reach::Nothing => Condition::Nothing,
    };
    match (own, audience.visibility.sees_public()) {
        (own, false) => own,
        (Condition::Nothing, true) => public,
        (own, true) => Condition::Any(vec![own, public]),
    }
}

/// A filter taken apart into what always narrows, and what was selected of facets.
pub(crate) fn split(filter: &Filter) -> (Vec<Condition>, Vec<(Dimension, Condition)>) {
    let mut parts = Vec::new();
    flatten(filter, &mut parts);
    let (mut narrowing, mut selections) = (Vec::new(), Vec::new());
    for part in parts {
        match dimension(part) {
            Some(dimension) => selections.push((dimension, condition(part))),
            None => narrowing.push(condition(part)),
        }
    }
    (narrowing, selections)
}

fn flatten<'a>(filter: &'a Filter, into: &mut Vec<&'a Filter>) {
    match filter {
        Filter::And(parts) => parts.iter().for_each(|part| flatten(part, into)),
        part => into.push(part),
    }
}

/// The one facet that a filter speaks of.
fn dimension(filter: &Filter) -> Option<Dimension> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            let mut dimensions = parts.iter().map(dimension);
            let first = dimensions.next()??;
            dimensions.all(|other| other.as_ref() == Some(&first)).then_some(first)
        }
        Filter::Product(_) => None,
        Filter::Category(_) => Some(Dimension::Category),
        Filter::Brand(_) => Some(Dimension::Brand),
        Filter::Tag(_) => Some(Dimension::Tag),
        Filter::Attribute { code, .. } => Some(Dimension::Attribute(code.clone())),
        Filter::Price(_) => Some(Dimension::Price),
        Filter::RatingAtLeast(_) => Some(Dimension::Rating),
        Filter::Availability(_) => Some(Dimension::Availability),
    }
}

fn condition(filter: &Filter) -> Condition {
    let keywords = |keyword, values: Vec<String>| {
        if values.is_empty() { Condition::Nothing } else { Condition::Keyword(keyword, values) }
    };
    let cut_all = |values: &[String]| values.iter().map(|value| cut(value)).collect();
    match filter {
        Filter::And(parts) if parts.is_empty() => Condition::Everything,
        Filter::And(parts) => Condition::All(parts.iter().map(condition).collect()),
        Filter::Or(parts) if parts.is_empty() => Condition::Nothing,
        Filter::Or(parts) => Condition::Any(parts.iter().map(condition).collect()),
        Filter::Product(ids) => keywords(Keyword::Id, ids.iter().map(ToString::to_string).collect()),
        Filter::Category(ids) => keywords(Keyword::Categories, cut_all(ids)),
        Filter::Brand(brands) => keywords(Keyword::Brand, cut_all(brands)),
        Filter::Tag(tags) => keywords(Keyword::Tags, cut_all(tags)),
        Filter::Attribute { code, values } => {
            keywords(Keyword::Attributes, values.iter().map(|value| attribute(code, value)).collect())
        }
        Filter::Price(range) => Condition::Price(*range),
        Filter::RatingAtLeast(least) => {
            let range = Range { at_least: Some(i64::from(*least)), below: None };
            Condition::Number(Number::Rating, range)
        }
        Filter::Availability(values) => {
            keywords(Keyword::Availability, values.iter().map(|value| value.as_str().to_owned()).collect())
        }
    }
}

/// Whether a filter speaks of prices.
pub(crate) fn names_price(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(names_price),
        Filter::Price(_) => true,
        _ => false,
    }
}

/// How deep a filter is nested, and how many conditions it has.
pub(crate) fn extent(filter: &Filter) -> (usize, usize) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            let parts = parts.iter().map(extent);
            let (depth, size) = parts.fold((0, 0), |(depth, size), part| (depth.max(part.0), size + part.1));
            (depth + 1, size + 1)
        }
        Filter::Product(ids) => (1, 1 + ids.len()),
        Filter::Category(values) | Filter::Brand(values) | Filter::Tag(values) => (1, 1 + values.len()),
        Filter::Attribute { values, .. } => (1, 1 + values.len()),
        Filter::Price(_) | Filter::RatingAtLeast(_) => (1, 1),
        Filter::Availability(values) => (1, 1 + values.len()),
    }
}
