//! Which specifications a merged graph uses, and what it calls their directives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use apollo_compiler::ast::{Directive, DirectiveList};
use apollo_compiler::{Name, Node};

use super::specs::{SPECS, Spec, SpecDirective};
use crate::compose::merge::Merged;
use crate::compose::merge::model::{MergedType, Source};
use crate::compose::subgraph::Subgraph;

/// The directives that a merged graph applies, with their names in the supergraph.
pub(super) struct Linked {
    names: BTreeMap<&'static str, String>,
}

impl Linked {
    pub(super) fn of(merged: &Merged<'_>) -> Self {
        let applied = applied(merged);
        let names: BTreeMap<&'static str, String> = SPECS
            .iter()
            .flat_map(|spec| spec.directives)
            .filter(|directive| applied.contains(directive.canonical))
            .map(|directive| (directive.canonical, local_name(merged.subgraphs, directive)))
            .collect();
        Self { names }
    }

    /// The directives as the supergraph applies them.
    pub(super) fn rename(&self, directives: &[Node<Directive>]) -> DirectiveList {
        DirectiveList(directives.iter().map(|directive| self.rename_one(directive)).collect())
    }

    fn rename_one(&self, directive: &Node<Directive>) -> Node<Directive> {
        match self.names.get(directive.name.as_str()) {
            Some(name) => {
                Node::new(Directive { name: Name::new_unchecked(name), ..Directive::clone(directive) })
            }
            None => directive.clone(),
        }
    }

    /// The `@link`s of the schema definition, one per line.
    pub(super) fn links(&self) -> String {
        let mut text = String::new();
        for spec in SPECS.iter().filter(|spec| self.used(spec).next().is_some()) {
            let purpose = if spec.is_security { ", for: SECURITY" } else { "" };
            let _ = write!(text, "\n  @link(url: \"{}\"{purpose}{})", spec.url, self.imports(spec));
        }
        text
    }

    /// The definitions of the specifications used: all their directives, under their prefix where they are
    /// not used, and what comes with them.
    pub(super) fn definitions(&self) -> String {
        let mut text = String::new();
        for spec in SPECS.iter().filter(|spec| self.used(spec).next().is_some()) {
            for directive in spec.directives {
                let prefixed = || {
                    if directive.element == spec.name {
                        spec.name.to_owned()
                    } else {
                        format!("{}__{}", spec.name, directive.element)
                    }
                };
                let name = self.names.get(directive.canonical).cloned().unwrap_or_else(prefixed);
                let _ = write!(text, "\ndirective @{name}{}\n", directive.definition);
            }
            if !spec.types.is_empty() {
                let _ = write!(text, "\n{}", spec.types);
            }
        }
        text
    }

    /// The names of the specifications used, which are the prefixes of what belongs to them.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &'static str> {
        SPECS.iter().filter(|spec| self.used(spec).next().is_some()).map(|spec| spec.name)
    }

    fn used<'s>(&'s self, spec: &'s Spec) -> impl Iterator<Item = (&'s SpecDirective, &'s String)> {
        spec.directives.iter().filter_map(|directive| Some((directive, self.names.get(directive.canonical)?)))
    }

    fn imports(&self, spec: &Spec) -> String {
        let imports: Vec<String> = self
            .used(spec)
            .filter(|(directive, name)| directive.element != spec.name || **name != spec.name)
            .map(|(directive, name)| import(directive.element, name))
            .collect();
        if imports.is_empty() { String::new() } else { format!(", import: [{}]", imports.join(", ")) }
    }
}

/// One element of `@link(import:)`.
pub(super) fn import(element: &str, local: &str) -> String {
    if element == local {
        format!("\"@{element}\"")
    } else {
        format!("{{name: \"@{element}\", as: \"@{local}\"}}")
    }
}

/// What the first subgraph that applies the directive calls it: all do, or a rule has refused them.
fn local_name(subgraphs: &[Subgraph], directive: &SpecDirective) -> String {
    let applying = subgraphs.iter().find(|subgraph| subgraph.applies(directive.canonical));
    applying
        .and_then(|subgraph| subgraph.links.federation_directive_name(directive.element))
        .unwrap_or_else(|| directive.element.to_owned())
}

fn applied(merged: &Merged<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut note = |directives: &[Node<Directive>]| {
        names.extend(directives.iter().map(|directive| directive.name.to_string()));
    };
    note(&merged.schema_directives);
    for ty in merged.types.values() {
        note_type(ty, &mut note);
    }
    for directive in merged.executable.values() {
        directive.arguments.values().for_each(|argument| note(&argument.directives));
    }
    for composed in &merged.composed {
        let Source { subgraph, node } = composed.definition;
        node.arguments
            .iter()
            .for_each(|argument| note(&merged.carried.of(subgraph, argument.directives.iter())));
    }
    names
}

fn note_type(ty: &MergedType<'_>, note: &mut impl FnMut(&[Node<Directive>])) {
    note(&ty.directives);
    ty.values.values().for_each(|value| note(&value.directives));
    ty.inputs.values().for_each(|input| note(&input.directives));
    for field in ty.fields.values() {
        note(&field.directives);
        field.arguments.values().for_each(|argument| note(&argument.directives));
    }
}
