//! Servers over a world: the whole schema as one, or one subgraph, which sees of an entity only what it owns and what it is sent.
use std::collections::BTreeSet;

use apollo_compiler::{
    ExecutableDocument, Schema,
    executable::{Selection, SelectionSet},
    resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue},
    response::{JsonMap, JsonValue},
    schema::FieldDefinition,
    validation::Valid,
};
use serde_json::{Map, Value as Json, json};

use super::world::{ObjectId, Val, World, computed, field_set};

/// A server: a schema and what it answers from.
pub(crate) struct Server<'w> {
    pub(crate) schema: &'w Valid<Schema>,
    pub(crate) world: &'w World,
    /// Fields that another subgraph took over from this one, by type and field.
    pub(crate) taken_over: Vec<(String, String)>,
    pub(crate) is_subgraph: bool,
    /// Names of fields that fail.
    pub(crate) refused: BTreeSet<String>,
}

impl Server<'_> {
    /// The GraphQL response to a request.
    pub(crate) fn answer(&self, query: &str, variables: &Json) -> Json {
        let document = match ExecutableDocument::parse_and_validate(self.schema, query, "query.graphql") {
            Ok(document) => document,
            Err(with) => {
                return json!({ "errors": [{ "message": format!("invalid: {}\n{query}", with.errors) }] });
            }
        };
        let variables: JsonMap = serde_json::from_value(variables.clone()).unwrap();
        self.execute(&document, &variables)
    }

    pub(crate) fn execute(&self, document: &Valid<ExecutableDocument>, variables: &JsonMap) -> Json {
        let operation = document.operations.iter().next().unwrap();
        let root = Node::root(self, operation.object_type());
        let execution =
            Execution::new(self.schema, document).operation(operation).raw_variable_values(variables);
        match execution.execute_sync(&root) {
            Ok(response) => serde_json::to_value(response).unwrap(),
            Err(error) => json!({ "errors": [{ "message": error.message().to_string() }] }),
        }
    }
}

/// An object as a server sees it.
struct Node<'w> {
    server: &'w Server<'w>,
    id: ObjectId,
    ty: String,
    /// The representation that it was found by.
    sent: Option<Json>,
    /// What the field that led here provides.
    provided: Option<SelectionSet>,
}

impl<'w> Node<'w> {
    fn root(server: &'w Server<'w>, ty: &str) -> Self {
        Self { server, id: server.world.root(ty), ty: ty.to_owned(), sent: None, provided: None }
    }

    fn new(server: &'w Server<'w>, id: ObjectId, provided: Option<SelectionSet>) -> Option<Self> {
        let own = &server.world.object(id).ty;
        let ty = if server.schema.get_object(own).is_some() {
            own.clone()
        } else {
            // Here the interface is an object.
            let stands_for =
                |(name, ty): (&apollo_compiler::Name, &apollo_compiler::schema::ExtendedType)| {
                    (ty.directives().has("interfaceObject") && server.world.is_a(own, name))
                        .then(|| name.to_string())
                };
            server.schema.types.iter().find_map(stands_for)?
        };
        Some(Self { server, id, ty, sent: None, provided })
    }

    fn definition(&self, name: &str) -> &'w FieldDefinition {
        self.server.schema.type_field(&self.ty, name).unwrap()
    }

    fn fields_of(&self, directive: &str, field: &FieldDefinition) -> Option<SelectionSet> {
        let directive = field.directives.get(directive)?;
        let text = directive.specified_argument_by_name("fields")?.as_str()?.to_owned();
        let ty = if directive.name == "provides" { field.ty.inner_named_type().as_str() } else { &self.ty };
        Some(field_set(self.server.schema, ty, &text))
    }

    fn is_provided(&self, name: &str) -> Option<&SelectionSet> {
        find(self.provided.as_ref()?, name)
    }

    fn in_key(&self, name: &str) -> bool {
        self.keys().iter().any(|key| find(key, name).is_some())
    }

    fn keys(&self) -> Vec<SelectionSet> {
        let ty = &self.server.schema.types[self.ty.as_str()];
        let keys = ty.directives().get_all("key").filter_map(|key| key.specified_argument_by_name("fields"));
        keys.map(|fields| field_set(self.server.schema, &self.ty, fields.as_str().unwrap())).collect()
    }

    fn resolve(&self, info: &ResolveInfo<'_>) -> Result<ResolvedValue<'w>, FieldError> {
        let name = info.field_name();
        let fail = |message: String| Err(FieldError { message });
        if self.server.refused.contains(name) {
            return fail(format!("`{name}` is refused"));
        }
        if self.server.is_subgraph {
            if name == "_entities" {
                return Ok(self.entities(info));
            }
            if self.server.taken_over.contains(&(self.ty.clone(), name.to_owned())) {
                return fail(format!("`{name}` was taken over by another subgraph"));
            }
            let field = self.definition(name);
            let is_external = field.directives.has("external")
                || self.server.schema.types[self.ty.as_str()].directives().has("external");
            if is_external && !self.in_key(name) && self.is_provided(name).is_none() {
                return fail(format!("`{}.{name}` is external here", self.ty));
            }
            if let Some(required) = self.fields_of("requires", field) {
                let kind = if field.ty.inner_named_type() == "Int" {
                    super::world::Kind::Number
                } else {
                    super::world::Kind::Text
                };
                let Some(sent) = &self.sent else { return fail(format!("`{name}` needs a representation")) };
                let mut out = Map::new();
                return match pick(self.server.world, self.id, sent, &required, &mut out) {
                    Ok(()) => Ok(leaf(&computed(&Json::Object(out), kind))),
                    Err(missing) => fail(format!("`{name}` requires `{missing}`, which was not sent")),
                };
            }
        }
        let Some(value) = self.server.world.field(self.id, name) else {
            return fail(format!("no data for `{name}`"));
        };
        let arguments = serde_json::to_value(info.arguments()).unwrap();
        let value = self.server.world.with_arguments(value, arguments.as_object().unwrap());
        let provided = if self.server.is_subgraph {
            self.is_provided(name).cloned().or_else(|| self.fields_of("provides", self.definition(name)))
        } else {
            None
        };
        self.value(&value, provided.as_ref())
    }

    fn value(&self, value: &Val, provided: Option<&SelectionSet>) -> Result<ResolvedValue<'w>, FieldError> {
        match value {
            Val::Leaf(json) => Ok(leaf(json)),
            Val::Fault(message) => Err(FieldError { message: message.clone() }),
            Val::Computed(selection, kind) => {
                Ok(leaf(&computed(&self.server.world.project(self.id, selection), *kind)))
            }
            Val::Object(id) => Ok(match Node::new(self.server, *id, provided.cloned()) {
                Some(node) => ResolvedValue::object(node),
                None => {
                    return Err(FieldError {
                        message: format!("`{}` is unknown here", self.server.world.object(*id).ty),
                    });
                }
            }),
            Val::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.value(item, provided)).collect();
                Ok(ResolvedValue::List(Box::new(items.into_iter())))
            }
        }
    }

    fn entities(&self, info: &ResolveInfo<'_>) -> ResolvedValue<'w> {
        let arguments = serde_json::to_value(info.arguments()).unwrap();
        let found: Vec<_> =
            arguments["representations"].as_array().unwrap().iter().map(|it| Ok(self.entity(it))).collect();
        ResolvedValue::List(Box::new(found.into_iter()))
    }

    /// The entity that a representation stands for: the one object that one of the keys finds.
    fn entity(&self, sent: &Json) -> ResolvedValue<'w> {
        let world = self.server.world;
        let ty = sent["__typename"].as_str().unwrap();
        let keys = self.server.schema.types[ty].directives().get_all("key");
        let keys: Vec<_> =
            keys.map(|key| key.specified_argument_by_name("fields").unwrap().as_str().unwrap()).collect();
        for key in keys {
            let key = field_set(self.server.schema, ty, key);
            let found = (0..world.objects.len()).map(ObjectId).find(|id| {
                let mut wanted = Map::new();
                world.is_a(&world.object(*id).ty, ty)
                    && pick(world, *id, sent, &key, &mut wanted).is_ok()
                    && world.project(*id, &key) == Json::Object(wanted)
            });
            if let Some(id) = found {
                let Some(mut node) = Node::new(self.server, id, None) else { return ResolvedValue::null() };
                node.sent = Some(sent.clone());
                return ResolvedValue::object(node);
            }
        }
        ResolvedValue::null()
    }
}

/// What `selection` has of `sent`; the name of what is missing.
fn pick(
    world: &World,
    id: ObjectId,
    sent: &Json,
    selection: &SelectionSet,
    out: &mut Map<String, Json>,
) -> Result<(), String> {
    for item in &selection.selections {
        match item {
            Selection::Field(field) => {
                let value = sent.get(field.name.as_str()).ok_or_else(|| field.name.to_string())?;
                let inside = world.field(id, &field.name);
                out.insert(field.name.to_string(), pick_value(world, inside, value, &field.selection_set)?);
            }
            Selection::InlineFragment(it) => {
                if world.is_a(&world.object(id).ty, it.type_condition.as_ref().unwrap()) {
                    pick(world, id, sent, &it.selection_set, out)?;
                }
            }
            Selection::FragmentSpread(_) => unreachable!("field sets have no fragments"),
        }
    }
    Ok(())
}

fn pick_value(
    world: &World,
    known: Option<&Val>,
    sent: &Json,
    selection: &SelectionSet,
) -> Result<Json, String> {
    match (known, sent) {
        (Some(Val::Object(id)), Json::Object(_)) => {
            let mut out = Map::new();
            pick(world, *id, sent, selection, &mut out)?;
            Ok(Json::Object(out))
        }
        (Some(Val::List(known)), Json::Array(sent)) if known.len() == sent.len() => known
            .iter()
            .zip(sent)
            .map(|(known, sent)| pick_value(world, Some(known), sent, selection))
            .collect(),
        _ => Ok(sent.clone()),
    }
}

/// What a field set selects of the field `name`.
fn find<'s>(set: &'s SelectionSet, name: &str) -> Option<&'s SelectionSet> {
    set.selections.iter().find_map(|item| match item {
        Selection::Field(field) => (field.name == name).then_some(&field.selection_set),
        Selection::InlineFragment(it) => find(&it.selection_set, name),
        Selection::FragmentSpread(_) => None,
    })
}

fn leaf<'a>(json: &Json) -> ResolvedValue<'a> {
    ResolvedValue::leaf(serde_json::from_value::<JsonValue>(json.clone()).unwrap())
}

impl ObjectValue for Node<'_> {
    fn type_name(&self) -> &str {
        &self.ty
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        self.resolve(info)
    }
}
