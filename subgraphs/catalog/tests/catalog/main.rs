//! The catalogue tested through its schema, without sockets: callers as values, real embedded stores.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "what was counted is told there")]

mod bulk;
mod categories;
mod collections;
mod gathering;
mod golden;
mod heard;
mod lists;
mod media;
mod naming;
mod nesting;
mod pages;
mod plans;
mod price_order;
mod prices;
mod products;
mod schema;
mod shop_floor;
mod side;
mod visibility;
