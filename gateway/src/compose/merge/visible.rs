//! What clients see of a merged graph: everything but what is `@inaccessible`, and what is inside that.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;

use super::model::{Kind, Merged, MergedField, MergedInput, MergedType};
use crate::compose::subgraph::federation::names;

impl<'a> Merged<'a> {
    /// Whether an element with these directives is hidden from clients.
    pub(crate) fn is_hidden(directives: &[Node<Directive>]) -> bool {
        directives.iter().any(|directive| directive.name == names::INACCESSIBLE)
    }

    /// Whether the type is hidden from clients.
    pub(crate) fn is_hidden_type(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|ty| Self::is_hidden(&ty.directives))
    }

    /// The fields that clients see.
    pub(crate) fn visible_fields(&self) -> impl Iterator<Item = (&MergedType<'a>, &MergedField<'a>)> {
        self.fields()
            .filter(|(ty, field)| !Self::is_hidden(&ty.directives) && !Self::is_hidden(&field.directives))
    }

    /// The arguments and input fields that clients see, with their coordinates.
    pub(crate) fn visible_inputs(&self) -> impl Iterator<Item = (String, &MergedInput<'a>)> {
        self.inputs_of_visible_parents().filter(|(_, input)| !Self::is_hidden(&input.directives))
    }

    /// The arguments and input fields of what clients see, hidden or not, with their coordinates.
    pub(crate) fn inputs_of_visible_parents(&self) -> impl Iterator<Item = (String, &MergedInput<'a>)> {
        let arguments = self.visible_fields().flat_map(|(_, field)| {
            field
                .arguments
                .values()
                .map(move |argument| (format!("{}({}:)", field.coordinate(), argument.name), argument))
        });
        let input_fields =
            self.of_kind(Kind::Input).filter(|ty| !Self::is_hidden(&ty.directives)).flat_map(|ty| {
                ty.inputs.values().map(move |input| (format!("{}.{}", ty.name, input.name), input))
            });
        let of_directives =
            self.executable.values().filter(|directive| directive.is_kept()).flat_map(|directive| {
                directive
                    .arguments
                    .values()
                    .map(move |argument| (format!("@{}({}:)", directive.name, argument.name), argument))
            });
        arguments.chain(input_fields).chain(of_directives).filter(|(_, input)| input.is_kept())
    }
}
