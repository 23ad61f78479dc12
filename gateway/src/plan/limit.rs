//! Refuses operations whose fragments multiply: what a few lines say must not become millions of fields in the planner.
use ahash::HashMap;
use apollo_compiler::{
    ExecutableDocument, Name,
    executable::{Selection, SelectionSet},
};

use super::PlanError;

/// The most fields that an operation may select once its fragments are expanded.
pub(crate) const MAX_FIELDS: usize = 20_000;

/// The deepest that fields may be nested: planning, projecting and whoever reads the answer recurse as deep.
const MAX_DEPTH: usize = 200;

/// Fails if `set` selects more than [`MAX_FIELDS`] fields, or nests them deeper than [`MAX_DEPTH`]. The document must be
/// valid: its fragments form no cycle.
pub(crate) fn check<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet) -> Result<(), PlanError> {
    let size = Sizes { document, known: HashMap::default() }.of(set);
    if size.depth > MAX_DEPTH {
        return Err(PlanError::TooDeep(MAX_DEPTH));
    }
    if size.fields > MAX_FIELDS { Err(PlanError::TooLarge(MAX_FIELDS)) } else { Ok(()) }
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    fields: usize,
    depth: usize,
}

struct Sizes<'a> {
    document: &'a ExecutableDocument,
    known: HashMap<&'a Name, Size>,
}

impl<'a> Sizes<'a> {
    fn of(&mut self, set: &'a SelectionSet) -> Size {
        let mut all = Size::default();
        for selection in &set.selections {
            let (inside, levels) = match selection {
                Selection::Field(field) => (self.of(&field.selection_set), 1),
                Selection::InlineFragment(fragment) => (self.of(&fragment.selection_set), 0),
                Selection::FragmentSpread(spread) => (self.of_fragment(&spread.fragment_name), 0),
            };
            all.fields = all.fields.saturating_add(inside.fields).saturating_add(1);
            all.depth = all.depth.max(inside.depth.saturating_add(levels));
        }
        all
    }

    fn of_fragment(&mut self, name: &'a Name) -> Size {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        let fragment = self.document.fragments.get(name);
        let size = fragment.map(|fragment| self.of(&fragment.selection_set)).unwrap_or_default();
        self.known.insert(name, size);
        size
    }
}

#[cfg(test)]
mod tests {
    use apollo_compiler::{Schema, parser::Parser};

    use super::*;

    #[test]
    fn nesting_is_bounded_and_counted_through_fragments() {
        let schema = Schema::parse_and_validate("type Query { a: Query n: Int }", "schema.graphql").unwrap();
        let checked = |depth: usize| {
            let half = depth / 2;
            let nest = |levels: usize, inside: &str| {
                format!("{}{inside}{}", "a { ".repeat(levels), "}".repeat(levels))
            };
            let text = format!(
                "{{ {} }} fragment F on Query {{ {} }}",
                nest(half, "...F"),
                nest(depth - half - 1, "n")
            );
            let mut parser = Parser::new().recursion_limit(10_000);
            let document = parser.parse_executable(&schema, text, "deep.graphql").unwrap();
            let operation = document.operations.iter().next().unwrap();
            check(&document, &operation.selection_set)
        };
        assert_eq!(checked(MAX_DEPTH), Ok(()));
        assert_eq!(checked(MAX_DEPTH + 1), Err(PlanError::TooDeep(MAX_DEPTH)));
    }
}
