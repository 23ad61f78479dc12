//! `souk schema print`: the platform's own schemas, as this version's code has them.

use std::path::PathBuf;

use clap::Args;

use crate::config::Config;
use crate::platform::schema;

#[derive(Debug, Args)]
pub(super) struct Print {
    /// `api` (what clients see), `supergraph`, or a subgraph's name.
    #[arg(value_name = "WHICH", default_value = "api")]
    which: String,
    /// Write all of them to this folder instead, as the checked-in `schema/` has them.
    #[arg(long, value_name = "DIR", conflicts_with = "which")]
    write: Option<PathBuf>,
}

impl Print {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let files = schema::files(config)?;
        if let Some(folder) = self.write {
            return schema::write(&files, &folder);
        }
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        match files.iter().find(|file| file.name == self.which) {
            Some(file) => {
                print!("{}", file.text);
                Ok(())
            }
            None => anyhow::bail!("there is no schema `{}`; there are {}", self.which, names.join(", ")),
        }
    }
}
