//! The composite types of a supergraph as small numbers and sets of them, so that matching a type condition is one bit test.
use std::sync::Arc;

use ahash::{HashMap, HashSet};
use apollo_compiler::{
    Schema,
    schema::{DirectiveList, ExtendedType},
};

/// An object, interface or union type of the supergraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(u16);

/// The runtime types that satisfy a type condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct TypeSet(Box<[u64]>);

impl TypeSet {
    pub(crate) fn contains(&self, id: TypeId) -> bool {
        let word = self.0.get(usize::from(id.0 / 64)).copied().unwrap_or(0);
        word >> (id.0 % 64) & 1 == 1
    }

    /// Whether some type is in both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    fn from_ids(ids: impl IntoIterator<Item = TypeId>) -> Self {
        let mut words: Vec<u64> = Vec::new();
        for id in ids {
            let at = usize::from(id.0 / 64);
            if words.len() <= at {
                words.resize(at + 1, 0);
            }
            if let Some(word) = words.get_mut(at) {
                *word |= 1 << (id.0 % 64);
            }
        }
        Self(words.into())
    }
}

/// What the executor must know of a composite type.
#[derive(Debug)]
struct Composite {
    name: Box<str>,
    is_object: bool,
    accessible: bool,
    /// Itself; for an interface or union also its members and, with `@interfaceObject`, the interfaces below it.
    satisfied_by: Arc<TypeSet>,
    /// Objects that a client may see under this type, in the order of their names.
    possible: Vec<TypeId>,
}

/// All composite types and enums of a supergraph.
#[derive(Debug, Default)]
pub(crate) struct TypeTable {
    composites: Vec<Composite>,
    ids: HashMap<Box<str>, TypeId>,
    enums: HashMap<Box<str>, Arc<HashSet<Box<str>>>>,
    /// Per subgraph, by the name that the join specification gives it, the topmost fields of its keys.
    keys: HashMap<Box<str>, HashSet<Box<str>>>,
}

impl TypeTable {
    pub(crate) fn new(supergraph: &Schema) -> Self {
        let mut table = Self::default();
        for (name, ty) in &supergraph.types {
            let is_composite = ty.is_object() || ty.is_interface() || ty.is_union();
            let Ok(next) = u16::try_from(table.composites.len()) else { break };
            if is_composite && !name.starts_with("__") {
                table.ids.insert(name.as_str().into(), TypeId(next));
                table.composites.push(Composite {
                    name: name.as_str().into(),
                    is_object: ty.is_object(),
                    accessible: is_accessible(ty.directives()),
                    satisfied_by: Arc::default(),
                    possible: Vec::new(),
                });
            }
            if let ExtendedType::Enum(ty) = ty {
                let accessible = ty.values.values().filter(|value| !value.directives.has("inaccessible"));
                let values = accessible.map(|value| value.value.as_str().into()).collect();
                table.enums.insert(name.as_str().into(), Arc::new(values));
            }
        }
        table.find_members(supergraph);
        table.find_keys(supergraph);
        table
    }

    fn find_keys(&mut self, supergraph: &Schema) {
        let Some(graphs) = supergraph.get_enum("join__Graph") else { return };
        for (id, graph) in &graphs.values {
            let name = graph
                .directives
                .get("join__graph")
                .and_then(|it| it.specified_argument_by_name("name")?.as_str());
            let joins = supergraph.types.values().flat_map(|ty| ty.directives().get_all("join__type"));
            let own = joins.filter(|join| {
                join.specified_argument_by_name("graph")
                    .and_then(|it| it.as_enum())
                    .is_some_and(|own| own == id)
            });
            let keys =
                own.filter_map(|join| join.specified_argument_by_name("key")?.as_str()).flat_map(topmost);
            self.keys.insert(name.unwrap_or(id.as_str()).into(), keys.collect());
        }
    }

    /// Whether `subgraph` has a key with the topmost field `field`.
    pub(crate) fn is_key(&self, subgraph: &str, field: &str) -> bool {
        self.keys.get(subgraph).is_some_and(|fields| fields.contains(field))
    }

    fn find_members(&mut self, supergraph: &Schema) {
        let members = self.members(supergraph);
        for (at, members) in members.into_iter().enumerate() {
            let mut possible: Vec<TypeId> = members
                .iter()
                .copied()
                .filter(|id| self.get(*id).is_some_and(|ty| ty.is_object && ty.accessible))
                .collect();
            possible.sort_by(|a, b| self.name(*a).cmp(self.name(*b)));
            possible.dedup();
            if let Some(composite) = self.composites.get_mut(at) {
                composite.satisfied_by = Arc::new(TypeSet::from_ids(members));
                composite.possible = possible;
            }
        }
    }

    fn members(&self, supergraph: &Schema) -> Vec<Vec<TypeId>> {
        let mut members: Vec<Vec<TypeId>> = (0..self.composites.len())
            .map(|at| u16::try_from(at).map(TypeId).into_iter().collect())
            .collect();
        for (name, ty) in &supergraph.types {
            let Some(id) = self.id(name) else { continue };
            let above: Vec<&str> = match ty {
                ExtendedType::Object(ty) => ty.implements_interfaces.iter().map(|i| i.as_str()).collect(),
                ExtendedType::Interface(ty) => ty.implements_interfaces.iter().map(|i| i.as_str()).collect(),
                ExtendedType::Union(ty) => {
                    let ids = ty.members.iter().filter_map(|member| self.id(member));
                    if let Some(list) = members.get_mut(usize::from(id.0)) {
                        list.extend(ids);
                    }
                    continue;
                }
                ExtendedType::Scalar(_) | ExtendedType::Enum(_) | ExtendedType::InputObject(_) => continue,
            };
            for interface in above.into_iter().filter_map(|name| self.id(name)) {
                if let Some(list) = members.get_mut(usize::from(interface.0)) {
                    list.push(id);
                }
            }
        }
        members
    }

    fn get(&self, id: TypeId) -> Option<&Composite> {
        self.composites.get(usize::from(id.0))
    }

    pub(crate) fn id(&self, name: &str) -> Option<TypeId> {
        self.ids.get(name).copied()
    }

    pub(crate) fn name(&self, id: TypeId) -> &str {
        self.get(id).map_or("", |ty| &ty.name)
    }

    pub(crate) fn is_object(&self, id: TypeId) -> bool {
        self.get(id).is_some_and(|ty| ty.is_object)
    }

    /// Objects that a client may see where the schema says `id`.
    pub(crate) fn possible(&self, id: TypeId) -> &[TypeId] {
        self.get(id).map_or(&[], |ty| &ty.possible)
    }

    /// The runtime types that satisfy `... on name` for one of `names`.
    pub(crate) fn satisfying<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Arc<TypeSet> {
        let mut sets =
            names.into_iter().filter_map(|name| self.get(self.id(name)?)).map(|ty| &ty.satisfied_by);
        let Some(first) = sets.next() else { return Arc::default() };
        sets.fold(Arc::clone(first), |all, set| {
            let (longer, shorter) = if all.0.len() >= set.0.len() { (&all, set) } else { (set, &all) };
            let mut words = longer.0.clone();
            words.iter_mut().zip(&shorter.0).for_each(|(word, other)| *word |= other);
            Arc::new(TypeSet(words))
        })
    }

    /// The set of exactly `ids`.
    pub(crate) fn exactly(ids: impl IntoIterator<Item = TypeId>) -> TypeSet {
        TypeSet::from_ids(ids)
    }

    /// The values of an enum that a client may see; `None` for any other type.
    pub(crate) fn enum_values(&self, name: &str) -> Option<&Arc<HashSet<Box<str>>>> {
        self.enums.get(name)
    }
}

/// The fields of a key that stand in no other field.
fn topmost(key: &str) -> Vec<Box<str>> {
    let (mut depth, mut fields) = (0_u32, Vec::new());
    for word in key.replace('{', " { ").replace('}', " } ").split_whitespace() {
        match word {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            field if depth == 0 => fields.push(field.into()),
            _ => {}
        }
    }
    fields
}

fn is_accessible(directives: &DirectiveList) -> bool {
    !directives.has("inaccessible")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TypeTable {
        let schema = Schema::builder()
            .parse(
                "directive @inaccessible on OBJECT | ENUM_VALUE
                 interface Node { id: ID } interface Item implements Node { id: ID }
                 type Book implements Node & Item { id: ID } type Film implements Node { id: ID }
                 type Draft implements Node @inaccessible { id: ID }
                 union Medium = Book | Film
                 enum Shade { LIGHT DARK @inaccessible }",
                "supergraph.graphql",
            )
            .build()
            .unwrap();
        TypeTable::new(&schema)
    }

    #[test]
    fn a_condition_on_an_interface_takes_its_objects_and_the_interfaces_below_it() {
        let table = table();
        let node = table.satisfying(["Node"]);
        for name in ["Node", "Item", "Book", "Film", "Draft"] {
            assert!(node.contains(table.id(name).unwrap()), "{name}");
        }
        assert!(!node.contains(table.id("Medium").unwrap()));
        let either = table.satisfying(["Item", "Film"]);
        assert!(either.contains(table.id("Film").unwrap()) && !either.contains(table.id("Draft").unwrap()));
    }

    #[test]
    fn a_client_sees_accessible_objects_and_values_only() {
        let table = table();
        let names =
            |ty| table.possible(table.id(ty).unwrap()).iter().map(|id| table.name(*id)).collect::<Vec<_>>();
        assert_eq!(names("Node"), ["Book", "Film"]);
        assert_eq!(names("Medium"), ["Book", "Film"]);
        assert!(table.enum_values("Shade").unwrap().contains("LIGHT"));
        assert!(!table.enum_values("Shade").unwrap().contains("DARK"));
    }
}
