//! `souk schema explain`: what a code of composition means.

use anyhow::Context;
use clap::Args;
use souk_gateway::compose;

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A code such as `INVALID_FIELD_SHARING`.
    #[arg(value_name = "CODE")]
    code: String,
}

impl Explain {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(super) fn run(self) -> anyhow::Result<()> {
        let page = compose::explain(&self.code.to_uppercase())
            .with_context(|| format!("there is no code `{}`", self.code))?;
        print!("{page}");
        Ok(())
    }
}
