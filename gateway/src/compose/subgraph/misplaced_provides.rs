//! `@provides` where it cannot stand: what two rules ask, of which the first to find something speaks.

use apollo_compiler::Node;
use apollo_compiler::ast::{Directive, FieldDefinition};
use apollo_compiler::schema::ExtendedType;

use super::Subgraph;
use super::federation::names;

/// Why a `@provides` cannot stand where it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Misplaced {
    /// The field is `@external`.
    OnExternal,
    /// The field's type has no fields.
    OnLeaf,
}

/// The places where `@provides` is misplaced for the reason `why`, if that is the reason of the first
/// misplaced one: the reference reports no other.
pub(crate) fn misplaced_provides(
    subgraph: &Subgraph,
    why: Misplaced,
) -> impl Iterator<Item = (&ExtendedType, &FieldDefinition, &Node<Directive>)> {
    let places = subgraph.fields().filter_map(|(ty, field)| {
        let application = field.directives.get(names::PROVIDES)?;
        let why = if subgraph.facts(ty.name(), &field.name).external {
            Misplaced::OnExternal
        } else if is_composite(subgraph, field) {
            return None;
        } else {
            Misplaced::OnLeaf
        };
        Some((why, ty, &***field, application))
    });
    let mut places = places.peekable();
    let speaks = places.peek().is_some_and(|(first, ..)| *first == why);
    places.filter(move |(reason, ..)| speaks && *reason == why).map(|(_, ty, field, at)| (ty, field, at))
}

fn is_composite(subgraph: &Subgraph, field: &FieldDefinition) -> bool {
    let target = subgraph.schema.types.get(field.ty.inner_named_type());
    target.is_some_and(|target| target.is_object() || target.is_interface() || target.is_union())
}
