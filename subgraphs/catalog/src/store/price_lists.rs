//! Price lists as documents.

use souk_kit::documents::{Collection, Index};
use souk_kit::event::Topic;
use souk_kit::permission::Tenant;

use crate::domain::price_list::PriceList;

/// The price lists of all companies.
pub enum PriceLists {}

/// The name in lower case.
pub const NAME: &str = "name";

impl Collection for PriceLists {
    type State = PriceList;

    const NAME: &'static str = "price_lists";
    const SOURCE: &'static str = "/souk/catalog";
    const TOPIC: Topic = Topic::Product;
    const SCHEMA_VERSION: u32 = 1;

    fn id(list: &PriceList) -> String {
        list.id.to_string()
    }

    fn tenant(list: &PriceList) -> Tenant {
        Tenant::company(list.company)
    }

    fn index(list: &PriceList) -> Index {
        let index = Index::default().field(NAME, list.name.to_lowercase());
        match &list.external_reference {
            Some(reference) => index.unique(format!("ref:{}:{reference}", list.company)),
            None => index,
        }
    }
}
