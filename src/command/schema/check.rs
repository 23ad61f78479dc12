//! `souk schema check`: what a schema changes for the clients of the checked-in one.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use apollo_compiler::Schema;
use clap::Args;
use souk_gateway::compose::diff::{self, Impact};
use souk_gateway::compose::{self, render};

use super::source::{self, Named};
use crate::config::Config;
use crate::platform::schema;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The API schema that clients rely on.
    #[arg(long, value_name = "FILE", default_value = "schema/api.graphql")]
    against: PathBuf,
    /// Check the graph of these subgraphs instead of the platform's own.
    #[arg(long = "subgraph", value_name = "NAME=FILE-or-URL", value_parser = source::named)]
    subgraphs: Vec<Named>,
}

impl Check {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let path = self.against.display();
        let old = fs::read_to_string(&self.against).with_context(|| format!("{path} cannot be read"))?;
        let old = parse(&old, &path.to_string())?;
        let new = parse(&self.schema(config)?, "the new schema")?;
        let changes = diff::changes(&old, &new);
        for change in &changes {
            println!("{change}");
        }
        match changes.iter().filter(|change| change.impact == Impact::Breaking).count() {
            0 => Ok(()),
            1 => bail!("1 change breaks clients of {path}"),
            breaking => bail!("{breaking} changes break clients of {path}"),
        }
    }

    fn schema(&self, config: &Config) -> anyhow::Result<String> {
        if self.subgraphs.is_empty() {
            return schema::api(config);
        }
        let sources = source::read(&self.subgraphs, &[])?;
        let (supergraph, report) = compose::compose(&sources);
        match supergraph {
            Some(supergraph) => Ok(supergraph.api_sdl),
            None => Err(anyhow!("the subgraphs do not compose:\n{}", render::text(&report, &sources))),
        }
    }
}

fn parse(sdl: &str, what: &str) -> anyhow::Result<Schema> {
    Schema::parse(sdl, what).map_err(|invalid| anyhow!("{what} is not a schema:\n{}", invalid.errors))
}
