//! Reads the `@link`s of a schema definition and notes what is wrong with them.

use apollo_compiler::ast::{Directive, Value};
use apollo_compiler::{Name, Node, Schema};

use super::{
    Import, LINK_IDENTITY, Link, LinkFault, LinkFaultKind, Links, SpecUrl, elements, federation,
    string_argument,
};

/// Reads every `@link` of the schema definition. A link with a fault is left out.
pub(in super::super) fn read(schema: &Schema) -> (Links, Vec<LinkFault>) {
    let mut links = Links { links: Vec::new(), link_directive: link_directive(schema) };
    let mut faults = Vec::new();
    let Some(own_name) = links.link_directive.clone() else { return (links, faults) };
    for application in schema.schema_definition.directives.get_all(&own_name) {
        let mut found = Vec::new();
        if let Some(link) = read_link(&application.node, &mut found) {
            judge(&link, &links, &mut found);
            if found.is_empty() {
                links.links.push(link);
            }
        }
        let location = application.node.location();
        faults.extend(found.into_iter().map(|(kind, message)| LinkFault { kind, message, location }));
    }
    (links, faults)
}

/// What the schema calls `@link`: it links the link specification itself, else it is plain `@link`.
fn link_directive(schema: &Schema) -> Option<Name> {
    let applications = &schema.schema_definition.directives;
    let bootstrap = applications.iter().find(|application| {
        let url = string_argument(application, "url").and_then(|url| SpecUrl::parse(&url).ok());
        let alias = string_argument(application, "as");
        url.is_some_and(|url| url.identity == LINK_IDENTITY)
            && alias.as_deref().unwrap_or("link") == application.name.as_str()
            && (application.name == "link" || schema.directive_definitions.contains_key(&application.name))
    });
    bootstrap.or_else(|| applications.get("link")).map(|application| application.name.clone())
}

type Faults = Vec<(LinkFaultKind, String)>;

fn read_link(directive: &Node<Directive>, faults: &mut Faults) -> Option<Link> {
    let url = match string_argument(directive, "url").as_deref().map(SpecUrl::parse) {
        Some(Ok(url)) => url,
        Some(Err(message)) => {
            faults.push((LinkFaultKind::Identifier, message));
            return None;
        }
        None => {
            faults.push((LinkFaultKind::Identifier, "a `@link` needs a `url`".to_owned()));
            return None;
        }
    };
    let mut usage = |message: String| faults.push((LinkFaultKind::Usage, message));
    let imports = match directive.specified_argument_by_name("import").map(|value| &**value) {
        Some(Value::List(items)) => {
            items.iter().filter_map(|item| read_import(item).map_err(&mut usage).ok()).collect()
        }
        Some(Value::Null) | None => Vec::new(),
        Some(_) => {
            usage("`import` must be a list".to_owned());
            Vec::new()
        }
    };
    let alias = string_argument(directive, "as");
    Some(Link { url, alias, imports, location: directive.location() })
}

fn read_import(value: &Value) -> Result<Import, String> {
    let (element, local) = match value {
        Value::String(name) => (name.as_str(), name.as_str()),
        Value::Object(fields) => {
            if let Some((unknown, _)) = fields.iter().find(|(key, _)| key != "name" && key != "as") {
                return Err(format!("an import has no field `{unknown}`, only `name` and `as`"));
            }
            let text = |key: &str| match fields.iter().find(|(name, _)| name == key) {
                Some((_, value)) if !value.is_null() => {
                    value.as_str().map(Some).ok_or_else(|| format!("`{key}` of an import must be a string"))
                }
                _ => Ok(None),
            };
            let element = text("name")?.ok_or("an import needs a `name`")?;
            (element, text("as")?.unwrap_or(element))
        }
        other => return Err(format!("`{other}` is no import: write a name or `{{ name:, as: }}`")),
    };
    let (element_name, local_name, is_directive) = match (element.strip_prefix('@'), local.strip_prefix('@'))
    {
        (Some(element), Some(local)) => (element, local, true),
        (None, None) => (element, local, false),
        _ => {
            return Err(format!(
                "`{element}` cannot be imported as `{local}`: both or neither start with `@`"
            ));
        }
    };
    if !Name::is_valid_syntax(local_name) {
        return Err(format!("`{local}` is no name to import `{element}` as"));
    }
    Ok(Import { element: element_name.to_owned(), local: local_name.to_owned(), is_directive })
}

/// Whether a link fits its specification and the links before it.
fn judge(link: &Link, before: &Links, faults: &mut Faults) {
    let url = &link.url;
    if url.identity == federation::IDENTITY && !url.version.is_known_federation() {
        faults.push((
            LinkFaultKind::FederationVersion,
            format!("the federation specification has no version {}", url.version),
        ));
        return;
    }
    if url.identity == LINK_IDENTITY && (url.version.major, url.version.minor) != (1, 0) {
        let message = format!("the link specification has no version {}", url.version);
        faults.push((LinkFaultKind::LinkVersion, message));
        return;
    }
    let mut usage = |message: String| faults.push((LinkFaultKind::Usage, message));
    if before.get(&url.identity).is_some() {
        usage(format!("`{}` is linked already", url.identity));
    }
    let local = link.local_name();
    let implicit_link =
        before.link_directive.as_ref().is_some_and(|own| own == local) && url.identity != LINK_IDENTITY;
    if implicit_link || before.iter().any(|other| other.local_name() == local) {
        usage(format!("`{local}` is already the name of another linked specification"));
    }
    // Without `as`, a specification whose own name is none in GraphQL only gives what is imported.
    if local.contains("__") || (link.alias.is_some() && !Name::is_valid_syntax(local)) {
        usage(format!("`{local}` is no name for a linked specification"));
    }
    for import in &link.imports {
        let shown = |name: &str| if import.is_directive { format!("@{name}") } else { name.to_owned() };
        if elements(url).is_some_and(|known| !known.contains(&shown(&import.element))) {
            usage(format!("`{}` does not define `{}`", link.url, shown(&import.element)));
        }
        let same = |other: &&Import| other.is_directive == import.is_directive && *other != import;
        if link.imports.iter().filter(same).any(|other| other.element == import.element) {
            usage(format!("`{}` is imported under two names", shown(&import.element)));
        }
        let clashes =
            |other: &Import| other.is_directive == import.is_directive && other.local == import.local;
        let here = link.imports.iter().any(|other| clashes(other) && other.element != import.element);
        if here || before.iter().flat_map(|other| &other.imports).any(clashes) {
            usage(format!("`{}` is imported already", shown(&import.local)));
        }
        let confused = |other: &Link| {
            other.url.identity != url.identity
                && (other.local_name() == import.local
                    || import
                        .local
                        .strip_prefix(other.local_name())
                        .is_some_and(|rest| rest.starts_with("__")))
        };
        let own_link =
            import.is_directive && before.link_directive.as_ref().is_some_and(|own| *own == *import.local);
        if before.iter().any(confused) || (own_link && url.identity != LINK_IDENTITY) {
            usage(format!("`{}` reads like an element of another specification", shown(&import.local)));
        }
    }
    for other in before.iter().flat_map(|other| &other.imports) {
        if other.is_directive && other.local == local {
            usage(format!("`{local}` is already the name of an imported directive"));
        }
    }
}
