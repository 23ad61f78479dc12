//! Companies and their shops.

#[expect(dead_code, reason = "the schema that uses it comes next")]
mod domain;
