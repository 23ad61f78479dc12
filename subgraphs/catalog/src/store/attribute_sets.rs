//! Attribute definitions as documents: one set per company, under the company's id. They publish no events.

use souk_kit::documents::{Collection, Index};
use souk_kit::event::Topic;
use souk_kit::permission::Tenant;

use crate::domain::attribute::AttributeSet;

/// The attribute sets of all companies.
pub enum AttributeSets {}

impl Collection for AttributeSets {
    type State = AttributeSet;

    const NAME: &'static str = "attribute_sets";
    const SOURCE: &'static str = "/souk/catalog";
    const TOPIC: Topic = Topic::Product;
    const SCHEMA_VERSION: u32 = 1;

    fn id(set: &AttributeSet) -> String {
        set.company.to_string()
    }

    fn tenant(set: &AttributeSet) -> Tenant {
        Tenant::company(set.company)
    }

    fn index(_: &AttributeSet) -> Index {
        Index::default()
    }
}
