//! Products, variants, categories, collections, prices and media.
