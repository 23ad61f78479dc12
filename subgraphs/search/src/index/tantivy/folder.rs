//! The folder of an index: which generation is live, and who may write.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use souk_kit::fault::Fault;

use crate::index::layout::LAYOUT;

/// The file that says which generation is live; replaced in one step.
const STATE: &str = "state.json";
const LOCK: &str = "writer.lock";
/// Opens the name of a generation's folder, before its number.
const GENERATION: &str = "generation-";

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

/// Held as long as this process may write.
#[derive(Debug)]
pub(super) struct WriteLock {
    _file: File,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) live: String,
    /// Which layout that generation has.
    pub(super) layout: u32,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        fs::create_dir_all(path).map_err(unavailable)?;
        Ok(Self { path: path.to_owned() })
    }

    pub(super) fn lock(&self) -> Result<WriteLock, Fault> {
        let path = self.path.join(LOCK);
        let file =
            File::options().create(true).truncate(false).write(true).open(path).map_err(unavailable)?;
        match file.try_lock() {
            Ok(()) => Ok(WriteLock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                let path = self.path.display();
                Err(Fault::broken(format!("another process writes the search index in {path}: one may")))
            }
            Err(TryLockError::Error(error)) => Err(unavailable(error)),
        }
    }

    pub(super) fn generation(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What is live; none as long as nothing has been.
    pub(super) fn state(&self) -> Result<Option<State>, Fault> {
        match fs::read(self.path.join(STATE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(Fault::internal),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Says which generation, of this version's layout, is live, in one step that survives a crash.
    pub(super) fn set_live(&self, name: &str) -> Result<(), Fault> {
        let bytes = serde_json::to_vec(&State { live: name.to_owned(), layout: LAYOUT })?;
        let next = self.path.join("state.next");
        let mut file = File::create(&next).map_err(unavailable)?;
        file.write_all(&bytes).map_err(unavailable)?;
        file.sync_all().map_err(unavailable)?;
        fs::rename(&next, self.path.join(STATE)).map_err(unavailable)?;
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(unavailable)
    }

    /// A name that no generation has had, nor the one that is open, whose folder may have gone.
    pub(super) fn next_name(&self, open: Option<String>) -> Result<String, Fault> {
        let names = self.names()?.into_iter().chain(self.state()?.map(|state| state.live)).chain(open);
        let number =
            |name: String| name.strip_prefix(GENERATION).and_then(|number| number.parse::<u64>().ok());
        let last = names.filter_map(number).max().unwrap_or_default();
        Ok(format!("{GENERATION}{}", last.saturating_add(1)))
    }

    /// Removes generations that are not live.
    pub(super) fn tidy(&self) -> Result<(), Fault> {
        let live = self.state()?.map(|state| state.live);
        for name in self.names()? {
            if live.as_ref() != Some(&name) {
                self.remove(&name)?;
            }
        }
        Ok(())
    }

    /// Removes a generation. A process that still reads it has its files open and goes on. One that is still being merged
    /// in the background, as dropping its writer does not await, may get another file meanwhile: then the rest of it goes
    /// the next time that the folder is tidied.
    pub(super) fn remove(&self, name: &str) -> Result<(), Fault> {
        match fs::remove_dir_all(self.generation(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {
                tracing::info!(generation = name, "{name} is still being merged and is removed later");
                Ok(())
            }
            removed => removed.map_err(unavailable),
        }
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(unavailable)?,
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(|name| name.starts_with(GENERATION)).collect())
    }
}

pub(super) fn unavailable(error: std::io::Error) -> Fault {
    Fault::unavailable("the folder of the search index cannot be read or written now", error)
}
