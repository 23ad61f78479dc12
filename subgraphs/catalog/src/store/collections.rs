//! Collections of products as documents.

use souk_kit::documents::{Collection as Documents, Draft, Index};
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::permission::Tenant;

use crate::domain::collection::{Collection, Gathering};
use crate::domain::collection_rule::Rule;

/// The collections of all companies.
pub enum Collections {}

/// The name in lower case.
pub const NAME: &str = "name";
/// When it last changed.
pub const UPDATED: &str = "updated";
/// How products are gathered: `manual` or `rules`.
pub const GATHERING: &str = "gathering";
/// The value of [`GATHERING`] of collections by rule.
pub const BY_RULES: &str = "rules";
/// Each category that a rule names.
pub const RULE_CATEGORY: &str = "rule.category";
/// Each product that was put in by hand.
pub const PRODUCT: &str = "product";

impl Documents for Collections {
    type State = Collection;

    const NAME: &'static str = "collections";
    const SOURCE: &'static str = "/souk/catalog";
    const TOPIC: Topic = Topic::Product;
    const SCHEMA_VERSION: u32 = 1;

    fn id(collection: &Collection) -> String {
        collection.id.to_string()
    }

    fn tenant(collection: &Collection) -> Tenant {
        Tenant::company(collection.company)
    }

    fn index(collection: &Collection) -> Index {
        let (company, content) = (collection.company, &collection.content);
        let slugs = content.former_slugs.iter().chain([&content.slug]);
        let index =
            slugs.fold(Index::default(), |index, slug| index.unique(format!("slug:{company}:{slug}")));
        let index = match &content.external_reference {
            Some(reference) => index.unique(format!("ref:{company}:{reference}")),
            None => index,
        };
        let index = index.field(NAME, content.name.to_lowercase()).field(UPDATED, collection.updated_at);
        match &collection.gathering {
            Gathering::Manual(products) => {
                index.field(GATHERING, "manual").fields(PRODUCT, products.iter().copied())
            }
            Gathering::Rules(set) => {
                let categories = set.rules.iter().filter_map(|rule| match rule {
                    Rule::Category(category) => Some(*category),
                    _ => None,
                });
                index.field(GATHERING, BY_RULES).fields(RULE_CATEGORY, categories)
            }
        }
    }
}

/// The event that tells of a collection: its full state less private metadata.
pub fn event(kind: &'static str, collection: &Collection) -> Result<Draft, Fault> {
    let mut told = collection.clone();
    told.content.metadata.private.clear();
    Draft::new(kind, &told)
}
