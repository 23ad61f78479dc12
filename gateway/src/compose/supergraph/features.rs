//! Which names in a supergraph belong to linked specifications (`@link`) rather than to the API.

use std::collections::BTreeMap;

use apollo_compiler::Name;
use apollo_compiler::ast::{Definition, Directive, DirectiveList, Document, Value};

/// The specifications that a supergraph links, and the names they own in it.
///
/// Rules from the link specification v1.0, section "Element naming": an imported element has its imported
/// name, any other one stands under the specification's prefix (`join__Graph`), and the directive of the
/// specification's own name needs no prefix (`@tag`).
#[derive(Debug, Default)]
pub struct Features {
    linked: Vec<Feature>,
}

#[derive(Debug)]
struct Feature {
    identity: String,
    prefix: String,
    /// Name in this document → name in the specification; a directive keeps its `@`.
    imports: BTreeMap<String, String>,
}

impl Features {
    /// Reads every `@link` on the document's schema definition and its extensions.
    pub fn of(document: &Document) -> Self {
        let linked = document
            .definitions
            .iter()
            .filter(|definition| {
                matches!(definition, Definition::SchemaDefinition(_) | Definition::SchemaExtension(_))
            })
            .flat_map(|definition| definition.directives().get_all("link"))
            .filter_map(|link| Feature::from_link(link))
            .collect();
        Self { linked }
    }

    /// Whether a directive of this name (without `@`) belongs to a linked specification.
    pub fn own_directive(&self, name: &str) -> bool {
        name == "link" || self.linked.iter().any(|feature| feature.owns_directive(name))
    }

    /// Whether a type of this name belongs to a linked specification.
    pub fn own_type(&self, name: &str) -> bool {
        name.starts_with("link__") || self.linked.iter().any(|feature| feature.owns_type(name))
    }

    /// The name that the directive `specified` of the specification `identity` (its last path segment, such
    /// as `inaccessible`) has in this document, when that specification is linked.
    pub fn directive_name(&self, identity: &str, specified: &str) -> Option<String> {
        self.linked.iter().find(|feature| feature.identity == identity).map(|f| f.directive_name(specified))
    }

    /// Drops every application of a directive that belongs to a linked specification.
    pub fn strip(&self, directives: &mut DirectiveList) {
        directives.0.retain(|directive| !self.own_directive(&directive.name));
    }
}

impl Feature {
    fn from_link(link: &Directive) -> Option<Self> {
        let url = link.specified_argument_by_name("url")?.as_str()?;
        let identity = identity_of(url).to_owned();
        let prefix = link
            .specified_argument_by_name("as")
            .and_then(|value| value.as_str())
            .map_or_else(|| identity.clone(), str::to_owned);
        let imports = link
            .specified_argument_by_name("import")
            .and_then(|value| value.as_list())
            .unwrap_or_default()
            .iter()
            .filter_map(|import| import_of(import))
            .collect();
        Some(Self { identity, prefix, imports })
    }

    fn owns_directive(&self, name: &str) -> bool {
        name == self.prefix || self.owns_prefixed(name) || self.imports.contains_key(&format!("@{name}"))
    }

    fn owns_type(&self, name: &str) -> bool {
        self.owns_prefixed(name) || self.imports.contains_key(name)
    }

    fn owns_prefixed(&self, name: &str) -> bool {
        name.strip_prefix(&self.prefix).is_some_and(|rest| rest.starts_with("__"))
    }

    fn directive_name(&self, specified: &str) -> String {
        let wanted = format!("@{specified}");
        if let Some((here, _)) = self.imports.iter().find(|(_, there)| **there == wanted) {
            return here.trim_start_matches('@').to_owned();
        }
        if specified == self.identity { self.prefix.clone() } else { format!("{}__{specified}", self.prefix) }
    }
}

/// The name of a specification in its URL: the last path segment that is not a version.
fn identity_of(url: &str) -> &str {
    let mut segments = url.trim_end_matches('/').rsplit('/');
    match segments.next() {
        Some(last) if is_version(last) => segments.next().unwrap_or(last),
        Some(last) => last,
        None => url,
    }
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn import_of(import: &Value) -> Option<(String, String)> {
    if let Some(name) = import.as_str() {
        return Some((name.to_owned(), name.to_owned()));
    }
    let entries = import.as_object()?;
    let entry = |key: &str| entries.iter().find(|(k, _): &&(Name, _)| k == key).and_then(|(_, v)| v.as_str());
    let name = entry("name")?;
    Some((entry("as").unwrap_or(name).to_owned(), name.to_owned()))
}
