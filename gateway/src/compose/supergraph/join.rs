//! The join specification's directives: which subgraph has what, and how it resolves it.
//! Source: <https://specs.apollo.dev/join/v0.5>.

use apollo_compiler::ast::{Argument, Directive, InputValueDefinition, Value};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node};

use crate::compose::merge::model::{
    Agreement, FieldSource, MergedField, MergedInput, MergedType, MergedValue, Replaced, Source,
};
use crate::compose::merge::{context_of, global_context_name};
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;
use crate::compose::subgraph::links::string_argument;

/// `@join__implements`, `@join__type` and `@join__unionMember` of a type.
pub(super) fn of_type(ty: &MergedType<'_>) -> Vec<Node<Directive>> {
    let mut joins = Vec::new();
    for source in &ty.sources {
        for (interface, subgraphs) in &ty.implements {
            if subgraphs.iter().any(|subgraph| subgraph.name == source.subgraph.name) {
                joins.push(
                    Join::new("join__implements").graph(source.subgraph).text("interface", interface).done(),
                );
            }
        }
    }
    for source in &ty.sources {
        joins.extend(join_types(ty, source));
    }
    for (member, subgraphs) in &ty.members {
        for subgraph in subgraphs {
            joins.push(Join::new("join__unionMember").graph(subgraph).text("member", member).done());
        }
    }
    joins
}

fn join_types(ty: &MergedType<'_>, source: &Source<'_, ExtendedType>) -> Vec<Node<Directive>> {
    let subgraph = source.subgraph;
    let start = || Join::new("join__type").graph(subgraph);
    let finish = |join: Join| join.flag("isInterfaceObject", subgraph.is_interface_object(&ty.name));
    let keys = subgraph.keys(&ty.name);
    if keys.is_empty() {
        return vec![finish(start()).done()];
    }
    keys.iter()
        .map(|key| {
            let join = start().text("key", &key.fields.text);
            let mut join = finish(join.flag("extension", subgraph.is_extension(source.node, key)));
            if !key.resolvable {
                join = join.value("resolvable", Value::Boolean(false));
            }
            join.done()
        })
        .collect()
}

/// `@join__field` of a field. None when all who have the type resolve the field alike.
pub(super) fn of_field(field: &MergedField<'_>, ty: &MergedType<'_>) -> Vec<Node<Directive>> {
    if field.declaring().next().is_none() {
        // Only an `@interfaceObject` has it: it belongs to no subgraph that has the object.
        return vec![Join::new("join__field").done()];
    }
    if !is_join_needed(field, ty) {
        return Vec::new();
    }
    field.declaring().filter_map(|source| join_field(field, source)).collect()
}

fn is_join_needed(field: &MergedField<'_>, ty: &MergedType<'_>) -> bool {
    let everywhere = ty
        .sources
        .iter()
        .all(|source| field.declaring().any(|declaring| declaring.subgraph.name == source.subgraph.name));
    let special = |source: &FieldSource<'_>| {
        let facts = source.facts;
        facts.external
            || facts.requires.is_some()
            || facts.provides.is_some()
            || source.replaced != Replaced::No
            || !context_arguments(source).is_empty()
    };
    !everywhere || field.ty.agreement != Agreement::Same || field.declaring().any(special)
}

fn join_field(field: &MergedField<'_>, source: &FieldSource<'_>) -> Option<Node<Directive>> {
    let facts = source.facts;
    let mut join = Join::new("join__field").graph(source.subgraph);
    if let Some(requires) = &facts.requires {
        join = join.text("requires", &requires.text);
    }
    if let Some(provides) = &facts.provides {
        join = join.text("provides", &provides.text);
    }
    if field.ty.agreement != Agreement::Same {
        join = join.text("type", &source.definition.ty.to_string());
    }
    join = join.flag("external", facts.external);
    if let Some(overrides) = &facts.overrides {
        join = join.text("override", &overrides.from);
        if let Some(label) = overrides.label.as_ref().filter(|_| is_in_progress(field, &overrides.from)) {
            join = join.text("overrideLabel", label);
        }
    }
    match &source.replaced {
        Replaced::No => {}
        Replaced::Fully { used: false } => return None,
        Replaced::Fully { used: true } => join = join.flag("usedOverridden", true),
        Replaced::InProgress { label, used } => {
            join = join.flag("usedOverridden", *used).text("overrideLabel", label);
        }
    }
    let contexts = context_arguments(source);
    if !contexts.is_empty() {
        join = join.value("contextArguments", Value::List(contexts));
    }
    Some(join.done())
}

/// Whether the subgraph that the field moves away from declares it. A label with nothing to choose from would
/// leave the field unresolved half of the time.
fn is_in_progress(field: &MergedField<'_>, from: &str) -> bool {
    field.declaring().any(|source| *source.subgraph.name == *from)
}

/// `contextArguments` of a field: what the subgraph fills from a context.
fn context_arguments(source: &FieldSource<'_>) -> Vec<Node<Value>> {
    let arguments = source.definition.arguments.iter();
    arguments
        .filter_map(|argument| {
            let field = string_argument(argument.directives.get(names::FROM_CONTEXT)?, "field")?;
            let (context, selection) = context_of(&field)?;
            let text = |name: &'static str, value: &str| {
                (Name::new_static_unchecked(name), Node::new(Value::String(value.to_owned())))
            };
            Some(Node::new(Value::Object(vec![
                text("context", &global_context_name(source.subgraph, context)),
                text("name", &argument.name),
                text("type", &argument.ty.to_string()),
                text("selection", selection),
            ])))
        })
        .collect()
}

/// `@join__field` of an input field: none when all who have the input object give it the same type.
pub(super) fn of_input(input: &MergedInput<'_>) -> Vec<Node<Directive>> {
    let differs = input.ty.agreement != Agreement::Same;
    if !differs && input.missing.is_empty() {
        return Vec::new();
    }
    let join = |source: &Source<'_, Node<InputValueDefinition>>| {
        let join = Join::new("join__field").graph(source.subgraph);
        let join = if differs { join.text("type", &source.node.ty.to_string()) } else { join };
        join.done()
    };
    input.sources.iter().map(join).collect()
}

/// `@join__enumValue` of an enum's value.
pub(super) fn of_value(value: &MergedValue<'_>) -> Vec<Node<Directive>> {
    value.sources.iter().map(|source| Join::new("join__enumValue").graph(source.subgraph).done()).collect()
}

/// A join directive under construction.
struct Join {
    directive: Directive,
}

impl Join {
    fn new(name: &'static str) -> Self {
        Self { directive: Directive::new(Name::new_static_unchecked(name)) }
    }

    fn graph(self, subgraph: &Subgraph) -> Self {
        self.value("graph", Value::Enum(subgraph.join_name.clone()))
    }

    fn text(self, name: &'static str, text: &str) -> Self {
        self.value(name, Value::String(text.to_owned()))
    }

    fn flag(self, name: &'static str, is_set: bool) -> Self {
        if is_set { self.value(name, Value::Boolean(true)) } else { self }
    }

    fn value(mut self, name: &'static str, value: Value) -> Self {
        let name = Name::new_static_unchecked(name);
        self.directive.arguments.push(Node::new(Argument { name, value: Node::new(value) }));
        self
    }

    fn done(self) -> Node<Directive> {
        Node::new(self.directive)
    }
}
