//! `View`: a caller's [`Visibility`] as a filter over documents.

use super::filter::Filter;
use crate::permission::{Reach, Visibility};

/// The field that holds a document's shops, or [`EVERY_SHOP`].
pub(super) const SHOP: &str = "@shop";
/// The field that holds the person a document belongs to.
pub(super) const PERSON: &str = "@person";
/// Stands for all shops of the company.
pub(super) const EVERY_SHOP: &str = "*";

/// What a caller sees of a collection. It can be made of a [`Visibility`] only.
#[derive(Debug, Clone)]
pub struct View(Filter);

impl View {
    /// What is within reach of `scope`, and what passes `public` if the scope includes the public face.
    #[must_use]
    pub fn new(scope: &Visibility, public: Filter) -> Self {
        let own = match scope.reach() {
            Reach::Everything => return Self(Filter::everything()),
            Reach::Company(company) => Filter::Companies(vec![*company]),
            Reach::Shops { company, shops } => {
                let shops = shops.iter().map(ToString::to_string).chain([EVERY_SHOP.to_owned()]);
                Filter::Companies(vec![*company]).and(Filter::one_of(SHOP, shops))
            }
            Reach::Own(person) => Filter::equal(PERSON, *person),
            Reach::Nothing => Filter::nothing(),
        };
        Self(match (scope.sees_public(), own) {
            (false, own) => own,
            (true, own) if own == Filter::nothing() => public,
            (true, own) => Filter::Any(vec![own, public]),
        })
    }

    /// A condition within the view.
    pub(super) fn narrow(&self, filter: Filter) -> Filter {
        match &self.0 {
            Filter::All(all) if all.is_empty() => filter,
            view => filter.and(view.clone()),
        }
    }
}
