//! Where figures are kept: rollups by hour, the copy of others' facts, and what was told of popularity.

pub(crate) mod facts;
pub(crate) mod fold;
mod migrations;
pub(crate) mod popularity;
pub(crate) mod products;
pub(crate) mod rebuild;
pub(crate) mod replay;
pub(crate) mod reports;
pub(crate) mod retention;
mod rows;
mod tables;
mod taken;

pub(crate) use migrations::Migrator;
