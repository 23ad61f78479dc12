//! Derives the API schema from a supergraph: what clients may see.

use std::collections::BTreeSet;

use apollo_compiler::ast::{
    Definition, DirectiveDefinition, DirectiveList, Document, EnumValueDefinition, FieldDefinition,
    InputValueDefinition, SchemaDefinition,
};
use apollo_compiler::{Name, Node};

use super::features::Features;

/// The definition that `@oneOf` needs in a schema whose validator does not know it as built in.
const ONE_OF: &str = "directive @oneOf on INPUT_OBJECT";

/// The API schema of a supergraph: every element marked `@inaccessible` is gone, and so is everything that
/// belongs to a linked specification (join, link, tag, authentication, custom `@link`ed directives).
/// `@deprecated`, `@specifiedBy`, `@oneOf` and executable directives stay.
pub fn api_document(supergraph: &Document) -> Document {
    let features = Features::of(supergraph);
    let view = View { inaccessible: features.directive_name("inaccessible", "inaccessible"), features };
    let hidden = view.hidden_types(supergraph);
    let mut api = Document::new();
    api.definitions =
        supergraph.definitions.iter().filter_map(|definition| view.definition(definition, &hidden)).collect();
    define_one_of(&mut api);
    api
}

struct View {
    features: Features,
    inaccessible: Option<String>,
}

impl View {
    fn is_hidden(&self, directives: &DirectiveList) -> bool {
        self.inaccessible.as_deref().is_some_and(|name| directives.has(name))
    }

    fn hidden_types(&self, supergraph: &Document) -> BTreeSet<Name> {
        let hidden = |definition: &&Definition| self.is_hidden(definition.directives());
        supergraph.definitions.iter().filter(hidden).filter_map(|d| d.name().cloned()).collect()
    }

    fn definition(&self, definition: &Definition, hidden: &BTreeSet<Name>) -> Option<Definition> {
        let mut definition = definition.clone();
        let is_directive = matches!(definition, Definition::DirectiveDefinition(_));
        if let Some(name) = definition.name() {
            let foreign =
                if is_directive { self.features.own_directive(name) } else { self.features.own_type(name) };
            if foreign || (!is_directive && hidden.contains(name)) {
                return None;
            }
        }
        match &mut definition {
            Definition::SchemaDefinition(schema) => self.schema(schema.make_mut(), hidden),
            Definition::DirectiveDefinition(directive) => self.directive(directive.make_mut()),
            Definition::ScalarTypeDefinition(scalar) => {
                self.features.strip(&mut scalar.make_mut().directives);
            }
            Definition::ObjectTypeDefinition(object) => {
                let object = object.make_mut();
                self.features.strip(&mut object.directives);
                object.implements_interfaces.retain(|name| !hidden.contains(name));
                self.fields(&mut object.fields);
            }
            Definition::InterfaceTypeDefinition(interface) => {
                let interface = interface.make_mut();
                self.features.strip(&mut interface.directives);
                interface.implements_interfaces.retain(|name| !hidden.contains(name));
                self.fields(&mut interface.fields);
            }
            Definition::UnionTypeDefinition(union_) => {
                let union_ = union_.make_mut();
                self.features.strip(&mut union_.directives);
                union_.members.retain(|name| !hidden.contains(name));
            }
            Definition::EnumTypeDefinition(enum_) => {
                let enum_ = enum_.make_mut();
                self.features.strip(&mut enum_.directives);
                self.values(&mut enum_.values);
            }
            Definition::InputObjectTypeDefinition(input) => {
                let input = input.make_mut();
                self.features.strip(&mut input.directives);
                self.inputs(&mut input.fields);
            }
            // A supergraph holds neither operations nor extensions: composition folds extensions in, and
            // a supergraph with any is refused before its API is asked for.
            Definition::OperationDefinition(_)
            | Definition::FragmentDefinition(_)
            | Definition::SchemaExtension(_)
            | Definition::ScalarTypeExtension(_)
            | Definition::ObjectTypeExtension(_)
            | Definition::InterfaceTypeExtension(_)
            | Definition::UnionTypeExtension(_)
            | Definition::EnumTypeExtension(_)
            | Definition::InputObjectTypeExtension(_) => return None,
        }
        Some(definition)
    }

    fn schema(&self, schema: &mut SchemaDefinition, hidden: &BTreeSet<Name>) {
        self.features.strip(&mut schema.directives);
        schema.root_operations.retain(|root| !hidden.contains(&root.1));
    }

    fn directive(&self, directive: &mut DirectiveDefinition) {
        self.inputs(&mut directive.arguments);
    }

    fn fields(&self, fields: &mut Vec<Node<FieldDefinition>>) {
        fields.retain(|field| !self.is_hidden(&field.directives));
        for field in fields {
            let field = field.make_mut();
            self.features.strip(&mut field.directives);
            self.inputs(&mut field.arguments);
        }
    }

    fn inputs(&self, inputs: &mut Vec<Node<InputValueDefinition>>) {
        inputs.retain(|input| !self.is_hidden(&input.directives));
        for input in inputs {
            self.features.strip(&mut input.make_mut().directives);
        }
    }

    fn values(&self, values: &mut Vec<Node<EnumValueDefinition>>) {
        values.retain(|value| !self.is_hidden(&value.directives));
        for value in values {
            self.features.strip(&mut value.make_mut().directives);
        }
    }
}

fn define_one_of(api: &mut Document) {
    let is_used = api
        .definitions
        .iter()
        .any(|d| matches!(d, Definition::InputObjectTypeDefinition(input) if input.directives.has("oneOf")));
    let is_defined = api
        .definitions
        .iter()
        .any(|d| matches!(d, Definition::DirectiveDefinition(directive) if directive.name == "oneOf"));
    if is_used && !is_defined {
        let parsed = Document::parse(ONE_OF, "oneOf.graphql").unwrap_or_else(|partial| partial.partial);
        api.definitions.extend(parsed.definitions);
    }
}
