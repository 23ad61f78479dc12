//! `souk schema compose`: subgraphs in, supergraph out, or every reason why not.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use souk_gateway::compose::{self, render};

use super::source::{self, Named};

#[derive(Debug, Args)]
pub(super) struct Compose {
    /// A subgraph: its name and the file of its schema, or the URL of the running service.
    #[arg(long = "subgraph", value_name = "NAME=FILE-or-URL", required = true, value_parser = source::named)]
    subgraphs: Vec<Named>,
    /// Where a subgraph is served, when its schema comes from a file.
    #[arg(long = "url", value_name = "NAME=URL", value_parser = source::named)]
    urls: Vec<Named>,
    /// Where the supergraph goes; standard output without it.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How errors and hints are told: as text on standard error, or errors as a JSON array
    /// `[{code, message, subgraph, line, column}]` on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Compose {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(super) fn run(self) -> anyhow::Result<()> {
        let sources = source::read(&self.subgraphs, &self.urls)?;
        let (supergraph, report) = compose::compose(&sources);
        match self.format {
            Format::Text => eprint!("{}", render::text(&report, &sources)),
            Format::Json if supergraph.is_none() => println!("{}", render::json(&report)),
            Format::Json => {}
        }
        let Some(supergraph) = supergraph else { bail!("the subgraphs do not compose") };
        match self.output {
            Some(path) => std::fs::write(&path, supergraph.sdl)
                .with_context(|| format!("{} cannot be written", path.display())),
            None => {
                print!("{}", supergraph.sdl);
                Ok(())
            }
        }
    }
}
