//! Attribute definitions as documents: one set per company, under the company's id.

use serde_json::Value as Json;
use souk_kit::documents::{Collection, Draft, Index};
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::permission::Tenant;

use crate::domain::attribute::{Attribute, AttributeSet};

/// The attribute sets of all companies.
pub enum AttributeSets {}

impl Collection for AttributeSets {
    type State = AttributeSet;

    const NAME: &'static str = "attribute_sets";
    const SOURCE: &'static str = "/souk/catalog";
    const TOPIC: Topic = Topic::Product;
    const SCHEMA_VERSION: u32 = 2;

    fn id(set: &AttributeSet) -> String {
        set.company.to_string()
    }

    fn tenant(set: &AttributeSet) -> Tenant {
        Tenant::company(set.company)
    }

    fn index(_: &AttributeSet) -> Index {
        Index::default()
    }

    /// Since 2 each attribute counts its changes.
    fn upgrade(from: u32, mut state: Json) -> Result<Json, Fault> {
        if from != 1 {
            return Err(Fault::broken(format!("attribute sets have no schema version {from}")));
        }
        let attributes = state.get_mut("attributes").and_then(Json::as_array_mut);
        for attribute in attributes.into_iter().flatten().filter_map(Json::as_object_mut) {
            attribute.entry("version").or_insert(1.into());
        }
        Ok(state)
    }
}

/// The event that tells of an attribute: its full state.
pub fn event(kind: &'static str, attribute: &Attribute) -> Result<Draft, Fault> {
    Ok(Draft::new(kind, attribute)?.about(&attribute.id, attribute.version))
}
