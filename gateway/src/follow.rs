//! Follows a supergraph file, so that a deployment changes the graph by replacing a file.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::Gateway;

/// How often the file is looked at. Its contents are read only when its time or length has changed.
const INTERVAL: Duration = Duration::from_millis(500);

impl Gateway {
    /// Serves what `path` contains, now and whenever it changes, for as long as the future is polled. A file that
    /// cannot be served, one that is still being written say, changes nothing but the log.
    pub async fn follow(&self, path: &Path) {
        let mut seen = None;
        let mut tried = None;
        loop {
            let stamp = stamp(path).await;
            if stamp.is_some() && stamp != seen {
                match tokio::fs::read_to_string(path).await {
                    // A file of the same contents is not worth planning for.
                    Ok(supergraph) if tried.as_ref() == Some(&supergraph) || self.serves(&supergraph) => {}
                    Ok(supergraph) => {
                        self.load_from(path, supergraph.clone()).await;
                        tried = Some(supergraph);
                    }
                    Err(cause) => {
                        // It is tried again, for as long as it takes.
                        tracing::warn!(%cause, "the supergraph {} cannot be read: {cause}", path.display());
                        tokio::time::sleep(INTERVAL).await;
                        continue;
                    }
                }
                seen = stamp;
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    async fn load_from(&self, path: &Path, supergraph: String) {
        let gateway = self.clone();
        let loaded = tokio::task::spawn_blocking(move || gateway.reload(&supergraph, [])).await;
        match loaded {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => {
                tracing::error!(%cause, "{} is not served, the supergraph of before stays: {cause}", path.display());
            }
            Err(cause) => tracing::error!(%cause, "loading {} failed: {cause}", path.display()),
        }
    }
}

async fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let found = tokio::fs::metadata(path).await.ok()?;
    Some((found.modified().ok()?, found.len()))
}
