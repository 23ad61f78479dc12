//! `@link`: which specifications a schema uses, and what it calls their directives and types.
//! Source: <https://specs.apollo.dev/link/v1.0>.

use apollo_compiler::ast::{Directive, Value};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::{Name, Node, Schema};

use super::federation::{self, Version};

/// Where the link specification itself lives.
pub(crate) const LINK_IDENTITY: &str = "https://specs.apollo.dev/link";

/// What `@link(for:)` says of a specification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// A router that does not know it must refuse, for safety.
    Security,
    /// A router that does not know it must refuse, for correctness.
    Execution,
}

/// A specification's address: identity, last path segment and version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SpecUrl {
    /// The address without the version, `https://specs.apollo.dev/federation`.
    pub(crate) identity: String,
    /// The default prefix of its elements, `federation`.
    pub(crate) name: String,
    /// The version in its last segment.
    pub(crate) version: Version,
}

impl SpecUrl {
    /// Reads `https://host/path/name/v1.2`; `None` when it is not of that form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let rest = rest.split(['?', '#']).next()?.trim_end_matches('/');
        let (path, version) = rest.rsplit_once('/')?;
        let version = Version::parse(version)?;
        let name = path.rsplit('/').next()?.to_owned();
        if name.is_empty() || scheme.is_empty() {
            return None;
        }
        Some(Self { identity: format!("{scheme}://{path}"), name, version })
    }
}

impl std::fmt::Display for SpecUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.identity, self.version)
    }
}

/// One element that a `@link` imports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Import {
    /// Its name in the specification, without `@`.
    pub(crate) element: String,
    /// Its name in the schema, without `@`.
    pub(crate) local: String,
    /// Whether it is a directive, written with `@`, rather than a type.
    pub(crate) is_directive: bool,
}

/// One `@link`.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// The specification.
    pub(crate) url: SpecUrl,
    /// `as:`, which replaces the specification's name as prefix.
    pub(crate) alias: Option<String>,
    /// `import:`.
    pub(crate) imports: Vec<Import>,
    /// `for:`.
    pub(crate) purpose: Option<Purpose>,
    /// The application as written.
    pub(crate) directive: Node<Directive>,
}

impl Link {
    /// The specification's name in this schema: the prefix of what is not imported.
    pub(crate) fn local_name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.url.name)
    }

    /// What this schema calls the specification's directive `element` (both without `@`).
    pub(crate) fn directive_name(&self, element: &str) -> String {
        match self.imports.iter().find(|import| import.is_directive && import.element == element) {
            Some(import) => import.local.clone(),
            None if element == self.url.name => self.local_name().to_owned(),
            None => format!("{}__{element}", self.local_name()),
        }
    }

    /// What this schema calls the specification's type `element`.
    pub(crate) fn type_name(&self, element: &str) -> String {
        match self.imports.iter().find(|import| !import.is_directive && import.element == element) {
            Some(import) => import.local.clone(),
            None => format!("{}__{element}", self.local_name()),
        }
    }

    /// The specification's directive that this schema calls `local`, without `@`.
    pub(crate) fn element_of_directive<'a>(&'a self, local: &'a str) -> Option<&'a str> {
        if let Some(import) = self.imports.iter().find(|import| import.is_directive && import.local == local)
        {
            return Some(&import.element);
        }
        let element = if local == self.local_name() {
            &self.url.name
        } else {
            local.strip_prefix(self.local_name())?.strip_prefix("__")?
        };
        // What is imported under another name is no longer known by its prefixed one.
        (self.directive_name(element) == local).then_some(element)
    }

    /// Where it stands.
    pub(crate) fn location(&self) -> Option<SourceSpan> {
        self.directive.location()
    }
}

/// Every `@link` of a schema, in the order written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    links: Vec<Link>,
    /// What the schema calls `@link` itself, when it has any.
    pub(crate) link_directive: Option<Name>,
}

impl Links {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Link> {
        self.links.iter()
    }

    /// The link to the specification with that identity.
    pub(crate) fn get(&self, identity: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.url.identity == identity)
    }

    /// The link to the federation specification, which makes a schema federation 2.
    pub(crate) fn federation(&self) -> Option<&Link> {
        self.get(federation::IDENTITY)
    }

    /// The link that brings the directive which this schema calls `local`, with its name in the
    /// specification.
    pub(crate) fn source_of_directive<'a>(&'a self, local: &'a str) -> Option<(&'a Link, &'a str)> {
        self.links.iter().find_map(|link| link.element_of_directive(local).map(|element| (link, element)))
    }

    /// Adds one.
    pub(super) fn push(&mut self, link: Link) {
        self.links.push(link);
    }
}

/// What is wrong with a `@link`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkFault {
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    pub(crate) location: Option<SourceSpan>,
}

/// Reads every `@link` of the schema definition. A link with a fault is left out.
pub(super) fn read(schema: &Schema) -> (Links, Vec<LinkFault>) {
    let mut links = Links::default();
    let mut faults = Vec::new();
    links.link_directive = link_directive(schema);
    let Some(own_name) = links.link_directive.clone() else { return (links, faults) };
    for application in schema.schema_definition.directives.get_all(&own_name) {
        match read_link(&application.node) {
            Ok(link) => links.push(link),
            Err(message) => faults.push(LinkFault { message, location: application.node.location() }),
        }
    }
    (links, faults)
}

/// What the schema calls `@link`: it links the link specification itself, else it is plain `@link`.
fn link_directive(schema: &Schema) -> Option<Name> {
    let applications = &schema.schema_definition.directives;
    let bootstrap = applications.iter().find(|application| {
        let Some(url) = string_argument(application, "url").and_then(|url| SpecUrl::parse(&url)) else {
            return false;
        };
        let alias = string_argument(application, "as");
        url.identity == LINK_IDENTITY && alias.as_deref().unwrap_or("link") == application.name.as_str()
    });
    let plain = || applications.get("link").filter(|link| string_argument(link, "url").is_some());
    bootstrap.or_else(plain).map(|application| application.name.clone())
}

fn read_link(directive: &Node<Directive>) -> Result<Link, String> {
    let url = string_argument(directive, "url").ok_or("`@link` needs a `url`")?;
    let url = SpecUrl::parse(&url)
        .ok_or_else(|| format!("`{url}` does not end in a specification's name and version"))?;
    let purpose = match directive.specified_argument_by_name("for").map(|value| &**value) {
        Some(Value::Enum(name)) if name == "SECURITY" => Some(Purpose::Security),
        Some(Value::Enum(name)) if name == "EXECUTION" => Some(Purpose::Execution),
        _ => None,
    };
    let imports = match directive.specified_argument_by_name("import").map(|value| &**value) {
        Some(Value::List(items)) => items.iter().map(|item| read_import(item)).collect::<Result<_, _>>()?,
        Some(Value::Null) | None => Vec::new(),
        Some(_) => return Err("`import` must be a list".to_owned()),
    };
    let alias = string_argument(directive, "as");
    Ok(Link { url, alias, imports, purpose, directive: directive.clone() })
}

fn read_import(value: &Value) -> Result<Import, String> {
    let (element, local) = match value {
        Value::String(name) => (name.as_str(), name.as_str()),
        Value::Object(fields) => {
            let text =
                |key: &str| fields.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.as_str());
            let element = text("name").ok_or("an import object needs a `name`")?;
            (element, text("as").unwrap_or(element))
        }
        other => return Err(format!("`{other}` is not an import: write a name or `{{ name:, as: }}`")),
    };
    match (element.strip_prefix('@'), local.strip_prefix('@')) {
        (Some(element), Some(local)) => {
            Ok(Import { element: element.to_owned(), local: local.to_owned(), is_directive: true })
        }
        (None, None) => {
            Ok(Import { element: element.to_owned(), local: local.to_owned(), is_directive: false })
        }
        _ => Err(format!("`{element}` cannot be imported as `{local}`: both or neither start with `@`")),
    }
}

/// The text of a string argument that is written at the application.
pub(crate) fn string_argument(directive: &Directive, name: &str) -> Option<String> {
    directive.specified_argument_by_name(name)?.as_str().map(str::to_owned)
}
