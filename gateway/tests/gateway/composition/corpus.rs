//! The sets that are kept as files: `tests/corpus/NAME/SUBGRAPH.graphql`.

use std::fs;
use std::path::{Path, PathBuf};

use super::Set;

/// Every set of the corpus, by name.
pub(super) fn sets() -> Vec<Set> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    sorted(&root).into_iter().filter(|path| path.is_dir()).map(|folder| set(&folder)).collect()
}

fn set(folder: &Path) -> Set {
    let files =
        sorted(folder).into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "graphql"));
    let subgraph = |path: PathBuf| {
        let sdl = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (stem(&path), sdl)
    };
    Set { name: format!("corpus/{}", stem(folder)), subgraphs: files.map(subgraph).collect() }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
