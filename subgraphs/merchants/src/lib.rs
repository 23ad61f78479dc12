//! Companies and their shops.
