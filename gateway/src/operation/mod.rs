//! From a request's text to something that can be run: parsed, validated against the API schema, bounded,
//! planned once and kept; and the part of an operation that the gateway answers itself.

mod api_schema;
mod cache;
mod coerce;
mod cost;
mod document;
mod introspection;
mod limits;
mod location;
mod prepare;
mod rollout;
mod roots;
mod rules;

pub(crate) use api_schema::ApiSchema;
pub use api_schema::SchemaFault;
pub(crate) use cache::{Operations, Refusal};
pub(crate) use coerce::coerce_variables;
pub(crate) use prepare::{Prepared, Variant};

#[cfg(test)]
mod tests;
