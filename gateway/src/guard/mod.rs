//! Judges what a caller may have by `@authenticated`, `@requiresScopes` and `@policy`. Who the caller is, the host says; what becomes of what is refused, planning and the answer's shape say.
mod requirement;

use ahash::HashMap;
use apollo_compiler::{
    ExecutableDocument, Name, Schema,
    ast::{DirectiveList, Value},
    executable::{Field, Operation, Selection, SelectionSet},
    schema::ExtendedType,
};

use self::requirement::{Directives, Requirement};
use crate::{
    error::{Code, GraphqlError},
    execute::Variables,
};

/// What is known of a caller: put it into the request's extensions. Without it, a caller is no one in particular.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// Someone vouches for who the caller is: what `@authenticated` asks.
    pub is_authenticated: bool,
    /// What the caller was granted, by the names that `@requiresScopes` uses.
    pub scopes: Vec<String>,
    /// Which policies let the caller pass, by the names that `@policy` uses.
    pub policies: Vec<String>,
}

/// What a supergraph requires of callers.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    /// Each once: an operation has as many answers as callers meet different ones of those that it meets.
    requirements: Vec<Requirement>,
    of_types: HashMap<Name, RequirementId>,
    of_fields: HashMap<(Name, Name), RequirementId>,
    /// The objects of each interface and union.
    members: HashMap<Name, Vec<Name>>,
}

/// The position of a requirement in its guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RequirementId(u32);

impl Guard {
    /// The guard of a supergraph; `None` if it requires nothing.
    pub(crate) fn new(supergraph: &Schema) -> Option<Self> {
        let directives = Directives::of(supergraph);
        let mut guard = Self::default();
        for (name, ty) in &supergraph.types {
            if let Some(requirement) = directives.requirement(ty.directives().iter().map(|it| &***it)) {
                let id = guard.intern(requirement)?;
                guard.of_types.insert(name.clone(), id);
            }
            let fields = match ty {
                ExtendedType::Object(ty) => {
                    for interface in &ty.implements_interfaces {
                        guard.members.entry(interface.name.clone()).or_default().push(name.clone());
                    }
                    &ty.fields
                }
                ExtendedType::Interface(ty) => &ty.fields,
                ExtendedType::Union(ty) => {
                    let members = ty.members.iter().map(|member| member.name.clone()).collect();
                    guard.members.insert(name.clone(), members);
                    continue;
                }
                ExtendedType::Scalar(_) | ExtendedType::Enum(_) | ExtendedType::InputObject(_) => continue,
            };
            for (field, definition) in fields {
                if let Some(requirement) =
                    directives.requirement(definition.directives.iter().map(|it| &**it))
                {
                    let id = guard.intern(requirement)?;
                    guard.of_fields.insert((name.clone(), field.clone()), id);
                }
            }
        }
        (!guard.requirements.is_empty()).then_some(guard)
    }

    fn intern(&mut self, requirement: Requirement) -> Option<RequirementId> {
        let known = self.requirements.iter().position(|known| *known == requirement);
        let at = known.unwrap_or_else(|| {
            self.requirements.push(requirement);
            self.requirements.len() - 1
        });
        u32::try_from(at).ok().map(RequirementId)
    }

    /// What the fields of `operation` require, whatever its conditions: each once, in order.
    pub(crate) fn requirements(
        &self,
        document: &ExecutableDocument,
        operation: &Operation,
    ) -> Vec<RequirementId> {
        let mut found = Vec::new();
        let mut sets = vec![&operation.selection_set];
        sets.extend(document.fragments.values().map(|fragment| &fragment.selection_set));
        while let Some(set) = sets.pop() {
            for selection in &set.selections {
                match selection {
                    Selection::Field(field) => {
                        found.extend(self.required(&set.ty, field));
                        sets.push(&field.selection_set);
                    }
                    Selection::InlineFragment(fragment) => sets.push(&fragment.selection_set),
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Those of `required` that a caller with `claims` does not meet.
    pub(crate) fn unmet(&self, required: &[RequirementId], claims: &Claims) -> Vec<RequirementId> {
        let is_met = |id: &RequirementId| {
            let requirement = usize::try_from(id.0).ok().and_then(|at| self.requirements.get(at));
            requirement.is_some_and(|requirement| requirement.is_met_by(claims))
        };
        required.iter().copied().filter(|id| !is_met(id)).collect()
    }

    /// Whether a caller who does not meet `unmet` may not have `field`, which is selected on `ty`.
    pub(crate) fn refuses(&self, unmet: &[RequirementId], ty: &Name, field: &Field) -> bool {
        self.required(ty, field).any(|id| unmet.contains(&id))
    }

    /// What a field requires: on its type, of itself, and of what it holds. A field of an interface is a field of each
    /// of its objects, so that all must be open; the names of their types are no secret.
    fn required<'a>(&'a self, ty: &'a Name, field: &'a Field) -> impl Iterator<Item = RequirementId> + 'a {
        let members = self.members.get(ty).filter(|_| field.name != "__typename").into_iter().flatten();
        let of_places = std::iter::once(ty).chain(members).flat_map(|ty| {
            let place = (ty.clone(), field.name.clone());
            [self.of_types.get(ty), self.of_fields.get(&place)]
        });
        let held = self.of_types.get(field.definition.ty.inner_named_type());
        of_places.chain([held]).flatten().copied()
    }

    /// Refuses `operation` as a whole if it asks for anything that a caller who does not meet `unmet` may not have.
    pub(crate) fn check(
        &self,
        document: &ExecutableDocument,
        operation: &Operation,
        variables: &Variables,
        unmet: &[RequirementId],
    ) -> Result<(), GraphqlError> {
        Round { guard: self, document, variables, unmet }.set(&operation.selection_set)
    }
}

/// One operation of one caller.
struct Round<'a> {
    guard: &'a Guard,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    unmet: &'a [RequirementId],
}

impl Round<'_> {
    fn set(&self, set: &SelectionSet) -> Result<(), GraphqlError> {
        for selection in &set.selections {
            if !self.is_wanted(selection.directives()) {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    if self.guard.refuses(self.unmet, &set.ty, field) {
                        let message = format!("You may not read `{}.{}`.", set.ty, field.name);
                        return Err(GraphqlError::new(Code::UnauthorizedFieldOrType, message));
                    }
                    self.set(&field.selection_set)?;
                }
                Selection::InlineFragment(fragment) => self.set(&fragment.selection_set)?,
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.set(&fragment.selection_set)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn is_wanted(&self, directives: &DirectiveList) -> bool {
        let is = |name: &str, wanted: bool| {
            let value = directives.get(name).and_then(|it| it.specified_argument_by_name("if"));
            value.is_none_or(|value| match &**value {
                Value::Variable(name) => self.variables.is_true(name) == wanted,
                value => value.to_bool() == Some(wanted),
            })
        };
        is("skip", false) && is("include", true)
    }
}
