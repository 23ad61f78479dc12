//! The adapters against engines that run: those whose addresses the environment names.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod kafka;
mod kafka_guarded;
mod mongodb;
mod redis;
mod s3;
