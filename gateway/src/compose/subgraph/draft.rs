//! A subgraph that is parsed but not yet normalised: what the rules on SDL itself look at.

use std::sync::Arc;

use apollo_compiler::ast::Document;
use apollo_compiler::diagnostic::ToCliReport as _;
use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{Name, Schema};

use super::definitions::{self, DefinitionFault};
use super::federation::Version;
use super::links::{self, LinkFault, Links};
use super::{extensions, span_in};
use crate::compose::SubgraphSource;
use crate::compose::report::Span;

/// Something that the GraphQL parser or validator found.
#[derive(Clone, Debug)]
pub(crate) struct GraphQlFault {
    /// What.
    pub(crate) message: String,
    /// Where.
    pub(crate) location: Option<SourceSpan>,
}

/// A parsed subgraph.
///
/// Its schema still calls everything as the SDL does; definitions that the SDL may leave out are added.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// The name as given.
    pub(crate) name: Arc<str>,
    /// Where it is served; empty when unknown.
    pub(crate) url: String,
    /// Its value of the `join__Graph` enum.
    pub(crate) join_name: Name,
    /// Whether another subgraph has the same name.
    pub(crate) is_duplicate: bool,
    /// The schema under the SDL's own names.
    pub(crate) schema: Schema,
    /// Syntax errors, and definitions that clash.
    pub(crate) build_faults: Vec<GraphQlFault>,
    /// Parts of definitions that stand there twice.
    pub(crate) duplicates: Vec<GraphQlFault>,
    /// The specifications it links.
    pub(crate) links: Links,
    /// What is wrong with its `@link`s.
    pub(crate) link_faults: Vec<LinkFault>,
    /// What is wrong with its definitions of what specifications define.
    pub(crate) definition_faults: Vec<DefinitionFault>,
    /// The federation version it is written in.
    pub(crate) version: Version,
    /// The types that it extends without defining them.
    pub(crate) extensions: Vec<Name>,
    /// The texts that locations point into.
    pub(crate) sources: SourceMap,
}

impl Draft {
    /// Parses a source. Never fails: what is wrong is kept for the rules.
    pub(super) fn parse(source: &SubgraphSource, join_name: Name, is_duplicate: bool) -> Self {
        let (document, mut build_faults) = match Document::parse(source.sdl.clone(), &source.name) {
            Ok(document) => (document, Vec::new()),
            Err(errors) => (errors.partial, graphql_faults(&errors.errors)),
        };
        let builder = Schema::builder().adopt_orphan_extensions().ignore_builtin_redefinitions();
        let mut schema = match builder.add_ast(&document).build() {
            Ok(schema) => schema,
            Err(errors) => {
                build_faults.extend(graphql_faults(&errors.errors));
                errors.partial
            }
        };
        let (duplicates, mut build_faults): (Vec<_>, Vec<_>) = build_faults
            .into_iter()
            .partition(|fault| fault.message.starts_with("duplicate definitions for the "));
        build_faults.extend(extensions::lost(&document));
        build_faults.extend(extensions::of_built_in_scalars(&document));
        build_faults.extend(undefined_query(&schema));
        build_faults.extend(undefined_argument_types(&schema));
        let extensions = extensions::only_extended(&schema);
        let (links, link_faults) = links::read(&schema);
        let version = links.federation().map_or(Version::ONE, |link| link.url.version);
        let sources = schema.sources.clone();
        let definition_faults = if build_faults.is_empty() && duplicates.is_empty() && link_faults.is_empty()
        {
            definitions::complete(&mut schema, &links, version)
        } else {
            Vec::new()
        };
        Self {
            name: source.name.as_str().into(),
            url: source.url.clone().unwrap_or_default(),
            join_name,
            is_duplicate,
            schema,
            build_faults,
            duplicates,
            links,
            link_faults,
            definition_faults,
            version,
            extensions,
            sources,
        }
    }

    /// The place of a location in this subgraph's SDL.
    pub(crate) fn span(&self, location: Option<SourceSpan>) -> Span {
        span_in(&self.name, &self.sources, location)
    }
}

/// The diagnostics of `apollo-compiler` as message and place.
pub(crate) fn graphql_faults(errors: &DiagnosticList) -> Vec<GraphQlFault> {
    errors
        .iter()
        .map(|diagnostic| GraphQlFault {
            message: diagnostic.error.to_string(),
            location: diagnostic.error.location(),
        })
        .collect()
}

/// Types of directives' arguments that are not defined: completing the schema might hide them, for a directive
/// that is written out must be so with its types.
fn undefined_argument_types(schema: &Schema) -> Vec<GraphQlFault> {
    let own = schema.directive_definitions.values().filter(|definition| !definition.is_built_in());
    own.flat_map(|definition| definition.arguments.iter().map(move |argument| (definition, argument)))
        .filter(|(_, argument)| !schema.types.contains_key(argument.ty.inner_named_type()))
        .map(|(definition, argument)| GraphQlFault {
            message: format!(
                "the type `{}` of `@{}({}:)` is not defined",
                argument.ty.inner_named_type(),
                definition.name,
                argument.name
            ),
            location: argument.ty.location(),
        })
        .collect()
}

/// Fields of type `Query` where it is not defined: completing the schema with one would hide them.
fn undefined_query(schema: &Schema) -> Vec<GraphQlFault> {
    if schema.types.contains_key("Query") {
        return Vec::new();
    }
    let objects =
        schema.types.values().filter_map(|ty| ty.as_object()).flat_map(|object| object.fields.values());
    let of_query = objects.filter(|field| field.ty.inner_named_type() == "Query");
    of_query
        .map(|field| GraphQlFault {
            message: format!("the type `Query` of the field `{}` is not defined", field.name),
            location: field.location(),
        })
        .collect()
}
