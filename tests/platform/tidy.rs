//! What no compiler checks: every file says what it is for, and every path in the documents is there.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true if path.ends_with("target") || path.ends_with("node_modules") => Vec::new(),
        true => sources(&path),
        false => vec![path],
    });
    found.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

#[test]
fn every_source_file_opens_with_what_it_is_for() {
    let mut seen = 0;
    for folder in ["src", "gateway", "engines", "subgraphs", "tests"] {
        for path in sources(&root().join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("//! "), "{} does not say what it is for", path.display());
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} files were found");
}

#[test]
fn every_path_that_the_documents_name_is_there() {
    let mut seen = 0;
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for word in text.split('`').skip(1).step_by(2).filter(|word| is_path(word)) {
            assert!(root().join(word).exists(), "{document} names `{word}`, which is not there");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} paths were found");
}

/// A path from the root of the repository, as the documents write them; `subgraphs/*/src/` is a pattern.
fn is_path(word: &str) -> bool {
    let from_root = ["src/", "gateway/", "engines/", "subgraphs/", "schema/", "tests/", "demo/"];
    from_root.iter().any(|start| word.starts_with(start))
        && word.contains(['/', '.'])
        && !word.contains(['*', ' ', '<'])
        && !word.chars().any(|c| c.is_ascii_uppercase())
}
