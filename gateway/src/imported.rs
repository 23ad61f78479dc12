//! Under which names a supergraph has the directives that it links (the core schemas specification, `@link`).

use apollo_compiler::ast::Directive;

/// The directive `name` of the specification `feature`, as `links` import it: under its own name or another one, or, not
/// imported, behind the specification's name. Without a link it has its own name.
pub(crate) fn imported<'a>(
    links: impl IntoIterator<Item = &'a Directive>,
    feature: &str,
    name: &str,
) -> String {
    let mut own = links.into_iter().filter(|link| {
        link.name == "link" && text(link, "url").is_some_and(|url| url.split('/').any(|part| part == feature))
    });
    let Some(link) = own.next() else { return name.to_owned() };
    imported_by(link, name).unwrap_or_else(|| {
        let space = text(link, "as").unwrap_or(feature);
        if name == feature { space.to_owned() } else { format!("{space}__{name}") }
    })
}

fn imported_by(link: &Directive, name: &str) -> Option<String> {
    let imports = link.specified_argument_by_name("import")?.as_list()?;
    imports.iter().find_map(|import| {
        if let Some(import) = import.as_str() {
            return (import.strip_prefix('@') == Some(name)).then(|| name.to_owned());
        }
        let field = |wanted: &str| {
            let fields = import.as_object()?;
            fields.iter().find(|(name, _)| *name == *wanted)?.1.as_str()?.strip_prefix('@')
        };
        (field("name") == Some(name)).then(|| field("as").unwrap_or(name).to_owned())
    })
}

fn text<'a>(directive: &'a Directive, argument: &str) -> Option<&'a str> {
    directive.specified_argument_by_name(argument)?.as_str()
}

#[cfg(test)]
mod tests {
    use apollo_compiler::ast::{Definition, Document};

    use super::*;

    #[test]
    fn a_directive_has_the_name_that_the_link_gives_it() {
        let cases = [
            ("", ["cost", "cost__listSize"]),
            (", as: \"price\"", ["price", "price__listSize"]),
            (", import: [\"@cost\", \"@listSize\"]", ["cost", "listSize"]),
            (", import: [{ name: \"@cost\", as: \"@weight\" }, \"@listSize\"]", ["weight", "listSize"]),
            (
                ", as: \"p\", import: [{ name: \"@listSize\", as: \"@size\" }, { name: \"@cost\" }]",
                ["cost", "size"],
            ),
        ];
        for (arguments, names) in cases {
            let sdl = format!(
                "schema @link(url: \"https://specs.apollo.dev/cost/v0.1\"{arguments}) {{ query: Query }}"
            );
            let document = Document::parse(sdl, "supergraph").unwrap();
            let Some(Definition::SchemaDefinition(schema)) = document.definitions.first() else { panic!() };
            let found = ["cost", "listSize"]
                .map(|name| imported(schema.directives.iter().map(|it| &**it), "cost", name));
            assert_eq!(found, names, "{arguments}");
        }
        assert_eq!(imported([], "cost", "listSize"), "listSize");
    }
}
