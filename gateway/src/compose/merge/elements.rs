//! Every element of a merged graph in one list, for rules that treat all kinds alike.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;
use apollo_compiler::schema::InputValueDefinition;

use super::model::{Merged, MergedInput, MergedType, Source};
use crate::compose::report::Span;
use crate::compose::subgraph::Subgraph;

/// An element and what each subgraph writes on it.
pub(crate) struct Element<'m> {
    /// Its schema coordinate.
    pub(crate) coordinate: String,
    /// Those whose say counts.
    pub(crate) sources: Vec<Written<'m>>,
}

/// What one subgraph writes on an element.
pub(crate) struct Written<'m> {
    pub(crate) subgraph: &'m Subgraph,
    pub(crate) description: Option<&'m str>,
    pub(crate) directives: Vec<&'m Node<Directive>>,
    pub(crate) span: Span,
}

impl Merged<'_> {
    /// The schema itself, types, fields, arguments, enum values and input fields.
    pub(crate) fn elements(&self) -> Vec<Element<'_>> {
        let mut elements = vec![self.schema_element()];
        for ty in self.types.values().filter(|ty| ty.kind.is_some()) {
            elements.push(of_type(ty));
            for field in ty.fields.values() {
                let coordinate = field.coordinate();
                for argument in field.arguments.values().filter(|argument| argument.is_kept()) {
                    elements.push(of_input(format!("{coordinate}({}:)", argument.name), argument));
                }
                let sources = field.deciding().map(|source| Written {
                    subgraph: source.subgraph,
                    description: source.definition.description.as_deref(),
                    directives: source.definition.directives.iter().collect(),
                    span: source.span(),
                });
                elements.push(Element { coordinate, sources: sources.collect() });
            }
            for input in ty.inputs.values().filter(|input| input.is_kept()) {
                elements.push(of_input(format!("{}.{}", ty.name, input.name), input));
            }
            for value in ty.kept_values() {
                let sources = value.sources.iter().map(|source| Written {
                    subgraph: source.subgraph,
                    description: source.node.description.as_deref(),
                    directives: source.node.directives.iter().collect(),
                    span: source.span(),
                });
                let coordinate = format!("{}.{}", ty.name, value.name);
                elements.push(Element { coordinate, sources: sources.collect() });
            }
        }
        elements
    }

    fn schema_element(&self) -> Element<'_> {
        Element { coordinate: "schema".to_owned(), sources: self.subgraphs.iter().map(on_schema).collect() }
    }
}

fn on_schema(subgraph: &Subgraph) -> Written<'_> {
    let schema = &subgraph.schema.schema_definition;
    Written {
        subgraph,
        description: schema.description.as_deref(),
        directives: schema.directives.iter().map(|directive| &directive.node).collect(),
        span: subgraph.span(schema.location()),
    }
}

fn of_type<'m>(ty: &'m MergedType<'_>) -> Element<'m> {
    let sources = ty.sources.iter().map(|source| Written {
        subgraph: source.subgraph,
        description: source.node.description().map(|text| &**text),
        directives: source.node.directives().iter().map(|directive| &directive.node).collect(),
        span: source.span(),
    });
    Element { coordinate: ty.name.to_string(), sources: sources.collect() }
}

fn of_input<'m>(coordinate: String, input: &'m MergedInput<'_>) -> Element<'m> {
    let written = |source: &'m Source<'_, Node<InputValueDefinition>>| Written {
        subgraph: source.subgraph,
        description: source.node.description.as_deref(),
        directives: source.node.directives.iter().collect(),
        span: source.span(),
    };
    Element { coordinate, sources: input.sources.iter().map(written).collect() }
}
