//! Field sets (`@key`, `@requires`, `@provides`, context selections), typed and kept once each.

use std::collections::HashMap;
use std::fmt::Write as _;

use apollo_compiler::{Name, ast};

use super::{Graph, SelectionId, TypeId};

/// How deep a field set may nest. Deeper ones are refused, so that recursion over them is bounded.
const DEEPEST: usize = 64;

/// What a field set selects, without `__typename`, which every node has.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Selection {
    /// Selected fields and fragments.
    pub items: Vec<Selected>,
}

/// One thing selected.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Selected {
    /// A field.
    Field {
        /// The type on which the subgraph that wrote the selection reads the field.
        parent: TypeId,
        /// The field.
        name: Name,
        /// What is selected on it; `None` for a leaf.
        selection: Option<SelectionId>,
    },
    /// Something selected only on values of a type.
    On {
        /// The type condition.
        ty: TypeId,
        /// What is selected there.
        selection: SelectionId,
    },
}

/// Keeps equal selections once.
#[derive(Default)]
pub(super) struct Interner {
    known: HashMap<Selection, SelectionId>,
}

impl Interner {
    /// The id of a selection of `items`, in an order of its own.
    pub(super) fn intern(&mut self, graph: &mut Graph, mut items: Vec<Selected>) -> SelectionId {
        items.sort_unstable();
        items.dedup();
        let selection = Selection { items };
        if let Some(&known) = self.known.get(&selection) {
            return known;
        }
        let id = graph.selections.push(selection.clone());
        self.known.insert(selection, id);
        id
    }

    /// What either of two selections selects.
    pub(super) fn union(
        &mut self,
        graph: &mut Graph,
        one: Option<SelectionId>,
        other: Option<SelectionId>,
    ) -> Option<SelectionId> {
        let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
        if a == b {
            return one;
        }
        let items = [a, b].iter().flat_map(|&id| graph.selections[id].items.clone()).collect();
        Some(self.intern(graph, items))
    }

    /// Types and interns a parsed field set on `parent`. `field_type` says which type a field has in
    /// the subgraph that wrote the set, `type_named` finds a type; `None` where the set does not fit.
    pub(super) fn typed(
        &mut self,
        graph: &mut Graph,
        parsed: &[ast::Selection],
        parent: TypeId,
        names: &impl Names,
    ) -> Option<SelectionId> {
        self.typed_at(graph, parsed, parent, names, 0)
    }

    fn typed_at(
        &mut self,
        graph: &mut Graph,
        parsed: &[ast::Selection],
        parent: TypeId,
        names: &impl Names,
        depth: usize,
    ) -> Option<SelectionId> {
        if depth > DEEPEST {
            return None;
        }
        let mut items = Vec::with_capacity(parsed.len());
        for selected in parsed {
            match selected {
                ast::Selection::Field(field) if field.name == "__typename" => {}
                ast::Selection::Field(field) => {
                    let ty = names.field_type(graph, parent, &field.name)?;
                    let selection = if field.selection_set.is_empty() {
                        None
                    } else {
                        Some(self.typed_at(graph, &field.selection_set, ty, names, depth + 1)?)
                    };
                    items.push(Selected::Field { parent, name: field.name.clone(), selection });
                }
                ast::Selection::InlineFragment(fragment) => {
                    let ty = match &fragment.type_condition {
                        Some(name) => names.type_named(name)?,
                        None => parent,
                    };
                    let selection = self.typed_at(graph, &fragment.selection_set, ty, names, depth + 1)?;
                    if ty == parent {
                        items.extend(graph.selections[selection].items.iter().cloned());
                    } else {
                        items.push(Selected::On { ty, selection });
                    }
                }
                ast::Selection::FragmentSpread(_) => return None,
            }
        }
        Some(self.intern(graph, items))
    }
}

/// What typing a field set needs to know.
pub(super) trait Names {
    /// The type of a field as the subgraph that wrote the field set declares it.
    fn field_type(&self, graph: &Graph, parent: TypeId, field: &str) -> Option<TypeId>;
    /// The type of that name.
    fn type_named(&self, name: &str) -> Option<TypeId>;
}

/// Parses the text of a field set, with or without outer braces.
pub(super) fn parse(text: &str) -> Option<Vec<ast::Selection>> {
    let text = text.trim();
    let wrapped = if text.starts_with('{') { text.to_owned() } else { format!("{{ {text} }}") };
    let document = ast::Document::parse(wrapped, "field set").ok()?;
    match document.definitions.as_slice() {
        [ast::Definition::OperationDefinition(operation)] => Some(operation.selection_set.clone()),
        _ => None,
    }
}

impl Graph {
    /// A selection as it would be written.
    pub fn written(&self, selection: SelectionId) -> String {
        let mut text = String::new();
        self.write_selection(selection, &mut text);
        text
    }

    fn write_selection(&self, selection: SelectionId, text: &mut String) {
        for (at, item) in self.selections[selection].items.iter().enumerate() {
            if at > 0 {
                text.push(' ');
            }
            let inside = match item {
                Selected::Field { name, selection, .. } => {
                    text.push_str(name);
                    *selection
                }
                Selected::On { ty, selection } => {
                    // Writing into a `String` cannot fail.
                    let _ = write!(text, "... on {}", self.types[*ty].name);
                    Some(*selection)
                }
            };
            if let Some(inside) = inside {
                text.push_str(" { ");
                self.write_selection(inside, text);
                text.push_str(" }");
            }
        }
    }
}
