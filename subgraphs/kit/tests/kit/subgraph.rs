//! A subgraph in-process: answers, codes, batching, containment, events.

use std::collections::HashMap;
use std::io::Read;

use async_graphql::{Context, Object, Schema, SimpleObject, Subscription, Upload as UploadArg};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use souk_kit::aggregate::Outcome;
use souk_kit::context::ContextExt;
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId, SoughtId};
use souk_kit::loader::BatchLoad;
use souk_kit::page::{Connection, Cursor, PageArgs};
use souk_kit::permission::{Action, Resource, Tenant};
use souk_kit::sql::{Keyset, Repository, SortKey, SqlOutbox, Tenanted};
use souk_kit::subgraph::{Subgraph, UploadReader};
use souk_kit::testing::{Stage, TestSubgraph, principals, upload};
use souk_kit::user_error::UserError;

use crate::lamps::{Lamp, LampErrorCode, LampId, LampKind, Lamps, Migrator, lamp};

struct Query;
struct Mutation;

struct LampById(Lamps, souk_kit::permission::Visibility);

#[async_trait::async_trait]
impl BatchLoad for LampById {
    type Key = LampId;
    type Value = Lamp;

    async fn load(&self, ids: &[LampId]) -> Result<HashMap<LampId, Lamp>, Fault> {
        let query = lamp::Entity::visible_to(&self.1).filter(lamp::Column::Id.is_in(ids.iter().copied()));
        let rows = query.all(self.0.0.reader()).await?;
        Ok(rows.into_iter().map(|row| (row.id, row.into())).collect())
    }
}

/// A lamp.
#[Object(name = "Lamp")]
impl Lamp {
    async fn id(&self) -> LampId {
        self.id
    }
    async fn name(&self) -> &str {
        &self.name
    }
    async fn version(&self) -> i64 {
        self.version
    }
    /// For staff only.
    async fn shop(&self, ctx: &Context<'_>) -> Result<Option<ShopId>, Fault> {
        ctx.may_see(Resource::Shop, &Tenant::shop(self.company, self.shop))?;
        Ok(Some(self.shop))
    }
    async fn broken(&self) -> Option<bool> {
        assert!(self.lit, "the filament of {} is gone", self.name);
        None
    }
}

#[derive(SimpleObject)]
struct LampPayload {
    lamp: Option<Lamp>,
    user_errors: Vec<UserError<LampErrorCode>>,
}

impl From<Outcome<Lamp>> for LampPayload {
    fn from(outcome: Outcome<Lamp>) -> Self {
        Self { lamp: outcome.aggregate, user_errors: outcome.user_errors }
    }
}

#[Object]
impl Query {
    async fn lamp(&self, ctx: &Context<'_>, id: SoughtId<LampKind>) -> Result<Option<Lamp>, Fault> {
        let Some(id) = id.get() else { return Ok(None) };
        let scope = ctx.may(Action::Read, Resource::Shop)?;
        let lamps = ctx.store::<Lamps>()?.clone();
        ctx.loader(&scope, || LampById(lamps, scope.clone())).one(id).await
    }

    #[graphql(entity)]
    async fn find_lamp(
        &self,
        ctx: &Context<'_>,
        #[graphql(key)] id: SoughtId<LampKind>,
    ) -> Result<Option<Lamp>, Fault> {
        self.lamp(ctx, id).await
    }

    async fn lamps(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Connection<Lamp>, Fault> {
        let scope = ctx.may(Action::Read, Resource::Shop)?;
        let page = PageArgs { first, after, last, before }.page("name:asc")?;
        let sql = ctx.store::<Lamps>()?.0.clone();
        let select = lamp::Entity::visible_to(&scope);
        let keys = [SortKey::asc(lamp::Column::Name), SortKey::asc(lamp::Column::Id)];
        let rows = select.clone().page(&page, &keys)?.all(sql.reader()).await?;
        Ok(page.slice(rows).connection(
            |row| Cursor(vec![row.name.as_str().into(), row.id.to_string().into()]),
            Lamp::from,
            move || {
                let (select, sql) = (select.clone(), sql.clone());
                Box::pin(async move { Ok(select.count(sql.reader()).await?) })
            },
        ))
    }
}

#[Object]
impl Mutation {
    async fn lamp_light(&self, ctx: &Context<'_>, input: LampLightInput) -> Result<LampPayload, Fault> {
        let scope = ctx.may(Action::Update, Resource::Shop)?;
        let outcome = ctx.store::<Lamps>()?.change(&scope, &ctx.call()?, input.id, Lamp::light).await?;
        Ok(outcome.into())
    }

    async fn measure(&self, ctx: &Context<'_>, file: UploadArg) -> usize {
        let reader = UploadReader::open(ctx, &file).unwrap();
        std::io::BufReader::new(reader).bytes().count()
    }
}

struct Blinks;

#[Subscription]
impl Blinks {
    /// Blinks; every third time fails.
    async fn blinks(&self) -> impl futures::Stream<Item = Blink> {
        futures::stream::iter((1..).map(Blink))
    }
}

struct Blink(i32);

#[Object]
impl Blink {
    async fn number(&self) -> i32 {
        self.0
    }
    async fn light(&self) -> Result<Option<bool>, Fault> {
        if self.0 % 3 == 0 { Err(Fault::broken("no power")) } else { Ok(Some(true)) }
    }
}

#[derive(async_graphql::InputObject)]
struct LampLightInput {
    id: LampId,
    expected_version: Option<i64>,
    idempotency_key: Option<String>,
}

pub(crate) struct House {
    pub(crate) lamps: TestSubgraph,
    pub(crate) company: CompanyId,
    pub(crate) shop: ShopId,
    pub(crate) ids: Vec<LampId>,
}

/// A company with one shop and as many lamps as wanted, none of them lit.
pub(crate) async fn house(count: usize) -> House {
    let stage = Stage::new().await.unwrap();
    let now = stage.clock().now();
    let sql = stage.ports.sql("lamps").await.unwrap();
    sql.migrate::<Migrator>().await.unwrap();
    let lamps = Lamps(sql.clone());
    let (company, shop) = (CompanyId::new(now), ShopId::new(now));
    let scope = souk_kit::permission::Visibility::everything_for("test");
    let mut ids = Vec::new();
    for n in 0..count {
        let name = format!("lamp {n:03}");
        let new = Lamp { id: LampId::new(now), version: 0, company, shop, name, lit: false };
        ids.push(new.id);
        let call = souk_kit::call::Call::new(&principals::service(), "seed", now);
        lamps.create(&scope, &call, || Ok::<_, UserError<LampErrorCode>>((new, "lamp.made"))).await.unwrap();
    }
    let schema = Schema::build(Query, Mutation, Blinks).enable_federation().data(lamps).finish();
    let subgraph = Subgraph::new("lamps", schema, &stage.ports).outbox(SqlOutbox::new(&sql));
    let lamps = stage.put_on(subgraph).await.unwrap();
    drop(lamps.statements());
    House { lamps, company, shop, ids }
}

#[tokio::test]
async fn a_hundred_look_ups_are_one_query() {
    let house = house(100).await;
    let representations: Vec<_> =
        house.ids.iter().map(|id| json!({ "__typename": "Lamp", "id": id })).collect();
    let admin = house.lamps.caller(principals::company_admin(house.company));
    let query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Lamp { name } } }";
    let reply = admin.send(query, json!({ "r": representations })).await;
    assert_eq!(reply["data"]["_entities"][99]["name"], "lamp 099", "{reply}");
    assert_eq!(house.lamps.statements().len(), 1);
}

#[tokio::test]
async fn a_strangers_id_answers_like_one_that_does_not_exist() {
    let house = house(1).await;
    let rival =
        house.lamps.caller(principals::company_admin(CompanyId::new(house.lamps.stage.clock().now())));
    let unknown = LampId::new(house.lamps.stage.clock().now());
    for id in [house.ids[0].to_string(), unknown.to_string(), "no id at all".to_owned()] {
        let reply = rival.send("query($id: ID!) { lamp(id: $id) { name } }", json!({ "id": id })).await;
        assert_eq!(reply, json!({ "data": { "lamp": null } }));
        let light =
            "mutation($i: LampLightInput!) { lampLight(input: $i) { lamp { id } userErrors { code } } }";
        let reply = rival.send(light, json!({ "i": { "id": unknown } })).await;
        let refused =
            json!({ "data": { "lampLight": { "lamp": null, "userErrors": [{ "code": "NOT_FOUND" }] } } });
        assert_eq!(reply, refused);
    }
}

#[tokio::test]
async fn a_staff_field_is_null_for_others_and_nothing_else_is() {
    let house = house(1).await;
    let admin = house.lamps.caller(principals::company_admin(house.company));
    let light = "mutation($i: LampLightInput!) { lampLight(input: $i) { lamp { version } userErrors { code currentVersion path } } }";
    let reply = admin.send(light, json!({ "i": { "id": house.ids[0] } })).await;
    insta::assert_snapshot!(reply, @r#"{"data":{"lampLight":{"lamp":{"version":2},"userErrors":[]}}}"#);
    let query = "query($id: ID!) { lamp(id: $id) { name shop } }";
    let id = json!({ "id": house.ids[0] });
    let reply = house.lamps.caller(principals::nobody()).send(query, id.clone()).await;
    insta::assert_snapshot!(reply, @r#"{"data":{"lamp":{"name":"lamp 000","shop":null}},"errors":[{"message":"sign in to see this","locations":[{"line":1,"column":40}],"path":["lamp","shop"],"extensions":{"code":"UNAUTHENTICATED"}}]}"#);
    let reply = house.lamps.caller(principals::customer()).send(query, id.clone()).await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let staff = house.lamps.caller(principals::shop_staff(house.company, &[house.shop]));
    assert_eq!(staff.send(query, id).await["data"]["lamp"]["shop"], house.shop.to_string());
    let conflict = admin.send(light, json!({ "i": { "id": house.ids[0], "expectedVersion": 1 } })).await;
    insta::assert_snapshot!(conflict, @r#"{"data":{"lampLight":{"lamp":null,"userErrors":[{"code":"VERSION_CONFLICT","currentVersion":2,"path":["input","expectedVersion"]}]}}}"#);
    let events = house.lamps.events(Topic::Shop).await.unwrap();
    assert_eq!(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["lamp.made", "lamp.lit"]);
}

#[tokio::test]
async fn pages_walk_the_whole_list_both_ways() {
    let house = house(25).await;
    let admin = house.lamps.caller(principals::company_admin(house.company));
    let query = "query($f: Int, $a: String, $l: Int, $b: String) {
        lamps(first: $f, after: $a, last: $l, before: $b) {
            totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let mut seen = Vec::new();
    let mut after = json!(null);
    loop {
        let page = admin.send(query, json!({ "f": 10, "a": after })).await["data"]["lamps"].clone();
        assert_eq!(page["totalCount"], 25);
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["name"].clone()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted_by_key(|name| name.as_str().unwrap().to_owned()));
    let back = admin.send(query, json!({ "l": 3, "b": after })).await["data"]["lamps"].clone();
    let names: Vec<_> =
        back["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["lamp 021", "lamp 022", "lamp 023"]);
    assert_eq!(back["pageInfo"]["hasNextPage"], true);
    drop(house.lamps.statements());
    admin.send("{ lamps { nodes { name } } }", json!({})).await;
    let statements = house.lamps.statements();
    assert_eq!(statements.len(), 1, "totalCount is counted only when asked for: {statements:?}");
}

#[tokio::test]
async fn a_panic_in_a_resolver_is_an_internal_error_of_that_response() {
    let house = house(1).await;
    let admin = house.lamps.caller(principals::company_admin(house.company));
    let reply = admin.send("{ lamps { nodes { broken } } }", json!({})).await;
    insta::assert_snapshot!(reply, @r#"{"data":null,"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}"#);
    assert_eq!(admin.send("{ lamps { totalCount } }", json!({})).await["data"]["lamps"]["totalCount"], 1);
}

#[tokio::test]
async fn every_error_has_a_code() {
    let house = house(1).await;
    let admin = house.lamps.caller(principals::company_admin(house.company));
    let light = "mutation { lampLight(input: { id: \"oops\" }) { lamp { id } } }";
    let cases = [
        ("{", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ lamps(first: 101) { totalCount } }", "BAD_USER_INPUT"),
        ("{ lamps(after: \"x\") { totalCount } }", "BAD_USER_INPUT"),
        (light, "BAD_USER_INPUT"),
    ];
    for (query, code) in cases {
        let reply = admin.send(query, json!({})).await;
        assert_eq!(reply["errors"][0]["extensions"]["code"], code, "{query}: {reply}");
    }
    let nobody = house.lamps.caller(principals::nobody());
    let id = house.ids[0];
    let light = format!("mutation {{ lampLight(input: {{ id: \"{id}\" }}) {{ lamp {{ id }} }} }}");
    assert_eq!(nobody.send(&light, json!({})).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_file_reaches_its_variable() {
    let house = house(0).await;
    let upload = upload("variables.file", "lamp.png", &[0; 1234]).unwrap();
    let query = "mutation($file: Upload!) { measure(file: $file) again: measure(file: $file) }";
    let reply = house
        .lamps
        .caller(principals::nobody())
        .send_files(query, json!({ "file": null }), vec![upload])
        .await;
    assert_eq!(reply, json!({ "data": { "measure": 1234, "again": 1234 } }));
}

#[tokio::test]
async fn a_subscription_is_a_stream_of_responses() {
    let house = house(0).await;
    let nobody = house.lamps.caller(principals::nobody());
    let blinks = nobody.listen("subscription { blinks { number light } }", json!({}), 3).await;
    assert_eq!(blinks[1], json!({ "data": { "blinks": { "number": 2, "light": true } } }));
    assert_eq!(blinks[2]["data"], json!({ "blinks": { "number": 3, "light": null } }));
    assert_eq!(blinks[2]["errors"][0]["extensions"]["code"], "INTERNAL");
    let refused = nobody.listen("subscription { nothing }", json!({}), 2).await;
    assert_eq!(refused.len(), 1, "a refused subscription answers once and ends: {refused:?}");
}
