//! Wires the parts into roles: which subgraphs run here, what they stand on, and how they reach each other.

mod bearers;
pub(crate) mod client;
pub(crate) mod consumers;
pub(crate) mod directory;
pub(crate) mod first_start;
mod forward;
mod identity;
mod in_process;
mod internal;
pub(crate) mod local;
pub(crate) mod ports;
pub(crate) mod readiness;
pub(crate) mod running;
pub(crate) mod schema;
pub(crate) mod sdl;
mod search;
pub(crate) mod serving;
pub(crate) mod subgraphs;
pub(crate) mod supergraph;
pub(crate) mod waiting;
pub(crate) mod workers;

pub(crate) use bearers::Bearers;
pub(crate) use client::Client;
pub(crate) use directory::Directory;
pub(crate) use identity::Identity;
pub(crate) use local::Local;
