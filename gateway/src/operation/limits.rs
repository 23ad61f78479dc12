//! Bounds on what an operation asks for once its fragments are expanded, found in time linear in its text:
//! a few lines of fragments that spread each other can stand for billions of fields.

use std::collections::HashMap;

use apollo_compiler::Name;
use apollo_compiler::ast::{Definition, Document, Selection};

use super::location::locate;
use crate::error::{Code, GraphqlError};
use crate::settings::Limits;

/// Nested selection sets of any kind, fragments expanded, that are ever followed: it bounds our own stack and
/// that of whoever walks the operation later. Fields reach `limits.depth` long before.
const NESTING: usize = 400;

/// What a selection set stands for, its fragments expanded.
#[derive(Clone, Copy, Default)]
struct Extent {
    fields: usize,
    depth: usize,
    /// Selection sets of any kind within each other.
    nesting: usize,
}

/// The limit that an operation of `document` breaks, if any.
pub(super) fn check(document: &Document, limits: &Limits) -> Result<(), GraphqlError> {
    let mut measure = Measure::of(document);
    for definition in &document.definitions {
        let Definition::OperationDefinition(operation) = definition else { continue };
        let extent = measure.extent(&operation.selection_set);
        let location = || locate(operation.location(), &document.sources);
        let refuse =
            |message: String| GraphqlError::new(Code::GraphqlValidationFailed, message).at(location());
        if measure.is_too_nested || extent.nesting > NESTING || extent.depth > limits.depth {
            return Err(refuse(format!("The operation is nested more than {} levels deep.", limits.depth)));
        }
        if extent.fields > limits.fields {
            return Err(refuse(format!("The operation selects more than {} fields.", limits.fields)));
        }
    }
    Ok(())
}

struct Measure<'a> {
    fragments: HashMap<&'a Name, &'a [Selection]>,
    /// Known extents. A fragment that is being measured stands here as empty, so that a cycle ends;
    /// validation reports it.
    known: HashMap<&'a Name, Extent>,
    nesting: usize,
    is_too_nested: bool,
}

impl<'a> Measure<'a> {
    fn of(document: &'a Document) -> Self {
        let fragments = document.definitions.iter().filter_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) => {
                Some((&fragment.name, fragment.selection_set.as_slice()))
            }
            _ => None,
        });
        Self { fragments: fragments.collect(), known: HashMap::new(), nesting: 0, is_too_nested: false }
    }

    fn extent(&mut self, selections: &'a [Selection]) -> Extent {
        let mut total = Extent::default();
        if self.nesting == NESTING {
            self.is_too_nested = true;
            return total;
        }
        self.nesting += 1;
        for selection in selections {
            let one = match selection {
                Selection::Field(field) => {
                    let below = self.extent(&field.selection_set);
                    Extent {
                        fields: below.fields.saturating_add(1),
                        depth: below.depth.saturating_add(1),
                        ..below
                    }
                }
                Selection::InlineFragment(fragment) => self.extent(&fragment.selection_set),
                Selection::FragmentSpread(spread) => self.spread(&spread.fragment_name),
            };
            total.fields = total.fields.saturating_add(one.fields);
            total.depth = total.depth.max(one.depth);
            total.nesting = total.nesting.max(one.nesting);
        }
        total.nesting = total.nesting.saturating_add(1);
        self.nesting -= 1;
        total
    }

    fn spread(&mut self, name: &'a Name) -> Extent {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        self.known.insert(name, Extent::default());
        let Some(selections) = self.fragments.get(name).copied() else { return Extent::default() };
        let extent = self.extent(selections);
        self.known.insert(name, extent);
        extent
    }
}
