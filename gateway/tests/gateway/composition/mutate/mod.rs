//! A seeded mutator: changes a set of subgraphs in a few places, the way people break schemas.

mod kinds;
mod links;

use apollo_compiler::ast::{
    Definition, Directive, DirectiveList, Document, FieldDefinition, InputValueDefinition, Type, Value,
};
use apollo_compiler::{Name, Node};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};

use super::Set;

/// A mutation: changes the documents, or says that it found nothing to change.
type Mutation = fn(&mut [Document], &mut StdRng) -> Option<()>;

const MUTATIONS: &[(&str, Mutation)] = &[
    ("drop a directive of a type", drop_type_directive),
    ("drop a directive of a field", drop_field_directive),
    ("drop a directive of a field", drop_field_directive),
    ("add a directive to a field", add_field_directive),
    ("add a directive to a field", add_field_directive),
    ("add a directive to a type", add_type_directive),
    ("move a directive to another field", move_field_directive),
    ("change what a directive selects", change_field_set),
    ("change the nullability of a field", change_nullability),
    ("change the type of a field", change_type),
    ("copy a field to another subgraph", copy_field),
    ("copy a field to another subgraph", copy_field),
    ("drop a field", drop_field),
    ("rename a field", rename_field),
    ("drop an argument", drop_argument),
    ("add an argument", add_argument),
    ("change the type of an argument", change_argument),
    ("change a default value", change_default),
    ("drop a value of an enum", drop_enum_value),
    ("add a value to an enum", add_enum_value),
    ("drop an input field", drop_input_field),
    ("make an input field required", require_input_field),
    ("drop a member of a union", drop_member),
    ("drop an implementation", drop_implementation),
    ("add an implementation", kinds::add_implementation),
    ("change the kind of a type", kinds::change_kind),
    ("change the version of federation", links::change_version),
    ("drop an import", links::drop_import),
    ("drop a type", drop_type),
    ("copy a type to another subgraph", copy_type),
];

/// `set` with one to three mutations that belong to `seed`.
pub(super) fn mutated(set: &Set, seed: u64) -> Set {
    let mut random = StdRng::seed_from_u64(seed);
    let mut documents: Vec<Document> = Vec::new();
    for (name, sdl) in &set.subgraphs {
        match Document::parse(sdl.clone(), format!("{name}.graphql")) {
            Ok(document) => documents.push(document),
            Err(_) => return set.clone(),
        }
    }
    let mut applied = Vec::new();
    let wanted = [1, 1, 1, 2, 3].choose(&mut random).copied().unwrap_or(1);
    for _ in 0..20 {
        if applied.len() == wanted {
            break;
        }
        if let Some((what, mutate)) = MUTATIONS.choose(&mut random)
            && mutate(&mut documents, &mut random).is_some()
        {
            applied.push(*what);
        }
    }
    let sdls = documents.iter().map(ToString::to_string);
    let subgraphs = set.subgraphs.iter().zip(sdls).map(|((name, _), sdl)| (name.clone(), sdl)).collect();
    Set { name: format!("{} mutated by {seed} ({})", set.name, applied.join(", ")), subgraphs }
}

/// The fields of a definition of a type.
fn fields(definition: &mut Definition) -> Option<&mut Vec<Node<FieldDefinition>>> {
    match definition {
        Definition::ObjectTypeDefinition(ty) => Some(&mut ty.make_mut().fields),
        Definition::ObjectTypeExtension(ty) => Some(&mut ty.make_mut().fields),
        Definition::InterfaceTypeDefinition(ty) => Some(&mut ty.make_mut().fields),
        _ => None,
    }
}

fn input_fields(definition: &mut Definition) -> Option<&mut Vec<Node<InputValueDefinition>>> {
    match definition {
        Definition::InputObjectTypeDefinition(ty) => Some(&mut ty.make_mut().fields),
        _ => None,
    }
}

fn type_directives(definition: &mut Definition) -> Option<&mut DirectiveList> {
    match definition {
        Definition::ObjectTypeDefinition(ty) => Some(&mut ty.make_mut().directives),
        Definition::ObjectTypeExtension(ty) => Some(&mut ty.make_mut().directives),
        Definition::InterfaceTypeDefinition(ty) => Some(&mut ty.make_mut().directives),
        Definition::UnionTypeDefinition(ty) => Some(&mut ty.make_mut().directives),
        Definition::EnumTypeDefinition(ty) => Some(&mut ty.make_mut().directives),
        Definition::InputObjectTypeDefinition(ty) => Some(&mut ty.make_mut().directives),
        Definition::ScalarTypeDefinition(ty) => Some(&mut ty.make_mut().directives),
        _ => None,
    }
}

fn pick<'v, T>(from: &'v mut [T], random: &mut StdRng) -> Option<&'v mut T> {
    if from.is_empty() {
        return None;
    }
    let at = random.random_range(0..from.len());
    from.get_mut(at)
}

/// A random definition for which `wanted` finds something that is not empty.
fn pick_in<'d, T>(
    documents: &'d mut [Document],
    random: &mut StdRng,
    wanted: fn(&mut Definition) -> Option<&mut Vec<T>>,
) -> Option<&'d mut Vec<T>> {
    let document = pick(documents, random)?;
    let mut found: Vec<&mut Vec<T>> =
        document.definitions.iter_mut().filter_map(wanted).filter(|list| !list.is_empty()).collect();
    found.shuffle(random);
    found.into_iter().next()
}

fn pick_field<'d>(documents: &'d mut [Document], random: &mut StdRng) -> Option<&'d mut FieldDefinition> {
    let list = pick_in(documents, random, fields)?;
    Some(pick(list, random)?.make_mut())
}

fn pick_directives<'d>(documents: &'d mut [Document], random: &mut StdRng) -> Option<&'d mut DirectiveList> {
    let document = pick(documents, random)?;
    let mut found: Vec<&mut DirectiveList> =
        document.definitions.iter_mut().filter_map(type_directives).collect();
    found.shuffle(random);
    found.into_iter().next()
}

/// A field with a directive.
fn pick_marked<'d>(documents: &'d mut [Document], random: &mut StdRng) -> Option<&'d mut FieldDefinition> {
    let document = pick(documents, random)?;
    let lists = document.definitions.iter_mut().filter_map(fields);
    let mut marked: Vec<&mut Node<FieldDefinition>> =
        lists.flatten().filter(|field| !field.directives.is_empty()).collect();
    marked.shuffle(random);
    marked.into_iter().next().map(Node::make_mut)
}

fn directive(written: &str) -> Option<Node<Directive>> {
    let document = Document::parse(format!("scalar S {written}"), "directive").ok()?;
    match document.definitions.first()? {
        Definition::ScalarTypeDefinition(scalar) => scalar.directives.first().cloned(),
        _ => None,
    }
}

fn drop_type_directive(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let directives = pick_directives(documents, random)?;
    if directives.is_empty() {
        return None;
    }
    directives.0.remove(random.random_range(0..directives.len()));
    Some(())
}

fn drop_field_directive(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let field = pick_marked(documents, random)?;
    field.directives.0.remove(random.random_range(0..field.directives.len()));
    Some(())
}

fn add_field_directive(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let at = random.random_range(0..documents.len());
    let name = ["id", "sku", "field0", "field1"].choose(random)?;
    let subgraph = ["alpha", "beta", "gamma", "nowhere", "products"].choose(random)?;
    let written = match random.random_range(0..9) {
        0 => "@external".to_owned(),
        1 | 2 => "@shareable".to_owned(),
        3 => "@inaccessible".to_owned(),
        4 => format!("@override(from: \"{subgraph}\")"),
        5 => format!("@override(from: \"{subgraph}\", label: \"percent(5)\")"),
        6 => format!("@requires(fields: \"{name}\")"),
        7 => format!("@provides(fields: \"{name}\")"),
        _ => "@tag(name: \"added\")".to_owned(),
    };
    let written = links::spoken(&mut documents[at], &written);
    let field = pick_field(&mut documents[at..=at], random)?;
    field.directives.push(directive(&written)?);
    Some(())
}

fn add_type_directive(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let at = random.random_range(0..documents.len());
    let written = [
        "@shareable",
        "@inaccessible",
        "@key(fields: \"id\")",
        "@key(fields: \"sku\")",
        "@key(fields: \"field0\")",
        "@key(fields: \"id\", resolvable: false)",
        "@interfaceObject",
        "@external",
        "@extends",
        "@tag(name: \"added\")",
    ]
    .choose(random)?;
    let written = links::spoken(&mut documents[at], written);
    let directives = pick_directives(&mut documents[at..=at], random)?;
    directives.push(directive(&written)?);
    Some(())
}

fn move_field_directive(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let from = pick_marked(documents, random)?;
    let moved = from.directives.0.remove(random.random_range(0..from.directives.len()));
    pick_field(documents, random)?.directives.push(moved);
    Some(())
}

fn change_field_set(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let set = ["id", "sku", "id sku", "nothing", "ref { id }", "ref", "field0", "field1 field2", "id {", ""]
        .choose(random)?;
    let selects = |applied: &&mut Node<Directive>| applied.specified_argument_by_name("fields").is_some();
    let changed = if random.random_bool(0.5) {
        let directives = pick_directives(documents, random)?;
        directives.0.iter_mut().find(selects)
    } else {
        let field = pick_marked(documents, random)?;
        field.directives.0.iter_mut().find(selects)
    };
    let fields = changed?.make_mut().arguments.iter_mut().find(|argument| argument.name == "fields")?;
    fields.make_mut().value = Node::new(Value::String((*set).to_owned()));
    Some(())
}

fn toggled(ty: Type) -> Type {
    if ty.is_non_null() { ty.nullable() } else { ty.non_null() }
}

fn change_nullability(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let field = pick_field(documents, random)?;
    field.ty = toggled(field.ty.clone());
    Some(())
}

/// The names of the types that the documents define.
fn defined(documents: &[Document]) -> Vec<Name> {
    documents
        .iter()
        .flat_map(|document| &document.definitions)
        .filter_map(|definition| definition.name().cloned())
        .collect()
}

fn change_type(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let mut names = defined(documents);
    names.extend(["String", "Int", "ID"].into_iter().filter_map(|name| Name::new(name).ok()));
    let name = names.choose(random)?.clone();
    let field = pick_field(documents, random)?;
    field.ty = match random.random_range(0..4) {
        0 => field.ty.clone().list(),
        1 => Type::Named(field.ty.inner_named_type().clone()),
        _ => Type::Named(name),
    };
    Some(())
}

fn copy_field(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let from = random.random_range(0..documents.len());
    let to = random.random_range(0..documents.len());
    let mut donors: Vec<(Name, Node<FieldDefinition>)> = Vec::new();
    for definition in &mut documents[from].definitions {
        let Some(name) = definition.name().cloned() else { continue };
        donors.extend(fields(definition).into_iter().flatten().map(|field| (name.clone(), field.clone())));
    }
    let (name, field) = donors.choose(random)?.clone();
    let definition =
        documents[to].definitions.iter_mut().find(|definition| definition.name() == Some(&name))?;
    let list = fields(definition)?;
    if list.iter().any(|known| known.name == field.name) {
        return None;
    }
    list.push(field);
    Some(())
}

fn drop_field(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let list = pick_in(documents, random, fields)?;
    if list.len() < 2 {
        return None;
    }
    list.remove(random.random_range(0..list.len()));
    Some(())
}

fn rename_field(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let field = pick_field(documents, random)?;
    field.name = Name::new(&format!("{}Renamed", field.name)).ok()?;
    Some(())
}

fn drop_argument(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let field = pick_field(documents, random)?;
    if field.arguments.is_empty() {
        return None;
    }
    field.arguments.remove(random.random_range(0..field.arguments.len()));
    Some(())
}

fn add_argument(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let argument =
        ["added: Int", "added: Int!", "added: Int! = 1", "limit: String", "added: [ID!]"].choose(random)?;
    let document = Document::parse(format!("type T {{ f({argument}): Int }}"), "argument").ok()?;
    let Definition::ObjectTypeDefinition(ty) = document.definitions.first()? else { return None };
    let argument = ty.fields.first()?.arguments.first()?.clone();
    let field = pick_field(documents, random)?;
    if field.arguments.iter().any(|known| known.name == argument.name) {
        return None;
    }
    field.arguments.push(argument);
    Some(())
}

fn pick_argument<'d>(
    documents: &'d mut [Document],
    random: &mut StdRng,
) -> Option<&'d mut InputValueDefinition> {
    let document = pick(documents, random)?;
    let lists = document.definitions.iter_mut().filter_map(fields);
    let mut arguments: Vec<&mut Node<InputValueDefinition>> =
        lists.flatten().flat_map(|field| &mut field.make_mut().arguments).collect();
    arguments.shuffle(random);
    arguments.into_iter().next().map(Node::make_mut)
}

fn change_argument(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let argument = pick_argument(documents, random)?;
    let ty = (*argument.ty).clone();
    let changed = match random.random_range(0..3) {
        0 => toggled(ty),
        1 => ty.list(),
        _ => Type::Named(Name::new("Int").ok()?),
    };
    argument.ty = Node::new(changed);
    Some(())
}

fn change_default(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let input = if random.random_bool(0.5) {
        let list = pick_in(documents, random, input_fields)?;
        pick(list, random)?.make_mut()
    } else {
        pick_argument(documents, random)?
    };
    input.default_value = match random.random_range(0..3) {
        0 => None,
        1 => Some(Node::new(Value::Int(7.into()))),
        _ => Some(Node::new(Value::String("other".to_owned()))),
    };
    Some(())
}

fn drop_enum_value(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let document = pick(documents, random)?;
    let mut enums = document.definitions.iter_mut().filter_map(|definition| match definition {
        Definition::EnumTypeDefinition(ty) => Some(&mut ty.make_mut().values),
        _ => None,
    });
    let values = enums.next()?;
    values.remove(random.random_range(0..values.len()));
    Some(())
}

fn add_enum_value(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let document = pick(documents, random)?;
    let values = document.definitions.iter_mut().find_map(|definition| match definition {
        Definition::EnumTypeDefinition(ty) => Some(&mut ty.make_mut().values),
        _ => None,
    })?;
    let mut added = values.first()?.clone();
    added.make_mut().value = Name::new("ADDED").ok()?;
    values.push(added);
    Some(())
}

fn drop_input_field(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let list = pick_in(documents, random, input_fields)?;
    list.remove(random.random_range(0..list.len()));
    Some(())
}

fn require_input_field(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let list = pick_in(documents, random, input_fields)?;
    let field = pick(list, random)?.make_mut();
    field.ty = Node::new(toggled((*field.ty).clone()));
    Some(())
}

fn drop_member(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let document = pick(documents, random)?;
    let members = document.definitions.iter_mut().find_map(|definition| match definition {
        Definition::UnionTypeDefinition(ty) => Some(&mut ty.make_mut().members),
        _ => None,
    })?;
    if members.len() < 2 {
        return None;
    }
    members.remove(random.random_range(0..members.len()));
    Some(())
}

fn drop_implementation(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let list = pick_in(documents, random, |definition| match definition {
        Definition::ObjectTypeDefinition(ty) => Some(&mut ty.make_mut().implements_interfaces),
        _ => None,
    })?;
    list.remove(random.random_range(0..list.len()));
    Some(())
}

fn drop_type(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let document = pick(documents, random).filter(|document| !document.definitions.is_empty())?;
    let at = random.random_range(0..document.definitions.len());
    document.definitions.get(at)?.name()?;
    document.definitions.remove(at);
    Some(())
}

fn copy_type(documents: &mut [Document], random: &mut StdRng) -> Option<()> {
    let from = random.random_range(0..documents.len());
    let to = random.random_range(0..documents.len());
    let copied = documents[from].definitions.choose(random)?.clone();
    let name = copied.name()?;
    if documents[to].definitions.iter().any(|known| known.name() == Some(name)) {
        return None;
    }
    documents[to].definitions.push(copied);
    Some(())
}
