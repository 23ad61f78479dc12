//! How many objects an operation can make an answer hold: lists multiply what is selected below them, so that
//! fifteen fields can stand for a hundred million objects.
//!
//! The estimate follows the GraphQL cost directives (IBM, `@cost` and `@listSize`): an object weighs 1 and a leaf 0
//! unless `@cost` says otherwise, times the items of all lists around it. The size of a list is what its slicing
//! arguments ask for; without one, what `@listSize` assumes, or else `limits.list_size`. A list within a page, such
//! as a connection's `nodes`, has the size of the page.

use std::cell::Cell;
use std::collections::HashMap;

use apollo_compiler::Name;
use apollo_compiler::ast::{self, Definition, Document, Value};
use apollo_compiler::executable::{ExecutableDocument, Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};

use crate::imported::imported;
use crate::settings::Limits;

/// Arguments that say how many items are wanted, where `@listSize` does not name them.
const SLICING: [&str; 3] = ["first", "last", "limit"];

/// What a supergraph says about the cost of its fields.
#[derive(Debug, Default)]
pub(crate) struct CostRules {
    /// By type and field.
    fields: HashMap<(Name, Name), FieldRule>,
    types: HashMap<Name, u64>,
}

#[derive(Debug, Default)]
struct FieldRule {
    weight: Option<u64>,
    list: Option<ListSize>,
}

/// `@listSize` on a field.
#[derive(Debug, Default)]
struct ListSize {
    assumed: Option<u64>,
    slicing: Vec<Box<str>>,
    /// The fields below that are as long as the page; empty where the field itself is the list.
    sized: Vec<Box<str>>,
}

impl CostRules {
    /// The rules of a supergraph.
    pub(super) fn of(supergraph: &Document) -> Self {
        let mut rules = Self::default();
        let names = Names::of(supergraph);
        for definition in &supergraph.definitions {
            let (ty, directives, fields) = match definition {
                Definition::ObjectTypeDefinition(ty) => (&ty.name, &ty.directives, ty.fields.as_slice()),
                Definition::InterfaceTypeDefinition(ty) => (&ty.name, &ty.directives, ty.fields.as_slice()),
                _ => continue,
            };
            if let Some(weight) = names.weight(directives) {
                rules.types.insert(ty.clone(), weight);
            }
            for field in fields {
                let rule = FieldRule {
                    weight: names.weight(&field.directives),
                    list: names.list_size(&field.directives),
                };
                if rule.weight.is_some() || rule.list.is_some() {
                    rules.fields.insert((ty.clone(), field.name.clone()), rule);
                }
            }
        }
        rules
    }
}

/// What the supergraph calls the directives.
struct Names {
    cost: String,
    list_size: String,
}

impl Names {
    fn of(supergraph: &Document) -> Self {
        let of_schema = supergraph.definitions.iter().flat_map(|definition| match definition {
            Definition::SchemaDefinition(schema) => schema.directives.as_slice(),
            Definition::SchemaExtension(schema) => schema.directives.as_slice(),
            _ => &[],
        });
        let links: Vec<&ast::Directive> = of_schema.map(|directive| &**directive).collect();
        let named = |name: &str| imported(links.iter().copied(), "cost", name);
        Self { cost: named("cost"), list_size: named("listSize") }
    }

    fn weight(&self, directives: &ast::DirectiveList) -> Option<u64> {
        number(directives.get(&self.cost)?.specified_argument_by_name("weight")?)
    }

    fn list_size(&self, directives: &ast::DirectiveList) -> Option<ListSize> {
        let applied = directives.get(&self.list_size)?;
        let names = |argument: &str| -> Vec<Box<str>> {
            let list = applied.specified_argument_by_name(argument).and_then(|value| value.as_list());
            list.unwrap_or_default().iter().filter_map(|name| name.as_str().map(Into::into)).collect()
        };
        Some(ListSize {
            assumed: applied.specified_argument_by_name("assumedSize").and_then(|size| number(size)),
            slicing: names("slicingArguments"),
            sized: names("sizedFields"),
        })
    }
}

fn number(value: &Value) -> Option<u64> {
    value.to_i32().and_then(|number| u64::try_from(number).ok())
}

/// The cost of an operation, and whether other variables would give another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) objects: u64,
    pub(super) varies: bool,
}

/// The cost of `operation` under coerced `variables`. Fragments are expanded, which `limits.fields` bounds.
pub(super) fn cost(
    rules: &CostRules,
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
    limits: &Limits,
) -> Cost {
    let walk = Walk { rules, document, variables, limits, varies: Cell::new(false) };
    let objects = walk.set(&operation.selection_set, None);
    Cost { objects, varies: walk.varies.get() }
}

struct Walk<'a> {
    rules: &'a CostRules,
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    limits: &'a Limits,
    varies: Cell<bool>,
}

/// The page that a selection set lies in: its size, and the fields of that size; all lists, where none are named.
#[derive(Clone, Copy)]
struct Page<'a> {
    size: u64,
    fields: &'a [Box<str>],
}

impl Walk<'_> {
    fn set(&self, set: &SelectionSet, page: Option<Page<'_>>) -> u64 {
        let costs = set.selections.iter().map(|selection| match selection {
            Selection::Field(field) => self.field(&set.ty, field, page),
            Selection::InlineFragment(fragment) => self.set(&fragment.selection_set, page),
            Selection::FragmentSpread(spread) => match self.document.fragments.get(&spread.fragment_name) {
                Some(fragment) => self.set(&fragment.selection_set, page),
                None => 0,
            },
        });
        costs.fold(0, u64::saturating_add)
    }

    fn field(&self, parent: &Name, field: &Field, page: Option<Page<'_>>) -> u64 {
        let rule = self.rules.fields.get(&(parent.clone(), field.name.clone()));
        let list = rule.and_then(|rule| rule.list.as_ref());
        let asked = self.asked(field, list).or_else(|| list.and_then(|list| list.assumed));
        let sized = list.map_or(&[][..], |list| list.sized.as_slice());
        let is_list = field.ty().is_list();
        let is_leaf = field.selection_set.selections.is_empty();
        let own = rule.and_then(|rule| rule.weight).unwrap_or_else(|| {
            let of_type = self.rules.types.get(field.ty().inner_named_type());
            of_type.copied().unwrap_or(u64::from(!is_leaf))
        });
        let within = asked.filter(|_| !is_list || !sized.is_empty()).map(|size| Page { size, fields: sized });
        let one = own.saturating_add(self.set(&field.selection_set, within));
        if !is_list {
            return one;
        }
        let of_page = page.filter(|page| {
            page.fields.is_empty() || page.fields.iter().any(|name| **name == *field.name.as_str())
        });
        let size = asked.or(of_page.map(|page| page.size)).unwrap_or(self.limits.list_size);
        one.saturating_mul(size)
    }

    /// How many items the slicing arguments of a field ask for: of several, the most.
    fn asked(&self, field: &Field, list: Option<&ListSize>) -> Option<u64> {
        let slices = |name: &str| match list {
            Some(list) if !list.slicing.is_empty() => list.slicing.iter().any(|slicing| **slicing == *name),
            _ => SLICING.contains(&name),
        };
        let arguments = field.definition.arguments.iter().filter(|argument| slices(&argument.name));
        let sizes = arguments.filter_map(|argument| {
            let default = argument.default_value.as_deref().and_then(number);
            match field.specified_argument_by_name(&argument.name).map(|value| &**value) {
                None => default,
                Some(Value::Variable(name)) => {
                    self.varies.set(true);
                    let given = self.variables.get(name.as_str());
                    given.map_or(default, JsonValue::as_u64)
                }
                Some(value) => number(value),
            }
        });
        sizes.max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::ApiSchema;

    const SDL: &str = "
        directive @cost(weight: Int!) on FIELD_DEFINITION | OBJECT
        directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
        type Query {
            me: User
            users(first: Int, last: Int): UserConnection!
            plain: [User!]!
            page(first: Int = 7): [User!]!
            top: [User!]! @listSize(assumedSize: 3)
            found(amount: Int): Found @listSize(slicingArguments: [\"amount\"], sizedFields: [\"hits\"])
            dear: User @cost(weight: 50)
        }
        type UserConnection { edges: [Edge!]! nodes: [User!]! totalCount: Int }
        type Edge { node: User! cursor: String }
        type Found { hits: [User!]! others: [User!]! }
        type User { id: ID! tags: [String!]! friends(first: Int): UserConnection! report: Report }
        type Report @cost(weight: 5) { text: String }
    ";

    fn of(text: &str, variables: &serde_json::Value) -> Cost {
        cost_of(SDL, text, variables)
    }

    fn cost_of(sdl: &str, text: &str, variables: &serde_json::Value) -> Cost {
        let schema = ApiSchema::from_supergraph(sdl).unwrap();
        let document = ExecutableDocument::parse_and_validate(schema.schema(), text, "query").unwrap();
        let variables: JsonMap = serde_json::from_value(variables.clone()).unwrap();
        let limits = Limits { list_size: 10, ..crate::operation::tests::bounds() };
        cost(schema.cost_rules(), &document, document.operations.get(None).unwrap(), &variables, &limits)
    }

    #[test]
    fn lists_multiply_what_is_below_them() {
        let cases = [
            ("{ me { id tags } }", 1),
            ("{ plain { id } }", 10),
            ("{ plain { friends(first: 4) { nodes { id } } } }", 10 * (1 + 1 + 4)),
            ("{ users(first: 100) { totalCount nodes { id } } }", 1 + 100),
            ("{ users(first: 2, last: 100) { edges { cursor node { id } } } }", 1 + 100 * 2),
            ("{ users { nodes { id } } }", 1 + 10),
            ("{ users(first: 0) { nodes { id } } }", 1),
            ("{ page { id } }", 7),
            ("{ page(first: 9) { id } }", 9),
            ("{ top { id } }", 3),
            ("{ found(amount: 20) { hits { id } others { id } } }", 1 + 20 + 10),
            ("{ dear { id } }", 50),
            ("{ me { report { text } } }", 6),
            ("{ ...F ...F } fragment F on Query { me { id } }", 2),
        ];
        for (text, objects) in cases {
            assert_eq!(of(text, &serde_json::json!({})), Cost { objects, varies: false }, "{text}");
        }
    }

    #[test]
    fn the_directives_count_under_the_names_that_the_supergraph_imports_them_by() {
        let link = r#"import: [{ name: "@cost", as: "@weight" }, { name: "@listSize", as: "@sized" }]"#;
        for (arguments, weight, sized) in [
            ("", "cost", "cost__listSize"),
            (link, "weight", "sized"),
            (r#"import: ["@cost", "@listSize"]"#, "cost", "listSize"),
        ] {
            let sdl = SDL.replace("@cost", &format!("@{weight}")).replace("@listSize", &format!("@{sized}"));
            let link = format!(r#"@link(url: "https://specs.apollo.dev/cost/v0.1", {arguments})"#);
            let definitions = "directive @link(url: String, as: String, import: [link__Import]) repeatable on SCHEMA scalar link__Import";
            let sdl = format!("schema {link} {{ query: Query }} {definitions} {sdl}");
            let cost = cost_of(&sdl, "{ dear { id } top { id } }", &serde_json::json!({}));
            assert_eq!(cost.objects, 50 + 3, "{arguments}");
        }
    }

    #[test]
    fn a_variable_counts_by_its_value() {
        let text = "query($n: Int) { users(first: $n) { nodes { id } } }";
        for (variables, objects) in [
            (serde_json::json!({ "n": 100 }), 101),
            (serde_json::json!({}), 11),
            (serde_json::json!({ "n": -5 }), 11),
        ] {
            assert_eq!(of(text, &variables), Cost { objects, varies: true }, "{variables}");
        }
    }

    #[test]
    fn nested_pages_never_overflow() {
        let text = format!(
            "{{ plain {{ {} id {} }} }}",
            "friends(first: 2000000000) { nodes { ".repeat(8),
            "} } ".repeat(8)
        );
        assert_eq!(of(&text, &serde_json::json!({})).objects, u64::MAX);
    }
}
