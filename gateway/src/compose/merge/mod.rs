//! Merging: what all subgraphs say, element by element, and what comes of it.
//!
//! Merging never judges. It records what each subgraph said and what the merged element would be; the
//! rules of [`crate::compose::rules::MERGE`] read both and report. Sources: the federation
//! specification's composition rules, and the reference composer's behaviour where they are silent.

mod access;
mod applied;
mod context;
mod definitions;
mod description;
mod elements;
mod enums;
mod fields;
mod inputs;
pub(crate) mod model;
mod overrides;
mod requirements;
mod scopes;
mod subtyping;
mod types;
mod values;
mod visible;
pub(crate) mod wording;

use std::collections::BTreeMap;

use apollo_compiler::ast::Directive;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::{Name, Node};

pub(crate) use applied::{Carried, Strategy, same_arguments};
pub(crate) use context::{
    global_name as global_context_name, parts as context_of, selections as context_selections,
};
pub(crate) use definitions::{composed_applications, is_executable, newest as newest_version};
pub(crate) use elements::Element;
pub(crate) use model::Merged;
pub(crate) use requirements::Requirements;
pub(crate) use subtyping::Subtyping;
pub(crate) use types::kind_in;
pub(crate) use values::same as same_value;

use super::subgraph::Subgraph;
use model::{Kind, MergedField, MergedInput, MergedType, MergedValue};

/// What every step of merging needs to know.
struct Merging<'c> {
    subtyping: &'c Subtyping,
    carried: &'c Carried,
}

/// Merges subgraphs that each are valid by themselves.
pub(crate) fn merge(subgraphs: &[Subgraph]) -> Merged<'_> {
    let composed = definitions::composed(subgraphs);
    let carried = Carried::new(&composed);
    let mut types = types::gather(subgraphs);
    let subtyping = Subtyping::of(&types);
    let merging = Merging { subtyping: &subtyping, carried: &carried };

    let names: Vec<Name> = types.keys().cloned().collect();
    for name in &names {
        let Some(ty) = types.get(name) else { continue };
        let content = content(&merging, &types, ty);
        if let Some(ty) = types.get_mut(name) {
            content.fill(ty);
        }
    }
    access::raise_to_interfaces(&mut types, &carried);
    context::carry(&mut types);
    let executable = definitions::merge_executable(&merging, subgraphs, &composed);
    enums::note_usage(&mut types, &executable, &composed);
    let schema_directives = carried.merge(&types::schema_directives(&carried, subgraphs));
    let description = description::merge(
        subgraphs.iter().map(|subgraph| subgraph.schema.schema_definition.description.as_ref()),
    );
    Merged { subgraphs, types, executable, composed, description, schema_directives, subtyping, carried }
}

/// What a type holds, as far as its kind has it.
#[derive(Default)]
struct Content<'a> {
    description: Option<Node<str>>,
    directives: Vec<Node<Directive>>,
    fields: IndexMap<Name, MergedField<'a>>,
    values: IndexMap<Name, MergedValue<'a>>,
    inputs: IndexMap<Name, MergedInput<'a>>,
}

impl<'a> Content<'a> {
    fn fill(self, ty: &mut MergedType<'a>) {
        ty.description = self.description;
        ty.directives = self.directives;
        ty.fields = self.fields;
        ty.values = self.values;
        ty.inputs = self.inputs;
    }
}

fn content<'a>(
    merging: &Merging<'_>,
    types: &BTreeMap<Name, MergedType<'a>>,
    ty: &MergedType<'a>,
) -> Content<'a> {
    let mut content = Content {
        description: description::merge(ty.sources.iter().map(|source| types::description(source.node))),
        directives: merging.carried.merge(&types::directives(merging.carried, &ty.sources)),
        ..Content::default()
    };
    match ty.kind {
        Some(Kind::Object | Kind::Interface) => content.fields = fields::merge(merging, types, ty),
        Some(Kind::Enum) => content.values = enums::merge(merging, &ty.sources),
        Some(Kind::Input) => content.inputs = inputs::merge_fields(merging, &types::inputs(&ty.sources)),
        Some(Kind::Scalar | Kind::Union) | None => {}
    }
    content
}

#[cfg(test)]
mod tests;
