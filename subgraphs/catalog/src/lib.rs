//! Products, variants, categories, collections, prices and media.

pub mod domain;
mod media;
pub mod error;
pub mod facts;
pub mod store;
