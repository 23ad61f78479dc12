//! What a document links: under which names it knows federation's directives, and changes to that.

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Directive, Document, Value};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::pick;

/// The applications of `@link` to federation.
fn federation(document: &mut Document) -> Option<&mut Node<Directive>> {
    let lists = document.definitions.iter_mut().filter_map(|definition| match definition {
        Definition::SchemaDefinition(schema) => Some(&mut schema.make_mut().directives),
        Definition::SchemaExtension(schema) => Some(&mut schema.make_mut().directives),
        _ => None,
    });
    lists.flat_map(|list| list.0.iter_mut()).find(|directive| {
        let url = directive.specified_argument_by_name("url").and_then(|url| url.as_str());
        url.is_some_and(|url| url.contains("/federation/"))
    })
}

/// `written`, an application of one of federation's directives under its own name, in the document's words.
pub(super) fn spoken(document: &mut Document, written: &str) -> String {
    let Some(link) = federation(document) else { return written.to_owned() };
    let name: String = written.chars().skip(1).take_while(|c| c.is_alphanumeric()).collect();
    let rest = written.split_at(1 + name.len()).1;
    let imports = link.specified_argument_by_name("import").and_then(|value| value.as_list()).unwrap_or(&[]);
    for import in imports {
        let text = |value: &Node<Value>| value.as_str().map(str::to_owned);
        let (element, local) = match &**import {
            Value::Object(members) => {
                let member = |key: &str| members.iter().find(|(name, _)| name == key);
                let element = member("name").and_then(|(_, value)| text(value));
                (element.clone(), member("as").and_then(|(_, value)| text(value)).or(element))
            }
            _ => (text(import), text(import)),
        };
        if element == Some(format!("@{name}")) {
            return local.unwrap_or_default() + rest;
        }
    }
    let alias =
        link.specified_argument_by_name("as").and_then(|alias| alias.as_str()).unwrap_or("federation");
    format!("@{alias}__{name}{rest}")
}

/// Another version of federation, which may not have all that is used.
pub(super) fn change_version(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let link = federation(pick(documents, random)?)?;
    let version = ["v2.0", "v2.2", "v2.3", "v2.5", "v2.8", "v2.9", "v2.9", "v2.11"].choose(random)?;
    let url = format!("https://specs.apollo.dev/federation/{version}");
    let argument = link.make_mut().arguments.iter_mut().find(|argument| argument.name == "url")?;
    argument.make_mut().value = Node::new(Value::String(url));
    Some(())
}

/// One import less.
pub(super) fn drop_import(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let link = federation(pick(documents, random)?)?;
    let argument = link.make_mut().arguments.iter_mut().find(|argument| argument.name == "import")?;
    let Value::List(imports) = argument.make_mut().value.make_mut() else { return None };
    if imports.is_empty() {
        return None;
    }
    imports.remove(random.random_range(0..imports.len()));
    Some(())
}
