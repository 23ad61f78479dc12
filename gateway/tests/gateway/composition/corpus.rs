//! The sets that are kept as files: `tests/corpus/NAME/SUBGRAPH.graphql`, and the cases of the pages: those of
//! the rules and those in `tests/corpus/*.md`.

use std::fs;
use std::path::{Path, PathBuf};

use super::Set;

/// Every set of the corpus, by name.
pub(super) fn sets() -> Vec<Set> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    sorted(&root).into_iter().filter(|path| path.is_dir()).map(|folder| set(&folder)).collect()
}

/// Every case of every page, named after both.
pub(super) fn pages() -> Vec<Set> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = root.join("src/compose/rules");
    let link = read(&rules.join("link.graphql"));
    let folders = sorted(&rules).into_iter().filter(|path| path.is_dir()).chain([root.join("tests/corpus")]);
    let files = folders.flat_map(|folder| sorted(&folder));
    files
        .filter(|path| path.extension().is_some_and(|ext| ext == "md"))
        .flat_map(|path| cases(&stem(&path), &read(&path), &link))
        .collect()
}

/// The headings of a page, each with the subgraphs under it; one that links nothing is given `link`.
fn cases(page: &str, text: &str, link: &str) -> Vec<Set> {
    let mut sets: Vec<Set> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            sets.push(Set { name: format!("page/{page}: {title}"), subgraphs: Vec::new() });
        }
        // Limits are each composer's own.
        if line.starts_with("```most_steps ") {
            sets.pop();
        }
        let Some(info) = line.strip_prefix("```graphql ") else { continue };
        let mut sdl: String =
            lines.by_ref().take_while(|line| *line != "```").flat_map(|l| [l, "\n"]).collect();
        let name = info.split(' ').next().unwrap_or(info);
        if !info.ends_with(" federation-1") && !sdl.contains("@link(") {
            sdl.push_str(link);
        }
        if let Some(set) = sets.last_mut() {
            set.subgraphs.push((name.to_owned(), sdl));
        }
    }
    sets.retain(|set| !set.subgraphs.is_empty());
    sets
}

fn set(folder: &Path) -> Set {
    let files =
        sorted(folder).into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "graphql"));
    let subgraph = |path: PathBuf| (stem(&path), read(&path));
    Set { name: format!("corpus/{}", stem(folder)), subgraphs: files.map(subgraph).collect() }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
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
