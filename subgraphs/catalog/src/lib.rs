//! Products, variants, categories, collections, prices and media.

pub mod domain;
mod media;
