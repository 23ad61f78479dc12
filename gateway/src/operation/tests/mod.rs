//! Operations against a schema that has one of everything.

mod cache;
mod coercion;
mod introspection;
mod limits;
mod validation;

use super::ApiSchema;
use crate::error::GraphqlError;
use crate::settings::Limits;

pub(super) const SDL: &str = r#"
directive @tagged(name: String!) repeatable on FIELD
directive @once on FIELD | QUERY

type Query {
  me: User
  node(id: ID!): Node
  search(text: String = "", filter: Filter, pick: Pick, sizes: [Int!], when: Date): [Result!]!
  pets: [Pet]
  number(int: Int, float: Float, text: String, flag: Boolean, id: ID, role: Role): String
}
type Mutation { rename(id: ID!, name: String!): User pick(by: Pick!): User }
type Subscription { renamed: User removed: User }

interface Node { id: ID! }
type User implements Node { id: ID! name: String role: Role friends(first: Int!): [User!] old: String @deprecated }
type Shop implements Node { id: ID! name: String! }
type Island { name: String }
union Result = User | Shop
interface Pet { name: String }
type Cat implements Pet { name: String meows: Boolean }
type Dog implements Pet { name: String barks: Int }
enum Role { ADMIN GUEST OLD @deprecated(reason: "gone") }
scalar Date @specifiedBy(url: "https://scalars.example/date")
input Filter { text: String! role: Role = GUEST sizes: [Int!] nested: Filter pick: Pick }
input Pick @oneOf { id: ID slug: String }
"#;

pub(super) fn schema() -> ApiSchema {
    ApiSchema::from_supergraph(SDL).unwrap()
}

pub(super) fn bounds() -> Limits {
    Limits {
        tokens: 10_000,
        depth: 20,
        fields: 5_000,
        cost: 10_000,
        list_size: 10,
        planning_timeout_ms: 2_000,
        planning_threads: 1,
    }
}

/// Each error as `line:column message`.
pub(super) fn lines(errors: &[GraphqlError]) -> String {
    let line = |error: &GraphqlError| {
        let places: Vec<String> =
            error.locations.iter().map(|location| format!("{}:{}", location.line, location.column)).collect();
        format!("{} {}", places.join(","), error.message)
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}
