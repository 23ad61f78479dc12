//! The merged graph: each element with what every subgraph said of it, and what came of that.

use std::collections::BTreeMap;

use apollo_compiler::ast::{Directive, DirectiveLocation, EnumValueDefinition, FieldDefinition, Type, Value};
use apollo_compiler::collections::{IndexMap, IndexSet};
use apollo_compiler::schema::{Component, DirectiveDefinition, ExtendedType, InputValueDefinition};
use apollo_compiler::{Name, Node};

use super::definitions::is_executable;
use super::{Carried, Subtyping};
use crate::compose::report::Span;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;
use crate::compose::subgraph::links::Link;
use crate::compose::subgraph::metadata::FieldFacts;

/// What all subgraphs say, put together. Merging never judges: where subgraphs disagree, the result is left
/// open and the sources tell who said what.
#[derive(Debug)]
pub(crate) struct Merged<'a> {
    /// Every subgraph, by name.
    pub(crate) subgraphs: &'a [Subgraph],
    /// Every type, by name.
    pub(crate) types: BTreeMap<Name, MergedType<'a>>,
    /// The directives that operations may use, and their definitions' sources.
    pub(crate) executable: BTreeMap<Name, MergedDirective<'a>>,
    /// Directives that `@composeDirective` carries into the supergraph.
    pub(crate) composed: Vec<ComposedDirective<'a>>,
    /// What the schema itself is for.
    pub(crate) description: Option<Node<str>>,
    /// Directives on the schema itself.
    pub(crate) schema_directives: Vec<Node<Directive>>,
    /// Which type may stand for which.
    pub(crate) subtyping: Subtyping,
    /// Which directives reach the supergraph.
    pub(crate) carried: Carried,
}

impl<'a> Merged<'a> {
    /// Every object and interface.
    pub(crate) fn composites(&self) -> impl Iterator<Item = &MergedType<'a>> {
        self.types.values().filter(|ty| matches!(ty.kind, Some(Kind::Object | Kind::Interface)))
    }

    /// Every field of every object and interface, with its type.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&MergedType<'a>, &MergedField<'a>)> {
        self.composites().flat_map(|ty| ty.fields.values().map(move |field| (ty, field)))
    }

    /// Every argument of every field and executable directive, with its coordinate.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = (String, &MergedInput<'a>)> {
        let of_fields = self.fields().flat_map(|(_, field)| {
            field
                .arguments
                .values()
                .map(move |argument| (format!("{}({}:)", field.coordinate(), argument.name), argument))
        });
        let of_directives =
            self.executable.values().filter(|directive| directive.is_kept()).flat_map(|directive| {
                directive
                    .arguments
                    .values()
                    .map(move |argument| (format!("@{}({}:)", directive.name, argument.name), argument))
            });
        of_fields.chain(of_directives)
    }

    /// Every type of that kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &MergedType<'a>> {
        self.types.values().filter(move |ty| ty.kind == Some(kind))
    }
}

/// What one subgraph says of an element.
#[derive(Debug)]
pub(crate) struct Source<'a, T: ?Sized> {
    /// Who says it.
    pub(crate) subgraph: &'a Subgraph,
    /// What it says.
    pub(crate) node: &'a T,
}

impl<T: ?Sized> Clone for Source<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Source<'_, T> {}

impl<T> Source<'_, Node<T>> {
    /// Where it says so.
    pub(crate) fn span(&self) -> Span {
        self.subgraph.span(self.node.location())
    }
}

impl Source<'_, Node<InputValueDefinition>> {
    /// Its default, for a sentence.
    pub(crate) fn default_text(&self) -> String {
        let text = |value: &Node<Value>| format!("`{}`", value.serialize().no_indent());
        self.node.default_value.as_ref().map_or_else(|| "none".to_owned(), text)
    }
}

impl Source<'_, ExtendedType> {
    /// Where it says so.
    pub(crate) fn span(&self) -> Span {
        self.subgraph.span(self.node.location())
    }
}

/// What a type is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Kind {
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    Input,
}

/// A type and everything in it.
#[derive(Debug)]
pub(crate) struct MergedType<'a> {
    pub(crate) name: Name,
    pub(crate) sources: Vec<Source<'a, ExtendedType>>,
    /// `None` when subgraphs disagree. An `@interfaceObject` is an interface.
    pub(crate) kind: Option<Kind>,
    pub(crate) description: Option<Node<str>>,
    pub(crate) directives: Vec<Node<Directive>>,
    /// Of objects and interfaces: what it implements, and according to whom.
    pub(crate) implements: IndexMap<Name, Vec<&'a Subgraph>>,
    /// Of objects and interfaces.
    pub(crate) fields: IndexMap<Name, MergedField<'a>>,
    /// Of unions, and according to whom.
    pub(crate) members: IndexMap<Name, Vec<&'a Subgraph>>,
    /// Of enums: every value that any subgraph has.
    pub(crate) values: IndexMap<Name, MergedValue<'a>>,
    /// Of input objects: every field that any subgraph has.
    pub(crate) inputs: IndexMap<Name, MergedInput<'a>>,
    /// Of enums: where the merged graph uses it.
    pub(crate) usage: Usage,
}

impl<'a> MergedType<'a> {
    /// Every field with an override, the source that overrides and the source that it names.
    pub(crate) fn overridden_pairs(
        &self,
    ) -> impl Iterator<Item = (&MergedField<'a>, &FieldSource<'a>, &FieldSource<'a>)> {
        self.fields.values().flat_map(|field| {
            field.declaring().filter_map(move |source| {
                let from = source.facts.overrides.as_ref().map(|over| over.from.as_str());
                let target = field.declaring().find(|target| from == Some(&*target.subgraph.name));
                target.map(|target| (field, source, target))
            })
        })
    }

    /// Where the first of its sources stands.
    pub(crate) fn span(&self) -> Option<Span> {
        self.sources.first().map(Source::<ExtendedType>::span)
    }

    /// Whether the supergraph has it: subgraphs agree on its kind, and it is no empty root.
    pub(crate) fn is_kept(&self) -> bool {
        self.kind.is_some() && !(self.kind == Some(Kind::Object) && self.fields.is_empty())
    }

    /// What the subgraph says of the type.
    pub(crate) fn source_in(&self, subgraph: &Subgraph) -> Option<Source<'a, ExtendedType>> {
        self.sources.iter().copied().find(|source| source.subgraph.name == subgraph.name)
    }

    /// Of enums: the values that the supergraph has. Where clients pass the enum, those that every subgraph
    /// knows; one that no client sees does not have to be known everywhere.
    pub(crate) fn kept_values(&self) -> impl Iterator<Item = &MergedValue<'a>> {
        let strict = self.usage.input && !self.usage.output;
        self.values.values().filter(move |value| {
            !strict
                || value.missing.is_empty()
                || value.directives.iter().any(|d| d.name == names::INACCESSIBLE)
        })
    }
}

/// How an enum is used by fields, arguments and input fields of the merged graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Usage {
    /// As the type of an argument or input field.
    pub(crate) input: bool,
    /// As the type of a field.
    pub(crate) output: bool,
}

/// A field of an object or interface.
#[derive(Debug)]
pub(crate) struct MergedField<'a> {
    pub(crate) parent: Name,
    pub(crate) name: Name,
    /// Those who declare it, in the order of the subgraphs; an object's also through an
    /// `@interfaceObject` that stands for an interface of it.
    pub(crate) sources: Vec<FieldSource<'a>>,
    pub(crate) description: Option<Node<str>>,
    pub(crate) directives: Vec<Node<Directive>>,
    pub(crate) ty: MergedRef,
    /// Every argument that any subgraph has.
    pub(crate) arguments: IndexMap<Name, MergedInput<'a>>,
}

impl<'a> MergedField<'a> {
    /// Its schema coordinate.
    pub(crate) fn coordinate(&self) -> String {
        format!("{}.{}", self.parent, self.name)
    }

    /// Those whose say counts for type, arguments and directives: who does not mark it `@external`, and if
    /// nobody declares it directly, those who have it through the first of its `@interfaceObject`s.
    pub(crate) fn deciding(&self) -> impl Iterator<Item = &FieldSource<'a>> {
        let direct = self.declaring().next().is_some();
        let via = self.sources.first().filter(|_| !direct).and_then(|source| source.via.as_ref());
        self.sources.iter().filter(move |source| !source.facts.external && source.via.as_ref() == via)
    }

    /// Those that mark it `@external`.
    pub(crate) fn external(&self) -> impl Iterator<Item = &FieldSource<'a>> {
        self.declaring().filter(|source| source.facts.external)
    }

    /// Those that declare it on the type itself, without `@interfaceObject` detours.
    pub(crate) fn declaring(&self) -> impl Iterator<Item = &FieldSource<'a>> {
        self.sources.iter().filter(|source| source.via.is_none())
    }

    /// Those that can answer it, once overrides have come into force.
    pub(crate) fn resolvers(&self) -> impl Iterator<Item = &FieldSource<'a>> {
        self.sources
            .iter()
            .filter(|source| !source.facts.is_fully_external() && source.replaced == Replaced::No)
    }
}

/// What one subgraph says of a field.
#[derive(Clone, Debug)]
pub(crate) struct FieldSource<'a> {
    pub(crate) subgraph: &'a Subgraph,
    pub(crate) definition: &'a Component<FieldDefinition>,
    /// What its federation directives say.
    pub(crate) facts: &'a FieldFacts,
    /// The `@interfaceObject` through which the subgraph has the field, if not directly.
    pub(crate) via: Option<Name>,
    /// Whether another subgraph's `@override` takes the field from this one.
    pub(crate) replaced: Replaced,
}

impl FieldSource<'_> {
    /// Where it is declared.
    pub(crate) fn span(&self) -> Span {
        self.subgraph.span(self.definition.location())
    }
}

/// Whether a field was taken from a subgraph by another's `@override`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Replaced {
    No,
    /// For good; `used` when the subgraph needs the field all the same: in a key, in a `@requires` or
    /// `@provides`, or for an interface.
    Fully {
        used: bool,
    },
    /// Under the condition of that label.
    InProgress {
        label: String,
        used: bool,
    },
}

/// A type reference put together from several.
#[derive(Clone, Debug)]
pub(crate) struct MergedRef {
    /// The type that all sources fit; where they do not fit, the one that was kept; `None` without sources.
    pub(crate) ty: Option<Type>,
    /// What the sources have to do with each other.
    pub(crate) agreement: Agreement,
}

/// What several type references have to do with each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Agreement {
    Same,
    Compatible,
    Incompatible,
}

/// An argument or input field.
#[derive(Debug)]
pub(crate) struct MergedInput<'a> {
    pub(crate) name: Name,
    pub(crate) sources: Vec<Source<'a, Node<InputValueDefinition>>>,
    /// Those that have the field (or input object) but not this argument (or input field).
    pub(crate) missing: Vec<&'a Subgraph>,
    pub(crate) description: Option<Node<str>>,
    pub(crate) directives: Vec<Node<Directive>>,
    pub(crate) ty: MergedRef,
    pub(crate) default: MergedDefault,
    /// Whether some subgraph fills it by `@fromContext`, so that clients never pass it.
    pub(crate) contextual: bool,
    pub(super) kept: bool,
}

impl MergedInput<'_> {
    /// Where the first of its sources stands.
    pub(crate) fn span(&self) -> Option<Span> {
        self.sources.first().map(Source::<Node<_>>::span)
    }

    /// Whether the supergraph has it.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept
    }

    /// Those where a value must be given.
    pub(crate) fn requiring(&self) -> impl Iterator<Item = &Source<'_, Node<InputValueDefinition>>> {
        self.sources.iter().filter(|source| source.node.is_required())
    }
}

/// A default value put together from several.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum MergedDefault {
    /// Nobody has one, or all have the same.
    Same(Option<Node<Value>>),
    /// Some have it, some have none: the supergraph has none.
    Partial(Node<Value>),
    /// They differ.
    Different,
}

/// A value of an enum.
#[derive(Debug)]
pub(crate) struct MergedValue<'a> {
    pub(crate) name: Name,
    pub(crate) sources: Vec<Source<'a, Node<EnumValueDefinition>>>,
    /// Those that have the enum but not this value.
    pub(crate) missing: Vec<&'a Subgraph>,
    pub(crate) description: Option<Node<str>>,
    pub(crate) directives: Vec<Node<Directive>>,
}

impl MergedValue<'_> {
    /// Where the first of its sources stands.
    pub(crate) fn span(&self) -> Option<Span> {
        self.sources.first().map(Source::<Node<_>>::span)
    }
}

/// A directive that operations may use.
#[derive(Debug)]
pub(crate) struct MergedDirective<'a> {
    pub(crate) name: Name,
    pub(crate) sources: Vec<Source<'a, Node<DirectiveDefinition>>>,
    /// Those that do not define it: then the supergraph does not, either.
    pub(crate) missing: Vec<&'a Subgraph>,
    pub(crate) description: Option<Node<str>>,
    pub(crate) repeatable: bool,
    /// The executable locations that all sources allow.
    pub(crate) locations: Vec<DirectiveLocation>,
    pub(crate) arguments: IndexMap<Name, MergedInput<'a>>,
}

impl MergedDirective<'_> {
    /// Where the first of its sources stands.
    pub(crate) fn span(&self) -> Option<Span> {
        self.sources.first().map(Source::<Node<_>>::span)
    }

    /// Whether the supergraph has it.
    pub(crate) fn is_kept(&self) -> bool {
        self.missing.is_empty() && !self.locations.is_empty()
    }

    /// Whether no executable location is common to those that define it and come before the first subgraph
    /// that does not. Whichever keeps it from the supergraph first, in the order of the subgraphs, is told.
    pub(crate) fn has_no_common_location(&self) -> bool {
        let first_missing = self.missing.first().map(|subgraph| &subgraph.name);
        let mut before = self
            .sources
            .iter()
            .take_while(|source| first_missing.is_none_or(|missing| source.subgraph.name < *missing));
        let Some(first) = before.next() else { return false };
        let mut common: Vec<_> =
            first.node.locations.iter().copied().filter(|location| is_executable(*location)).collect();
        for source in before {
            common.retain(|location| source.node.locations.contains(location));
        }
        common.is_empty()
    }
}

/// A directive that `@composeDirective` carries into the supergraph.
#[derive(Debug)]
pub(crate) struct ComposedDirective<'a> {
    /// Its name in the supergraph, which all subgraphs must agree on.
    pub(crate) name: Name,
    /// The link of the newest version, which the supergraph repeats.
    pub(crate) link: &'a Link,
    /// The definition that belongs to that version.
    pub(crate) definition: Source<'a, Node<DirectiveDefinition>>,
    /// The subgraphs that compose it.
    pub(crate) subgraphs: IndexSet<String>,
}
