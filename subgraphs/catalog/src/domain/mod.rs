//! The catalogue's rules: pure decisions over values, without I/O, clock or chance.
#![deny(clippy::wildcard_enum_match_arm, clippy::float_arithmetic)]

pub mod assortment;
pub mod attribute;
pub mod bulk;
pub mod category;
pub mod category_tree;
pub mod change;
pub mod collection;
pub mod collection_rule;
pub mod content;
pub mod finding;
pub mod html;
pub mod ids;
pub mod locale;
pub mod measures;
pub mod media;
pub mod metadata;
pub mod offer;
pub mod option;
pub mod price;
pub mod price_list;
pub mod price_resolution;
pub mod product;
pub mod product_write;
pub mod publication;
pub mod refusal;
pub mod slug;
pub mod surroundings;
pub mod text;
pub mod translation;
pub mod variant;
pub mod variant_change;
pub mod writer;
