//! What each subgraph declares, read back from the join directives of a supergraph.

use apollo_compiler::ast::{Directive, DirectiveList as AstDirectives, FieldDefinition, Value};
use apollo_compiler::collections::IndexSet;
use apollo_compiler::schema::{ComponentName, DirectiveList, ExtendedType};
use apollo_compiler::{Name, Node, Schema};
use indexmap::IndexMap;

/// A type as one subgraph declares it.
#[derive(Default)]
pub(super) struct TypeView {
    pub(super) keys: Vec<KeyView>,
    pub(super) interface_object: bool,
    pub(super) fields: IndexMap<Name, FieldView>,
}

/// A `@key`.
pub(super) struct KeyView {
    pub(super) fields: String,
    pub(super) resolvable: bool,
}

/// A field as one subgraph declares it.
#[derive(Clone)]
pub(super) struct FieldView {
    /// The type under lists and non-nulls.
    pub(super) ty: Name,
    pub(super) external: bool,
    /// Declared, used by a key or an interface, and resolved by the subgraph that overrides it.
    pub(super) overridden: bool,
    pub(super) requires: Option<String>,
    pub(super) provides: Option<String>,
    pub(super) label: Option<(String, bool)>,
    pub(super) contexts: Vec<ContextView>,
}

/// A context argument.
#[derive(Clone)]
pub(super) struct ContextView {
    pub(super) context: String,
    pub(super) selection: String,
}

/// The directives of a supergraph that may have been renamed when it was composed.
pub(super) struct Features {
    pub(super) inaccessible: String,
    pub(super) context: String,
}

impl Features {
    /// Reads the `@link`s of the schema definition.
    pub(super) fn of(schema: &Schema) -> Self {
        let named = |feature: &str| {
            schema
                .schema_definition
                .directives
                .get_all("link")
                .filter(|link| {
                    text(link, "url").is_some_and(|url| url.split('/').rev().nth(1) == Some(feature))
                })
                .find_map(|link| text(link, "as"))
                .unwrap_or_else(|| feature.to_owned())
        };
        Self { inaccessible: named("inaccessible"), context: named("context") }
    }
}

/// The subgraphs: `join__Graph` values and the names they stand for.
pub(super) fn subgraphs(schema: &Schema) -> Vec<(Name, String)> {
    let Some(ExtendedType::Enum(graphs)) = schema.types.get("join__Graph") else { return Vec::new() };
    let name = |value: &AstDirectives| value.get("join__graph").and_then(|graph| text(graph, "name"));
    graphs
        .values
        .iter()
        .map(|(graph, value)| (graph.clone(), name(&value.directives).unwrap_or_else(|| graph.to_string())))
        .collect()
}

/// A type's views, by `join__Graph` value.
pub(super) fn views(ty: &ExtendedType) -> IndexMap<Name, TypeView> {
    let mut views: IndexMap<Name, TypeView> = IndexMap::new();
    for join in ty.directives().get_all("join__type") {
        let Some(graph) = graph(join) else { continue };
        let view = views.entry(graph).or_default();
        view.interface_object |= flag(join, "isInterfaceObject").unwrap_or(false);
        if let Some(fields) = text(join, "key") {
            view.keys.push(KeyView { fields, resolvable: flag(join, "resolvable").unwrap_or(true) });
        }
    }
    for (name, field) in fields(ty) {
        let mut joins = field.directives.get_all("join__field").peekable();
        if joins.peek().is_none() {
            for view in views.values_mut() {
                view.fields.insert(name.clone(), FieldView::of(field, None));
            }
            continue;
        }
        for join in joins {
            if let Some(view) = graph(join).and_then(|graph| views.get_mut(&graph)) {
                view.fields.insert(name.clone(), FieldView::of(field, Some(join)));
            }
        }
    }
    views
}

impl FieldView {
    fn of(field: &FieldDefinition, join: Option<&Node<Directive>>) -> Self {
        let declared = join.and_then(|join| text(join, "type"));
        let ty =
            declared.and_then(|ty| inner_name(&ty)).unwrap_or_else(|| field.ty.inner_named_type().clone());
        let said = |argument: &str| join.and_then(|join| text(join, argument));
        let set = |argument: &str| join.and_then(|join| flag(join, argument)).unwrap_or(false);
        Self {
            ty,
            external: set("external"),
            // While an override is in progress, its label decides.
            overridden: set("usedOverridden") && said("overrideLabel").is_none(),
            requires: said("requires"),
            provides: said("provides"),
            label: said("overrideLabel").map(|label| (label, said("override").is_some())),
            contexts: join.map(contexts).unwrap_or_default(),
        }
    }
}

/// The fields of a type that has any, except those of an input object.
pub(super) fn fields(ty: &ExtendedType) -> impl Iterator<Item = (&Name, &FieldDefinition)> {
    let fields = match ty {
        ExtendedType::Object(object) => Some(&object.fields),
        ExtendedType::Interface(interface) => Some(&interface.fields),
        ExtendedType::Scalar(_)
        | ExtendedType::Union(_)
        | ExtendedType::Enum(_)
        | ExtendedType::InputObject(_) => None,
    };
    fields.into_iter().flatten().map(|(name, field)| (name, &***field))
}

/// The interfaces that a type implements in any subgraph.
pub(super) fn interfaces(ty: &ExtendedType) -> Option<&IndexSet<ComponentName>> {
    match ty {
        ExtendedType::Object(object) => Some(&object.implements_interfaces),
        ExtendedType::Interface(interface) => Some(&interface.implements_interfaces),
        ExtendedType::Scalar(_)
        | ExtendedType::Union(_)
        | ExtendedType::Enum(_)
        | ExtendedType::InputObject(_) => None,
    }
}

/// Pairs of a `join__Graph` value and the interface that the type implements there.
pub(super) fn implements(ty: &ExtendedType) -> Vec<(Name, String)> {
    pairs(ty.directives(), "join__implements", "interface")
}

/// Pairs of a `join__Graph` value and a member that the union has there.
pub(super) fn members(ty: &ExtendedType) -> Vec<(Name, String)> {
    pairs(ty.directives(), "join__unionMember", "member")
}

fn pairs(directives: &DirectiveList, directive: &str, argument: &str) -> Vec<(Name, String)> {
    let pair = |join: &Node<Directive>| Some((graph(join)?, text(join, argument)?));
    directives.0.iter().filter(|join| join.name == directive).filter_map(|join| pair(join)).collect()
}

/// The contexts that values of a type set.
pub(super) fn contexts_set(ty: &ExtendedType, directive: &str) -> Vec<String> {
    let applied = ty.directives().0.iter().filter(|applied| applied.name == directive);
    applied.filter_map(|context| text(context, "name")).collect()
}

fn contexts(join: &Node<Directive>) -> Vec<ContextView> {
    let Some(Value::List(arguments)) = argument(join, "contextArguments") else { return Vec::new() };
    let view = |value: &Node<Value>| {
        let members = value.as_object()?;
        let member = |wanted: &str| {
            members.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| value.as_str())
        };
        let (context, selection) = (member("context")?.to_owned(), member("selection")?.to_owned());
        Some(ContextView { context, selection })
    };
    arguments.iter().filter_map(view).collect()
}

fn argument<'d>(directive: &'d Node<Directive>, name: &str) -> Option<&'d Value> {
    directive.specified_argument_by_name(name).map(|value| &**value)
}

fn text(directive: &Node<Directive>, name: &str) -> Option<String> {
    argument(directive, name)?.as_str().map(str::to_owned)
}

fn flag(directive: &Node<Directive>, name: &str) -> Option<bool> {
    argument(directive, name)?.to_bool()
}

fn graph(directive: &Node<Directive>) -> Option<Name> {
    argument(directive, "graph")?.as_enum().cloned()
}

/// `[Product!]!` → `Product`.
fn inner_name(ty: &str) -> Option<Name> {
    Name::new(ty.trim_matches(['[', ']', '!', ' '])).ok()
}
