//! The file that tells what was refused and why: CSV, a row per refusal.

use std::fs::File;
use std::path::Path;

use anyhow::Context;

use super::product::Refusal;

/// Writes refusals as they come, so that a broken-off import has its report as well.
pub(crate) struct Report {
    writer: csv::Writer<File>,
    refused: u64,
}

impl Report {
    /// Begins the file anew.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let writer =
            csv::Writer::from_path(path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self { writer, refused: 0 })
    }

    pub(crate) fn add(&mut self, refusal: &Refusal) -> anyhow::Result<()> {
        self.writer.serialize(refusal).context("the report cannot be written")?;
        self.writer.flush().context("the report cannot be written")?;
        self.refused += 1;
        Ok(())
    }

    /// How many refusals there were.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }
}
