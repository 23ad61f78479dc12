//! Refuses operations whose fragments multiply: what a few lines say must not become millions of fields in the planner.
use ahash::HashMap;
use apollo_compiler::{
    ExecutableDocument, Name,
    executable::{Selection, SelectionSet},
};

use super::PlanError;

/// The most fields that an operation may select once its fragments are expanded.
pub(crate) const MAX_FIELDS: usize = 20_000;

/// Fails if `set` selects more than [`MAX_FIELDS`] fields. The document must be valid: its fragments form no cycle.
pub(crate) fn check<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet) -> Result<(), PlanError> {
    let size = Sizes { document, known: HashMap::default() }.of(set);
    if size > MAX_FIELDS { Err(PlanError::TooLarge(MAX_FIELDS)) } else { Ok(()) }
}

struct Sizes<'a> {
    document: &'a ExecutableDocument,
    known: HashMap<&'a Name, usize>,
}

impl<'a> Sizes<'a> {
    fn of(&mut self, set: &'a SelectionSet) -> usize {
        let sizes = set.selections.iter().map(|selection| match selection {
            Selection::Field(field) => self.of(&field.selection_set).saturating_add(1),
            Selection::InlineFragment(fragment) => self.of(&fragment.selection_set).saturating_add(1),
            Selection::FragmentSpread(spread) => self.of_fragment(&spread.fragment_name).saturating_add(1),
        });
        sizes.fold(0, usize::saturating_add)
    }

    fn of_fragment(&mut self, name: &'a Name) -> usize {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        let size = self.document.fragments.get(name).map_or(0, |fragment| self.of(&fragment.selection_set));
        self.known.insert(name, size);
        size
    }
}
