//! A plainly right index to compare with: a list that is gone through for every question.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use souk_kit::page::SortDirection;
use souk_kit::permission::Reach;
use souk_search::index::document::{Assortment, ProductDocument};
use souk_search::index::query::{Facet, Filter, SearchQuery, Sort};

use super::fixture::number;

/// What the twin finds: all that match in the order of the question, and the counts of each facet.
#[derive(Debug, PartialEq)]
pub(super) struct Expected {
    pub(super) found: Vec<u64>,
    pub(super) facets: Vec<Vec<(String, u64)>>,
}

pub(super) fn answer(products: &[ProductDocument], query: &SearchQuery) -> Expected {
    let seen: Vec<_> =
        products.iter().filter(|one| is_seen(one, query) && has_words(one, &query.text)).collect();
    let mut found: Vec<_> = seen.iter().copied().filter(|one| passes(one, &query.filter, query)).collect();
    found.sort_by(|a, b| compare(a, b, query).then(a.id.cmp(&b.id)));
    let facets = query.facets.iter().map(|facet| {
        let without = without_own(&query.filter, facet);
        let counted = seen.iter().copied().filter(|one| passes(one, &without, query));
        count(&counted.collect::<Vec<_>>(), facet, query)
    });
    Expected { facets: facets.collect(), found: found.into_iter().map(|one| number(one.id)).collect() }
}

fn is_seen(product: &ProductDocument, query: &SearchQuery) -> bool {
    let audience = &query.audience;
    let own = match audience.visibility.reach() {
        Reach::Everything => true,
        Reach::Company(company) => product.company == *company,
        Reach::Shops { company, shops } => {
            product.company == *company
                && match &product.shops {
                    Assortment::All => true,
                    Assortment::Listed(listed) => listed.iter().any(|shop| shops.contains(shop)),
                }
        }
        Reach::Own(_) | Reach::Nothing => false,
    };
    let is_public = product.publication.is_public(audience.at) && !audience.closed.contains(&product.company);
    (own || audience.visibility.sees_public() && is_public)
        && audience.company.is_none_or(|company| company == product.company)
        && audience.shop.is_none_or(|shop| product.shops.offers_in(shop))
}

/// Words of the test are found as they stand: none is a form or a beginning of another, or close to it.
fn has_words(product: &ProductDocument, text: &str) -> bool {
    text.split_whitespace()
        .all(|word| product.texts.values().any(|text| text.name.split(' ').any(|own| own == word)))
}

fn passes(product: &ProductDocument, filter: &Filter, query: &SearchQuery) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| passes(product, part, query)),
        Filter::Or(parts) => parts.iter().any(|part| passes(product, part, query)),
        Filter::Product(ids) => ids.contains(&product.id),
        Filter::Category(ids) => ids.iter().any(|id| product.categories.contains(id)),
        Filter::Brand(brands) => product.brand.as_ref().is_some_and(|brand| brands.contains(brand)),
        Filter::Tag(tags) => tags.iter().any(|tag| product.tags.contains(tag)),
        Filter::Attribute { code, values } => {
            product.attributes.get(code).is_some_and(|own| values.iter().any(|value| own.contains(value)))
        }
        Filter::Price(range) => price(product, query).is_some_and(|price| range.contains(price)),
        Filter::RatingAtLeast(least) => product.rating.is_some_and(|rating| rating >= *least),
        Filter::Availability(values) => values.contains(&product.availability),
    }
}

fn price(product: &ProductDocument, query: &SearchQuery) -> Option<i64> {
    product.price(query.currency.as_deref()?, query.audience.shop, query.audience.at)
}

fn compare(a: &ProductDocument, b: &ProductDocument, query: &SearchQuery) -> Ordering {
    let lacking = |a: Option<i64>, b: Option<i64>, direction| match (a, b) {
        (Some(a), Some(b)) if direction == SortDirection::Asc => a.cmp(&b),
        (Some(a), Some(b)) => b.cmp(&a),
        (a, b) => a.is_none().cmp(&b.is_none()),
    };
    match query.sort {
        Sort::Relevance => Ordering::Equal,
        Sort::Price(direction) => lacking(price(a, query), price(b, query), direction),
        Sort::Newest => b.created_at.cmp(&a.created_at),
        Sort::Popularity => b.popularity.cmp(&a.popularity),
        Sort::Rating => lacking(a.rating.map(i64::from), b.rating.map(i64::from), SortDirection::Desc),
        Sort::Name(direction) => {
            let name = |one: &ProductDocument| one.text(None).unwrap().name.to_lowercase();
            if direction == SortDirection::Asc { name(a).cmp(&name(b)) } else { name(b).cmp(&name(a)) }
        }
    }
}

/// The filter without the conditions that speak of the facet alone.
fn without_own(filter: &Filter, facet: &Facet) -> Filter {
    match filter {
        Filter::And(parts) => Filter::And(parts.iter().map(|part| without_own(part, facet)).collect()),
        part if speaks_of(part, facet) == Some(true) => Filter::everything(),
        part => part.clone(),
    }
}

/// Whether all of a filter speaks of the facet; nothing for a filter that speaks of nothing.
fn speaks_of(filter: &Filter, facet: &Facet) -> Option<bool> {
    Some(match (filter, facet) {
        (Filter::And(parts) | Filter::Or(parts), facet) => {
            let parts: Option<Vec<_>> = parts.iter().map(|part| speaks_of(part, facet)).collect();
            let parts = parts.filter(|parts| !parts.is_empty())?;
            parts.into_iter().all(|own| own)
        }
        (Filter::Category(_), Facet::Category)
        | (Filter::Brand(_), Facet::Brand)
        | (Filter::Tag(_), Facet::Tag)
        | (Filter::Price(_), Facet::Price(_))
        | (Filter::RatingAtLeast(_), Facet::Rating)
        | (Filter::Availability(_), Facet::Availability) => true,
        (Filter::Attribute { code, .. }, Facet::Attribute(other)) => code == other,
        _ => false,
    })
}

fn count(products: &[&ProductDocument], facet: &Facet, query: &SearchQuery) -> Vec<(String, u64)> {
    let among = |values: &dyn Fn(&ProductDocument) -> Vec<String>| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        products.iter().flat_map(|one| values(one)).for_each(|value| *counts.entry(value).or_default() += 1);
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(value, count)| (Reverse(*count), value.clone()));
        counts
    };
    let how_many = |holds: &dyn Fn(&ProductDocument) -> bool| {
        u64::try_from(products.iter().filter(|one| holds(one)).count()).unwrap()
    };
    match facet {
        Facet::Category => among(&|one| one.categories.iter().cloned().collect()),
        Facet::Brand => among(&|one| one.brand.iter().cloned().collect()),
        Facet::Tag => among(&|one| one.tags.iter().cloned().collect()),
        Facet::Attribute(code) => {
            among(&|one| one.attributes.get(code).into_iter().flatten().cloned().collect())
        }
        Facet::Availability => among(&|one| vec![one.availability.as_str().to_owned()]),
        Facet::Rating => {
            let at_least =
                |stars: u16| how_many(&|one| one.rating.is_some_and(|rating| rating >= stars * 100));
            [4, 3, 2, 1].map(|stars| (stars.to_string(), at_least(stars))).into()
        }
        Facet::Price(ranges) => {
            let within = ranges
                .iter()
                .map(|range| how_many(&|one| price(one, query).is_some_and(|p| range.contains(p))));
            within.enumerate().map(|(place, count)| (place.to_string(), count)).collect()
        }
    }
}
