//! Enforces `@authenticated`, `@requiresScopes` and `@policy`: a request that selects what its caller may not have is refused before anything is asked. Who the caller is, the host says.
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
#[derive(Debug)]
pub(crate) struct Guard {
    of_types: HashMap<Name, Requirement>,
    of_fields: HashMap<(Name, Name), Requirement>,
    /// The objects of each interface and union.
    members: HashMap<Name, Vec<Name>>,
}

impl Guard {
    /// The guard of a supergraph; `None` if it requires nothing.
    pub(crate) fn new(supergraph: &Schema) -> Option<Self> {
        let directives = Directives::of(supergraph);
        let mut guard =
            Self { of_types: HashMap::default(), of_fields: HashMap::default(), members: HashMap::default() };
        for (name, ty) in &supergraph.types {
            if let Some(requirement) = directives.requirement(ty.directives().iter().map(|it| &***it)) {
                guard.of_types.insert(name.clone(), requirement);
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
                    guard.of_fields.insert((name.clone(), field.clone()), requirement);
                }
            }
        }
        let is_needed = !guard.of_types.is_empty() || !guard.of_fields.is_empty();
        is_needed.then_some(guard)
    }

    /// Refuses `operation` if it selects anything that a caller with `claims` may not have.
    pub(crate) fn check(
        &self,
        document: &ExecutableDocument,
        operation: &Operation,
        variables: &Variables,
        claims: &Claims,
    ) -> Result<(), GraphqlError> {
        let round = Round { guard: self, document, variables, claims };
        round.set(&operation.selection_set)
    }
}

/// One operation of one caller.
struct Round<'a> {
    guard: &'a Guard,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    claims: &'a Claims,
}

impl Round<'_> {
    fn set(&self, set: &SelectionSet) -> Result<(), GraphqlError> {
        for selection in &set.selections {
            if !self.is_wanted(selection.directives()) {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    self.field(&set.ty, field)?;
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

    /// A field of an interface is a field of each of its objects: all must be open.
    fn field(&self, ty: &Name, field: &Field) -> Result<(), GraphqlError> {
        let members = self.guard.members.get(ty).into_iter().flatten();
        for ty in std::iter::once(ty).chain(members) {
            let place = (ty.clone(), field.name.clone());
            let requirements = [self.guard.of_types.get(ty), self.guard.of_fields.get(&place)];
            if !requirements.into_iter().flatten().all(|it| it.is_met_by(self.claims)) {
                return Err(refused(&format!("{ty}.{}", field.name)));
            }
        }
        let held = field.definition.ty.inner_named_type();
        match self.guard.of_types.get(held) {
            Some(requirement) if !requirement.is_met_by(self.claims) => Err(refused(held)),
            _ => Ok(()),
        }
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

fn refused(what: &str) -> GraphqlError {
    GraphqlError::new(Code::UnauthorizedFieldOrType, format!("You may not read `{what}`."))
}
