//! What an engine must do for the port: evaluate plans, and keep generations of products.

use std::fmt;

use async_trait::async_trait;
use souk_kit::fault::Fault;

use super::answer::Written;
use super::document::Change;
use super::plan::{Found, Plan};
use super::{Build, Live};

/// A store of terms that evaluates conditions. See [`SearchIndex`](super::SearchIndex) for what writing promises.
#[async_trait]
pub(crate) trait Engine: fmt::Debug + Send + Sync + 'static {
    async fn find(&self, plan: &Plan) -> Result<Found, Fault>;
    async fn write(&self, changes: &[Change]) -> Result<Written, Fault>;
    async fn refresh(&self) -> Result<(), Fault>;
    async fn needs_build(&self) -> Result<bool, Fault>;
    async fn begin_build(&self) -> Result<Build, Fault>;
    async fn write_build(&self, build: &Build, changes: &[Change]) -> Result<(), Fault>;
    async fn publish(&self, build: Build) -> Result<(), Fault>;
    async fn abandon(&self, build: Build) -> Result<(), Fault>;
    async fn live(&self) -> Result<Option<Live>, Fault>;
    async fn count(&self) -> Result<u64, Fault>;
    async fn check(&self) -> Result<(), Fault>;
}
