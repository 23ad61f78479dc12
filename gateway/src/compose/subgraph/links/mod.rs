//! `@link`: which specifications a schema uses, and what it calls their directives and types.
//! Source: <https://specs.apollo.dev/link/v1.0>.

mod read;

use apollo_compiler::Name;
use apollo_compiler::ast::Directive;
use apollo_compiler::parser::SourceSpan;

use super::federation::{self, DirectiveSpec, Version};

pub(super) use read::read;

/// Where the link specification itself lives.
pub(crate) const LINK_IDENTITY: &str = "https://specs.apollo.dev/link";

/// A small specification that holds some of federation's directives and may be linked on its own.
struct CoreSpec {
    identity: &'static str,
    versions: &'static [Version],
    directives: &'static [&'static str],
    /// The type of their arguments, where it is one of the specification's.
    scalar: Option<&'static str>,
}

const CORE_SPECS: &[CoreSpec] = &[
    core_spec("https://specs.apollo.dev/tag", &[zero(1), zero(2), zero(3)], &["tag"], None),
    core_spec("https://specs.apollo.dev/inaccessible", &[zero(1), zero(2)], &["inaccessible"], None),
    core_spec("https://specs.apollo.dev/authenticated", &[zero(1)], &["authenticated"], None),
    core_spec("https://specs.apollo.dev/requiresScopes", &[zero(1)], &["requiresScopes"], Some("Scope")),
    core_spec("https://specs.apollo.dev/policy", &[zero(1)], &["policy"], Some("Policy")),
    core_spec(
        "https://specs.apollo.dev/context",
        &[zero(1)],
        &["context", "fromContext"],
        Some("ContextFieldValue"),
    ),
    core_spec("https://specs.apollo.dev/cost", &[zero(1)], &["cost", "listSize"], None),
];

const fn core_spec(
    identity: &'static str,
    versions: &'static [Version],
    directives: &'static [&'static str],
    scalar: Option<&'static str>,
) -> CoreSpec {
    CoreSpec { identity, versions, directives, scalar }
}

const fn zero(minor: u32) -> Version {
    Version { major: 0, minor }
}

impl CoreSpec {
    fn is_linked_by(&self, url: &SpecUrl) -> bool {
        self.identity == url.identity && self.versions.contains(&url.version)
    }
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
    /// Reads `https://host/path/name/v1.2`.
    ///
    /// # Errors
    /// What is wrong, when it is not of that form.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let not_a_url = || format!("`{text}` is not the URL of a specification");
        let (scheme, rest) = text.split_once("://").ok_or_else(not_a_url)?;
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (path, last) = rest.rsplit_once('/').ok_or_else(not_a_url)?;
        let version = Version::parse(last)
            .ok_or_else(|| format!("`{text}` must end in a version such as `v1.2`, not in `{last}`"))?;
        let name = path.rsplit_once('/').map(|(_, name)| name.to_owned());
        let name = name.filter(|name| !name.is_empty() && !scheme.is_empty());
        let name = name.ok_or_else(|| format!("`{text}` lacks the name of the specification"))?;
        Ok(Self { identity: format!("{scheme}://{path}"), name, version })
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
    /// Where it stands.
    location: Option<SourceSpan>,
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
        self.location
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

    /// The federation directive that this schema calls `local`: brought by the federation
    /// specification, or by one of the small ones that hold it alone.
    pub(crate) fn federation_directive(&self, local: &str) -> Option<&'static DirectiveSpec> {
        let federation = self.federation()?;
        if let Some(element) = federation.element_of_directive(local) {
            return federation::directive(element);
        }
        self.core_directives()
            .find(|(link, spec, _)| link.directive_name(spec.name) == local)
            .map(|found| found.1)
    }

    /// What this schema calls federation's directive `element`: as the federation specification has it, or as a
    /// small one has it that alone brings it.
    pub(crate) fn federation_directive_name(&self, element: &str) -> Option<String> {
        let federation = self.federation()?;
        let is_imported = federation.imports.iter().any(|one| one.is_directive && one.element == element);
        let mut core = self.core_directives().filter(|(_, spec, _)| spec.name == element && !is_imported);
        let core = core.next().map(|(link, spec, _)| link.directive_name(spec.name));
        Some(core.unwrap_or_else(|| federation.directive_name(element)))
    }

    /// Federation's directives that are linked on their own, with the scalar of their arguments.
    pub(crate) fn core_directives(
        &self,
    ) -> impl Iterator<Item = (&Link, &'static DirectiveSpec, Option<&'static str>)> {
        self.links.iter().flat_map(|link| {
            let specs = CORE_SPECS.iter().filter(|spec| spec.is_linked_by(&link.url));
            specs.flat_map(move |core| {
                let directives = core.directives.iter().filter_map(|bare| federation::directive(bare));
                directives.map(move |spec| (link, spec, core.scalar))
            })
        })
    }
}

/// What is wrong with a `@link`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkFault {
    /// Which rule it breaks.
    pub(crate) kind: LinkFaultKind,
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    pub(crate) location: Option<SourceSpan>,
}

/// The rule that a `@link` breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkFaultKind {
    /// Its URL is not one of a specification.
    Identifier,
    /// Its arguments do not fit the specification or the other links.
    Usage,
    /// The federation specification has no such version.
    FederationVersion,
    /// The link specification has no such version.
    LinkVersion,
}

/// The text of a string argument that is written at the application.
pub(crate) fn string_argument(directive: &Directive, name: &str) -> Option<String> {
    directive.specified_argument_by_name(name)?.as_str().map(str::to_owned)
}

/// What a known specification defines, as `@directive` or type names; `None` when it is not known.
fn elements(url: &SpecUrl) -> Option<Vec<String>> {
    if url.identity == federation::IDENTITY {
        let directives = federation::DIRECTIVES.iter().filter(|spec| spec.exists_in(url.version));
        let scalars = federation::SCALARS.iter().filter(|bare| federation::scalar_since(bare) <= url.version);
        let names = directives.map(|spec| format!("@{}", spec.name));
        return Some(names.chain(scalars.map(|bare| (*bare).to_owned())).collect());
    }
    if url.identity == LINK_IDENTITY {
        return Some(["@link", "Import", "Purpose"].map(str::to_owned).into());
    }
    let core = CORE_SPECS.iter().find(|spec| spec.is_linked_by(url))?;
    let names = core.directives.iter().map(|bare| format!("@{bare}"));
    Some(names.chain(core.scalar.map(str::to_owned)).collect())
}
