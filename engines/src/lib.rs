//! The real engines behind the ports of the kit: one module each.

pub mod kafka;
pub mod mongodb;
pub mod redis;
pub mod s3;
pub mod wait;
