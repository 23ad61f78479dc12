//! The embedded side of the port: Tantivy, in a folder with a sub-folder per generation.
//!
//! One process writes, under a lock on the folder; any number of others read and see what it has committed some
//! hundredths of a second later. Each call to write is one commit, so what it returns from is on the disk and visible.

mod collector;
mod condition;
mod facet;
mod folder;
mod generation;
mod order;
mod price;
mod schema;
mod writer;

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::tantivy::TantivyError;
use async_trait::async_trait;
use souk_kit::fault::Fault;

use super::answer::Written;
use super::asking::Index;
use super::document::Change;
use super::engine::Engine;
use super::layout::is_behind;
use super::plan::{Found, Plan};
use super::{Build, Live, SharedSearchIndex};
use folder::{Folder, State, WriteLock};
use generation::Generation;
use writer::Writers;

/// How long a reader may not notice a commit or a new generation of another process.
const NOTICE: Duration = Duration::from_millis(20);

/// Opens the index in `folder` to write and to read; makes it if need be. Refused, with a fault that is not
/// transient, while another process or handle has it open so.
pub fn open_writer(folder: &Path) -> Result<SharedSearchIndex, Fault> {
    let folder = Folder::open(folder)?;
    let lock = folder.lock()?;
    folder.tidy()?;
    let live = Arc::new(match folder.state()? {
        Some(state) if folder.generation(&state.live).exists() => Generation::open(&folder, &state)?,
        Some(_) | None => first(&folder)?,
    });
    let writers = Box::new(Writers::open(&live)?);
    let role = Role::Writing { writers: Mutex::new(writers), _lock: lock };
    Ok(Arc::new(Index::new(TantivyEngine::new(folder, live, role))))
}

fn first(folder: &Folder) -> Result<Generation, Fault> {
    let name = folder.next_name(None)?;
    let first = Generation::create(&folder.generation(&name))?;
    folder.set_live(&name)?;
    Ok(first)
}

/// Opens the index in `folder` to read beside a process that writes; `UNAVAILABLE` until that has made it.
pub fn open_reader(folder: &Path) -> Result<SharedSearchIndex, Fault> {
    let folder = Folder::open(folder)?;
    let live = Arc::new(Generation::open(&folder, &state(&folder)?)?);
    Ok(Arc::new(Index::new(TantivyEngine::new(folder, live, Role::Reading))))
}

/// What is live; `UNAVAILABLE` as long as nothing is.
fn state(folder: &Folder) -> Result<State, Fault> {
    let not_yet =
        || Fault::unavailable("the search index is not there yet", Error::from(ErrorKind::NotFound));
    folder.state()?.ok_or_else(not_yet)
}

#[derive(Debug, Clone)]
struct TantivyEngine(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: Folder,
    live: RwLock<Arc<Generation>>,
    looked: Mutex<Instant>,
    role: Role,
}

#[derive(Debug)]
enum Role {
    Reading,
    Writing { writers: Mutex<Box<Writers>>, _lock: WriteLock },
}

impl TantivyEngine {
    fn new(folder: Folder, live: Arc<Generation>, role: Role) -> Self {
        let looked = Mutex::new(Instant::now());
        Self(Arc::new(Shared { folder, live: RwLock::new(live), looked, role }))
    }

    /// Runs `work` where it may take its time.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&shared)).await.map_err(Fault::internal)?
    }
}

impl Shared {
    /// The live generation as of now; in a reading process, as of the last commit that it should have noticed.
    fn live(&self) -> Result<Arc<Generation>, Fault> {
        let live = Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner));
        match self.role {
            Role::Writing { .. } => Ok(live),
            Role::Reading => self.look(live),
        }
    }

    /// What is committed is visible to the process that wrote it; others look for it now.
    fn refresh(&self) -> Result<(), Fault> {
        if matches!(self.role, Role::Reading) {
            let live = Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner));
            self.open_newest(live)?;
        }
        Ok(())
    }

    fn look(&self, live: Arc<Generation>) -> Result<Arc<Generation>, Fault> {
        {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            if looked.elapsed() < NOTICE {
                return Ok(live);
            }
            *looked = Instant::now();
        }
        self.open_newest(live)
    }

    fn open_newest(&self, live: Arc<Generation>) -> Result<Arc<Generation>, Fault> {
        let state = state(&self.folder)?;
        if self.folder.generation(&state.live) == live.folder {
            live.reload_if_changed()?;
            return Ok(live);
        }
        let newer = Arc::new(Generation::open(&self.folder, &state)?);
        self.go_live(Arc::clone(&newer));
        Ok(newer)
    }

    fn go_live(&self, generation: Arc<Generation>) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = generation;
    }

    fn writing<T>(&self, work: impl FnOnce(&mut Writers) -> Result<T, Fault>) -> Result<T, Fault> {
        match &self.role {
            Role::Writing { writers, .. } => {
                work(&mut writers.lock().unwrap_or_else(PoisonError::into_inner))
            }
            Role::Reading => Err(Fault::broken("this process has opened the search index to read")),
        }
    }
}

#[async_trait]
impl Engine for TantivyEngine {
    async fn find(&self, plan: &Plan) -> Result<Found, Fault> {
        let plan = plan.clone();
        self.run(move |shared| shared.live()?.find(&plan).map_err(fault)).await
    }

    async fn write(&self, changes: &[Change]) -> Result<Written, Fault> {
        let changes = changes.to_vec();
        self.run(move |shared| shared.writing(|writers| writers.write(&changes))).await
    }

    async fn refresh(&self) -> Result<(), Fault> {
        self.run(Shared::refresh).await
    }

    async fn needs_build(&self) -> Result<bool, Fault> {
        self.run(|shared| Ok(is_behind(shared.live()?.layout))).await
    }

    async fn begin_build(&self) -> Result<Build, Fault> {
        self.run(|shared| shared.writing(|writers| writers.begin(&shared.folder))).await
    }

    async fn write_build(&self, build: &Build, changes: &[Change]) -> Result<(), Fault> {
        let (build, changes) = (build.clone(), changes.to_vec());
        self.run(move |shared| shared.writing(|writers| writers.write_build(&build, &changes))).await
    }

    async fn publish(&self, build: Build) -> Result<(), Fault> {
        let publish = move |shared: &Shared| {
            shared.writing(|writers| {
                shared.go_live(writers.publish(&build, &shared.folder)?);
                Ok(())
            })
        };
        self.run(publish).await
    }

    async fn abandon(&self, build: Build) -> Result<(), Fault> {
        self.run(move |shared| shared.writing(|writers| writers.abandon(&build, &shared.folder))).await
    }

    async fn live(&self) -> Result<Option<Live>, Fault> {
        self.run(|shared| shared.live()?.told()).await
    }

    async fn count(&self) -> Result<u64, Fault> {
        self.run(|shared| shared.live()?.count().map_err(fault)).await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.run(|shared| shared.live().map(|_| ())).await
    }
}

/// What fails in the engine, for the caller. A disk may be full or busy now and not later.
fn fault(error: TantivyError) -> Fault {
    match error {
        TantivyError::IoError(_) | TantivyError::OpenReadError(_) | TantivyError::OpenWriteError(_) => {
            Fault::unavailable("the search index cannot be read or written now", error)
        }
        error => Fault::internal(error),
    }
}
