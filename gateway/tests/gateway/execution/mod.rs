//! Planning and executing: answers through subgraphs must equal the answers of one schema over the same data.
mod differential;
mod gateway;
mod operations;
mod resolve;
mod suite;
mod world;
