//! The indexes of a collection.

use ::mongodb::bson::{Document, doc};
use ::mongodb::options::IndexOptions;
use ::mongodb::{Collection, IndexModel};
use souk_kit::fault::Fault;

use super::fault;
use super::layout::{COMPANY, ID, KEYS, ORDER, OUTCOMES_SINCE, PENDING_SINCE, VALUES};

/// Their names and keys. The order's is a wildcard index: each field below `order` is one order, and a list walks
/// along it from a place on.
pub(super) fn all() -> Vec<IndexModel> {
    let plain = |name: &str, keys: Document| {
        IndexModel::builder()
            .keys(keys)
            .options(IndexOptions::builder().name(name.to_owned()).build())
            .build()
    };
    let sparse = |name: &str, keys: Document, unique: Option<bool>| {
        let options = IndexOptions::builder().name(name.to_owned()).sparse(true).unique(unique).build();
        IndexModel::builder().keys(keys).options(options).build()
    };
    vec![
        sparse("keys", doc! { KEYS: 1 }, Some(true)),
        plain("values", doc! { VALUES: 1, ID: 1 }),
        plain("company_values", doc! { COMPANY: 1, VALUES: 1, ID: 1 }),
        plain("order", doc! { format!("{ORDER}.$**"): 1 }),
        sparse("pending", doc! { PENDING_SINCE: 1 }, None),
        sparse("outcomes", doc! { OUTCOMES_SINCE: 1 }, None),
    ]
}

/// Makes those that are not there. Replicas may do so at once: to the server, an index that is there or being built
/// is no other one, and whoever is broken off by another one tries again.
pub(super) async fn create(collection: &Collection<Document>) -> Result<(), Fault> {
    collection.create_indexes(all()).await.map_err(fault::of).map(|_| ())
}
