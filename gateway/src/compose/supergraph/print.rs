//! Prints a merged graph as supergraph SDL.

use std::fmt::{Display, Write};

use apollo_compiler::Node;
use apollo_compiler::ast::{
    Definition, Directive, DirectiveDefinition, DirectiveList, EnumTypeDefinition, EnumValueDefinition,
    FieldDefinition, InputObjectTypeDefinition, InputValueDefinition, InterfaceTypeDefinition,
    ObjectTypeDefinition, OperationType, ScalarTypeDefinition, Type, UnionTypeDefinition, Value,
};

use super::linked::{Linked, import};
use super::{join, specs};
use crate::compose::merge::Merged;
use crate::compose::merge::model::{
    ComposedDirective, Kind, MergedDefault, MergedDirective, MergedField, MergedInput, MergedType,
    MergedValue, Source,
};

/// The supergraph SDL of a merged graph that the rules let pass. Definitions are sorted by name: the same
/// subgraphs give the same text, whatever order they come in.
pub(crate) fn print(merged: &Merged<'_>) -> String {
    let printer = Printer { linked: Linked::of(merged), merged };
    let mut sdl = printer.schema();
    sdl.push_str(&printer.linked.definitions());
    sdl.push_str(specs::MACHINERY);
    sdl.push_str(&printer.graphs());
    for composed in &merged.composed {
        define(&mut sdl, &printer.composed(composed));
    }
    for directive in merged.executable.values().filter(|directive| directive.is_kept()) {
        define(&mut sdl, &printer.executable(directive));
    }
    if merged.of_kind(Kind::Input).any(|ty| ty.directives.iter().any(|directive| directive.name == "oneOf")) {
        sdl.push_str("\ndirective @oneOf on INPUT_OBJECT\n");
    }
    for ty in merged.types.values().filter(|ty| ty.is_kept()) {
        if let Some(definition) = printer.definition(ty) {
            define(&mut sdl, &definition);
        }
    }
    sdl
}

/// Adds a definition, a blank line before it.
fn define(sdl: &mut String, definition: &impl Display) {
    let _ = write!(sdl, "\n{}\n", definition.to_string().trim_end());
}

struct Printer<'m> {
    linked: Linked,
    merged: &'m Merged<'m>,
}

impl Printer<'_> {
    fn schema(&self) -> String {
        let mut text = self.merged.description.as_ref().map(|text| block_string(text)).unwrap_or_default();
        let _ = write!(text, "schema{}{}", specs::MACHINERY_LINKS, self.linked.links());
        for link in composed_links(&self.merged.composed) {
            let _ = write!(text, "\n  {link}");
        }
        for directive in &self.linked.rename(&self.merged.schema_directives).0 {
            let _ = write!(text, "\n  {directive}");
        }
        text.push_str("\n{\n");
        for kind in [OperationType::Query, OperationType::Mutation, OperationType::Subscription] {
            let root = kind.default_type_name();
            let is_root = |ty: &MergedType<'_>| ty.is_kept() && ty.kind == Some(Kind::Object);
            if self.merged.types.get(&root).is_some_and(is_root) {
                let _ = writeln!(text, "  {}: {root}", kind.name());
            }
        }
        text.push_str("}\n");
        text
    }

    fn graphs(&self) -> String {
        let text = |text: &str| Value::String(text.to_owned());
        let graphs = self.merged.subgraphs.iter().map(|subgraph| {
            format!(
                "  {} @join__graph(name: {}, url: {})\n",
                subgraph.join_name,
                text(&subgraph.name),
                text(&subgraph.url)
            )
        });
        format!("\nenum join__Graph {{\n{}}}\n", graphs.collect::<String>())
    }

    fn composed(&self, composed: &ComposedDirective<'_>) -> DirectiveDefinition {
        let Source { subgraph, node } = composed.definition;
        let mut definition = DirectiveDefinition::clone(node);
        for argument in &mut definition.arguments {
            let argument = argument.make_mut();
            argument.directives =
                self.linked.rename(&self.merged.carried.of(subgraph, argument.directives.iter()));
        }
        definition
    }

    fn executable(&self, directive: &MergedDirective<'_>) -> DirectiveDefinition {
        DirectiveDefinition {
            description: directive.description.clone(),
            name: directive.name.clone(),
            arguments: directive.arguments.values().filter_map(|argument| self.argument(argument)).collect(),
            repeatable: directive.repeatable,
            locations: directive.locations.clone(),
        }
    }

    fn definition(&self, ty: &MergedType<'_>) -> Option<Definition> {
        let description = ty.description.clone();
        let name = ty.name.clone();
        let directives = self.directives(join::of_type(ty), &ty.directives);
        let implements_interfaces = ty.implements.keys().cloned().collect();
        Some(match ty.kind? {
            Kind::Scalar => Definition::ScalarTypeDefinition(Node::new(ScalarTypeDefinition {
                description,
                name,
                directives,
            })),
            Kind::Object => Definition::ObjectTypeDefinition(Node::new(ObjectTypeDefinition {
                description,
                name,
                implements_interfaces,
                directives,
                fields: self.fields(ty),
            })),
            Kind::Interface => Definition::InterfaceTypeDefinition(Node::new(InterfaceTypeDefinition {
                description,
                name,
                implements_interfaces,
                directives,
                fields: self.fields(ty),
            })),
            Kind::Union => Definition::UnionTypeDefinition(Node::new(UnionTypeDefinition {
                description,
                name,
                directives,
                members: ty.members.keys().cloned().collect(),
            })),
            Kind::Enum => Definition::EnumTypeDefinition(Node::new(EnumTypeDefinition {
                description,
                name,
                directives,
                values: ty.kept_values().map(|value| self.value(value)).collect(),
            })),
            Kind::Input => Definition::InputObjectTypeDefinition(Node::new(InputObjectTypeDefinition {
                description,
                name,
                directives,
                fields: ty.inputs.values().filter_map(|input| self.input_field(input)).collect(),
            })),
        })
    }

    fn fields(&self, ty: &MergedType<'_>) -> Vec<Node<FieldDefinition>> {
        ty.fields.values().filter_map(|field| self.field(field, ty)).collect()
    }

    fn field(&self, field: &MergedField<'_>, ty: &MergedType<'_>) -> Option<Node<FieldDefinition>> {
        Some(Node::new(FieldDefinition {
            description: field.description.clone(),
            name: field.name.clone(),
            arguments: field.arguments.values().filter_map(|argument| self.argument(argument)).collect(),
            ty: field.ty.ty.clone()?,
            directives: self.directives(join::of_field(field, ty), &field.directives),
        }))
    }

    fn argument(&self, argument: &MergedInput<'_>) -> Option<Node<InputValueDefinition>> {
        self.input(argument, Vec::new())
    }

    fn input_field(&self, input: &MergedInput<'_>) -> Option<Node<InputValueDefinition>> {
        self.input(input, join::of_input(input))
    }

    fn input(
        &self,
        input: &MergedInput<'_>,
        joins: Vec<Node<Directive>>,
    ) -> Option<Node<InputValueDefinition>> {
        if !input.is_kept() {
            return None;
        }
        let default_value = match &input.default {
            MergedDefault::Same(value) => value.clone(),
            MergedDefault::Partial(_) | MergedDefault::Different => None,
        };
        Some(Node::new(InputValueDefinition {
            description: input.description.clone(),
            name: input.name.clone(),
            ty: Node::new(Type::clone(input.ty.ty.as_ref()?)),
            default_value,
            directives: self.directives(joins, &input.directives),
        }))
    }

    fn value(&self, value: &MergedValue<'_>) -> Node<EnumValueDefinition> {
        Node::new(EnumValueDefinition {
            description: value.description.clone(),
            value: value.name.clone(),
            directives: self.directives(join::of_value(value), &value.directives),
        })
    }

    fn directives(&self, joins: Vec<Node<Directive>>, own: &[Node<Directive>]) -> DirectiveList {
        let mut directives = DirectiveList(joins);
        directives.0.extend(self.linked.rename(own).0);
        directives
    }
}

/// A description, on lines of its own.
fn block_string(text: &str) -> String {
    format!("{}\n", Value::String(text.to_owned()).serialize())
}

/// One `@link` per specification with composed directives.
fn composed_links(composed: &[ComposedDirective<'_>]) -> Vec<String> {
    let mut urls: Vec<String> = composed.iter().map(|directive| directive.link.url.to_string()).collect();
    urls.sort();
    urls.dedup();
    urls.into_iter()
        .map(|url| {
            let mut of_spec: Vec<&ComposedDirective<'_>> =
                composed.iter().filter(|directive| directive.link.url.to_string() == url).collect();
            of_spec.sort_by_key(|directive| {
                directive.link.imports.iter().position(|import| directive.name == import.local.as_str())
            });
            let imports: Vec<String> = of_spec
                .into_iter()
                .map(|directive| {
                    let element = directive.link.element_of_directive(&directive.name);
                    import(element.unwrap_or(&directive.name), &directive.name)
                })
                .collect();
            format!("@link(url: \"{url}\", import: [{}])", imports.join(", "))
        })
        .collect()
}
