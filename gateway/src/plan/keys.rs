//! The response keys under which subgraphs are asked: one key never means two things, whatever the client's aliases say.
//!
//! The planner joins selections of different types and of different origins (what the client asks, what keys and
//! `@requires` need) into one document, where a key that means two things is a conflict. So each key of a document stands
//! for one field with one list of arguments and one type, in the supergraph and in each subgraph, and the name of a field
//! that keys or requirements select stands for nothing else.
use std::collections::{BTreeMap, BTreeSet};

use ahash::{HashMap, HashSet};
use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::{Directive, Value},
    executable::{Field, Operation, Selection, SelectionSet},
    schema::{ExtendedType, FieldDefinition},
};
use itertools::Itertools as _;

use super::types::TypeTable;

/// The fields that the supergraph's keys, requirements and provisions select, by name, and whether some do with arguments.
#[derive(Debug, Default)]
pub(crate) struct Reserved(HashMap<Box<str>, bool>);

impl Reserved {
    pub(crate) fn new(supergraph: &Schema) -> Self {
        let mut names: HashMap<Box<str>, bool> = HashMap::default();
        for ty in supergraph.types.values() {
            let fields = match ty {
                ExtendedType::Object(ty) => Some(&ty.fields),
                ExtendedType::Interface(ty) => Some(&ty.fields),
                _ => None,
            };
            let of_type = ty.directives().get_all("join__type").map(|join| -> &Directive { join });
            let fields = fields.into_iter().flat_map(|fields| fields.values());
            let of_fields = fields.flat_map(|field| field.directives.get_all("join__field"));
            for join in of_type.chain(of_fields.map(|join| -> &Directive { join })) {
                for argument in ["key", "requires", "provides"] {
                    let set = join.specified_argument_by_name(argument).and_then(|value| value.as_str());
                    for (name, has_arguments) in words(set.unwrap_or_default()) {
                        *names.entry(name.into()).or_default() |= has_arguments;
                    }
                }
            }
        }
        Self(names)
    }
}

/// The names in a field set, each with whether arguments follow. Those of arguments and types are among them: no harm.
fn words(set: &str) -> impl Iterator<Item = (&str, bool)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = set;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c| !is_part(c));
        let (name, after) = rest.split_at_checked(rest.find(|c| !is_part(c)).unwrap_or(rest.len()))?;
        rest = after;
        (!name.is_empty()).then(|| (name, after.trim_start().starts_with('(')))
    })
}

/// A field as the client writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    response_key: Name,
    name: Name,
    arguments: String,
}

impl Written {
    fn new(field: &Field) -> Self {
        Self {
            response_key: field.response_key().clone(),
            name: field.name.clone(),
            arguments: arguments_of(field),
        }
    }

    fn is_plain(&self) -> bool {
        self.response_key == self.name && self.arguments.is_empty()
    }
}

/// The arguments of a field as text. In whatever order they are written, and the fields of objects in them, it is one
/// text: they mean the same.
pub(super) fn arguments_of(field: &Field) -> String {
    let arguments = field.arguments.iter().sorted_by_key(|argument| &argument.name);
    arguments.map(|it| format!("{}:{}", it.name, canonical(&it.value))).join(",")
}

fn canonical(value: &Value) -> String {
    match value {
        Value::List(items) => format!("[{}]", items.iter().map(|item| canonical(item)).join(",")),
        Value::Object(fields) => {
            let fields = fields.iter().sorted_by_key(|(name, _)| name);
            format!("{{{}}}", fields.map(|(name, value)| format!("{name}:{}", canonical(value))).join(","))
        }
        value => value.serialize().no_indent().to_string(),
    }
}

/// The type of a field in the supergraph, and in each subgraph that gives it another. Objects are all alike: what matters
/// of them is what is selected.
type Signature = String;

/// The keys for one operation.
#[derive(Debug)]
pub(crate) struct Keys<'a> {
    schema: &'a Schema,
    types: &'a TypeTable,
    /// For each type that the operation may find beside others at one place, the first of all that it may so meet.
    families: BTreeMap<Name, Name>,
    /// What a field in objects of a family is called towards subgraphs, by the types that it has there.
    keys: BTreeMap<(Name, Written), BTreeMap<Signature, Name>>,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(
        schema: &'a Schema,
        types: &'a TypeTable,
        reserved: &Reserved,
        document: &ExecutableDocument,
        operation: &Operation,
    ) -> Self {
        let sets = all_sets(document, operation);
        let mut keys = Self { schema, types, families: BTreeMap::new(), keys: BTreeMap::new() };
        sets.iter().for_each(|set| keys.add_family(&set.ty));
        keys.add_fields(&sets);
        keys.assign(reserved);
        keys
    }

    /// The objects of an abstract type that the operation names can all stand where it is named.
    fn add_family(&mut self, ty: &Name) {
        if self.is_object(ty) {
            return;
        }
        let objects = self.objects(ty).filter_map(|name| Name::new(name).ok());
        let members: Vec<Name> = objects.chain(std::iter::once(ty.clone())).collect();
        let joined: BTreeSet<Name> = members.iter().map(|member| self.family(member).clone()).collect();
        let Some(first) = joined.first().cloned() else { return };
        self.families.values_mut().filter(|own| joined.contains(*own)).for_each(|own| *own = first.clone());
        self.families.extend(members.into_iter().map(|member| (member, first.clone())));
    }

    fn family<'n>(&'n self, ty: &'n Name) -> &'n Name {
        self.families.get(ty).unwrap_or(ty)
    }

    fn add_fields(&mut self, sets: &[&SelectionSet]) {
        let mut on_abstract: BTreeMap<(Name, Written), BTreeSet<&Name>> = BTreeMap::new();
        for set in sets {
            let fields = set.selections.iter().filter_map(Selection::as_field);
            for field in fields.filter(|field| !field.name.starts_with("__")) {
                let place = (self.family(&set.ty).clone(), Written::new(field));
                if !self.is_object(&set.ty) {
                    on_abstract.entry(place.clone()).or_default().insert(&set.ty);
                }
                let signature = self.signature(&set.ty, field);
                self.keys.entry(place).or_default().insert(signature, field.name.clone());
            }
        }
        // What is written out for each object type has the types that it has there.
        for (place, types) in on_abstract {
            let name = place.1.name.clone();
            let objects = types.into_iter().flat_map(|ty| self.objects(ty));
            let in_objects: BTreeSet<Signature> =
                objects.filter_map(|ty| self.signature_of(ty, &name)).collect();
            let known = self.keys.entry(place).or_default();
            if known.len() > 1 || in_objects.len() > 1 {
                known.extend(in_objects.into_iter().map(|signature| (signature, name.clone())));
            }
        }
    }

    fn assign(&mut self, reserved: &Reserved) {
        let mut used: HashSet<Name> =
            self.keys.keys().map(|(_, written)| written.response_key.clone()).collect();
        let mut bare: HashSet<(Name, Name)> = HashSet::default();
        let uneven: BTreeSet<(Name, Name)> = self
            .keys
            .keys()
            .filter(|place| self.is_uneven(place))
            .map(|(a, b)| (a.clone(), b.name.clone()))
            .collect();
        let (plain, other): (Vec<_>, Vec<_>) =
            self.keys.iter_mut().partition(|((_, written), _)| written.is_plain());
        for ((family, written), signatures) in plain.into_iter().chain(other) {
            let is_uneven = uneven.contains(&(family.clone(), written.name.clone()));
            // What is required with arguments stands under the bare name.
            let may_be_bare = match reserved.0.get(written.response_key.as_str()) {
                None => true,
                Some(with_arguments) => written.is_plain() && !is_uneven && !with_arguments,
            };
            // The planner loses its way where a key is selected under an alias alone.
            let is_shared = written.arguments.is_empty()
                && reserved.0.get(written.name.as_str()) == Some(&false)
                && !is_uneven
                && signatures.len() == 1;
            for key in signatures.values_mut() {
                *key = if is_shared {
                    written.name.clone()
                } else if may_be_bare && bare.insert((family.clone(), written.response_key.clone())) {
                    written.response_key.clone()
                } else {
                    fresh(&written.response_key, &mut used, reserved)
                };
            }
        }
    }

    /// Whether the field has several types in the types of its family.
    fn is_uneven(&self, (family, written): &(Name, Written)) -> bool {
        let members = self.families.iter().filter(|(_, own)| *own == family).map(|(member, _)| member);
        let objects = members.filter(|member| self.is_object(member));
        let signatures = objects.filter_map(|member| self.signature_of(member, &written.name));
        signatures.collect::<BTreeSet<_>>().len() > 1
    }

    fn keys_of(&self, ty: &Name, field: &Field) -> Option<&BTreeMap<Signature, Name>> {
        self.keys.get(&(self.family(ty).clone(), Written::new(field)))
    }

    /// The key of `field` in a selection of type `ty`, or in one of an object type that a selection of an abstract type
    /// was written out for.
    pub(crate) fn key(&self, ty: &Name, field: &Field) -> Name {
        let found = self.keys_of(ty, field).and_then(|keys| match keys.len() {
            1 => keys.values().next(),
            _ => keys.get(&self.signature(ty, field)),
        });
        found.unwrap_or_else(|| field.response_key()).clone()
    }

    /// The object types that `field` of the abstract type `ty` must be written out for, because it has different types in
    /// them which the operation makes meet.
    pub(crate) fn written_out(&self, ty: &Name, field: &Field) -> Vec<Name> {
        if self.is_object(ty) || self.keys_of(ty, field).is_none_or(|keys| keys.len() < 2) {
            return Vec::new();
        }
        self.objects(ty).filter_map(|name| Name::new(name).ok()).collect()
    }

    /// The fields of a key of the interface `ty` that is an object in some subgraph: to learn an object's type, the planner
    /// goes by the key to another subgraph, and forgets to ask for it.
    pub(crate) fn key_of_interface_object(&self, ty: &str) -> Vec<Node<FieldDefinition>> {
        let Some(ExtendedType::Interface(interface)) = self.schema.types.get(ty) else { return Vec::new() };
        let key = interface.directives.get_all("join__type").find_map(|join| {
            let is_object = join.specified_argument_by_name("isInterfaceObject")?.to_bool()?;
            let key = join.specified_argument_by_name("key")?.as_str()?;
            (is_object && !key.contains('{')).then_some(key)
        });
        let fields = key.into_iter().flat_map(words);
        fields.filter_map(|(name, _)| Some(interface.fields.get(name)?.node.clone())).collect()
    }

    fn is_object(&self, ty: &str) -> bool {
        self.types.id(ty).is_none_or(|id| self.types.is_object(id))
    }

    fn objects(&self, ty: &str) -> impl Iterator<Item = &'a str> {
        let types = self.types;
        types.id(ty).into_iter().flat_map(|id| types.possible(id)).map(|id| types.name(*id))
    }

    fn signature(&self, ty: &str, field: &Field) -> Signature {
        self.signature_of(ty, &field.name).unwrap_or_else(|| self.written(&field.definition.ty.to_string()))
    }

    fn signature_of(&self, ty: &str, field: &str) -> Option<Signature> {
        let definition: &FieldDefinition = self.schema.type_field(ty, field).ok()?;
        let own = definition.directives.get_all("join__field").filter_map(|join| {
            let ty = join.specified_argument_by_name("type")?.as_str()?;
            let graph = join.specified_argument_by_name("graph")?.as_enum()?;
            Some(format!("{graph} {}", self.written(ty)))
        });
        Some(std::iter::once(self.written(&definition.ty.to_string())).chain(own.sorted()).join(", "))
    }

    /// A type as far as two fields of one key must agree on it.
    fn written(&self, ty: &str) -> String {
        let name = ty.trim_matches(['[', ']', '!']);
        if self.types.id(name).is_some() { ty.replace(name, "{}") } else { ty.to_owned() }
    }
}

/// Every selection set of the operation and of the document's fragments, each once.
fn all_sets<'d>(document: &'d ExecutableDocument, operation: &'d Operation) -> Vec<&'d SelectionSet> {
    let mut sets = vec![&operation.selection_set];
    sets.extend(document.fragments.values().map(|fragment| &fragment.selection_set));
    let mut at = 0;
    while let Some(set) = sets.get(at).copied() {
        sets.extend(set.selections.iter().filter_map(|selection| match selection {
            Selection::Field(field) => Some(&field.selection_set),
            Selection::InlineFragment(fragment) => Some(&fragment.selection_set),
            Selection::FragmentSpread(_) => None,
        }));
        at += 1;
    }
    sets
}

/// A key like `base` that is not used yet.
fn fresh(base: &str, used: &mut HashSet<Name>, reserved: &Reserved) -> Name {
    let candidates = (1_u32..).filter_map(|at| Name::new(&format!("{base}__{at}")).ok());
    let mut free = candidates.filter(|name| !used.contains(name) && !reserved.0.contains_key(name.as_str()));
    // A valid name with a number behind it is one as well, and numbers do not run out.
    let name = free.next().unwrap_or(apollo_compiler::name!("__key"));
    used.insert(name.clone());
    name
}
