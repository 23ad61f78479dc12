//! Writes an operation plainly before the planner crate sees it: the same answer, without what the crate stumbles over.
//!
//! - An alias that repeats the field's name makes it select the field twice, once without a selection set.
//! - `t: __typename` alone leaves it without the `__typename` that type conditions and representations need; the answer's
//!   aliases are written from the shape.
//! - A conditional fragment on the type that it stands in finds no path.
//! - Spread fragments are written out: the crate would do the same.
use apollo_compiler::{
    ExecutableDocument, Node,
    ast::{Directive, DirectiveList, Value},
    executable::{Field, InlineFragment, Operation, Selection, SelectionSet},
    name,
};

/// The operation alone, without a name: given several, the crate takes the first.
pub(super) fn plain(document: &ExecutableDocument, operation: &Operation) -> ExecutableDocument {
    let selection_set = Writer { document }.set(&operation.selection_set);
    let mut alone = ExecutableDocument::new();
    alone.operations.insert(Operation { name: None, selection_set, ..operation.clone() });
    alone
}

struct Writer<'a> {
    document: &'a ExecutableDocument,
}

impl Writer<'_> {
    fn set(&self, set: &SelectionSet) -> SelectionSet {
        let mut plain = SelectionSet::new(set.ty.clone());
        self.add(&mut plain, set, &DirectiveList::new());
        plain
    }

    /// Adds what `set` selects to `plain`, which is of the same type, under `conditions`.
    fn add(&self, plain: &mut SelectionSet, set: &SelectionSet, conditions: &DirectiveList) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => self.add_field(plain, field, conditions),
                Selection::InlineFragment(fragment) => {
                    self.add_fragment(plain, &fragment.selection_set, &fragment.directives, conditions);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.add_fragment(plain, &fragment.selection_set, &spread.directives, conditions);
                    }
                }
            }
        }
    }

    fn add_field(&self, plain: &mut SelectionSet, field: &Node<Field>, conditions: &DirectiveList) {
        if field.name == "__typename" {
            let name = Field { alias: None, directives: DirectiveList::new(), ..(**field).clone() };
            return plain.push(name);
        }
        let Some(directives) = both(conditions, &field.directives) else {
            // One field cannot bear two conditions of a kind: a fragment bears the other.
            let mut inside = SelectionSet::new(plain.ty.clone());
            self.add_field(&mut inside, field, &DirectiveList::new());
            return plain.push(fragment(inside, conditions.clone()));
        };
        plain.push(Field {
            alias: field.alias.clone().filter(|alias| *alias != field.name),
            directives,
            selection_set: self.set(&field.selection_set),
            ..(**field).clone()
        });
    }

    fn add_fragment(
        &self,
        plain: &mut SelectionSet,
        set: &SelectionSet,
        own: &DirectiveList,
        conditions: &DirectiveList,
    ) {
        let joined = both(conditions, own);
        match joined {
            Some(joined) if set.ty == plain.ty => self.add(plain, set, &joined),
            Some(joined) => plain.push(fragment(self.set(set), joined)),
            None => {
                let mut inside = SelectionSet::new(plain.ty.clone());
                self.add_fragment(&mut inside, set, own, &DirectiveList::new());
                plain.push(fragment(inside, conditions.clone()));
            }
        }
    }
}

fn fragment(set: SelectionSet, directives: DirectiveList) -> InlineFragment {
    InlineFragment { type_condition: Some(set.ty.clone()), directives, selection_set: set }
}

/// The conditions of both; `None` if they have different ones of a kind. Directives other than conditions mean nothing
/// to subgraphs.
fn both(outer: &DirectiveList, own: &DirectiveList) -> Option<DirectiveList> {
    let mut joined = DirectiveList::new();
    for kind in [name!("skip"), name!("include")] {
        match (outer.get(&kind), own.get(&kind)) {
            (Some(a), Some(b)) if condition(a) != condition(b) => return None,
            (Some(one), _) | (None, Some(one)) => joined.push(one.clone()),
            (None, None) => {}
        }
    }
    Some(joined)
}

fn condition(directive: &Directive) -> Option<&Value> {
    directive.specified_argument_by_name("if").map(|value| &**value)
}
