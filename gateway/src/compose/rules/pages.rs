//! The rules' pages as tests: each case of each page is composed, and its report compared.
//!
//! A fence `most_steps N` under a heading composes its case with that limit.
//!
//! `UPDATE_PAGES=1 cargo test -p souk-gateway rules::pages` writes the reports into the pages instead.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::pages;
use crate::compose::{Options, SubgraphSource, compose_with, render};

/// What a case's subgraphs get when they link nothing themselves: the newest federation version under the
/// specification's own names. It stands at the end, so that lines and columns are those of the page.
const LINK: &str = include_str!("link.graphql");

/// A heading of a page with the fences under it.
struct Case {
    title: String,
    subgraphs: Vec<SubgraphSource>,
    options: Options,
    report: Option<String>,
}

fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case {
                title: title.to_owned(),
                subgraphs: Vec::new(),
                options: Options::default(),
                report: None,
            });
            continue;
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        text.push("");
        let text = text.join("\n");
        let case = cases.last_mut().expect("a fence stands under a heading");
        match info.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["graphql", name] => case.subgraphs.push(subgraph(name, text, true)),
            ["graphql", name, "federation-1"] => case.subgraphs.push(subgraph(name, text, false)),
            ["most_steps", steps] => case.options.most_steps = steps.parse().expect("a number of steps"),
            ["report"] => case.report = Some(text),
            other => panic!("unknown fence {other:?}"),
        }
    }
    cases
}

fn subgraph(name: &str, text: String, is_federation_2: bool) -> SubgraphSource {
    let links = if is_federation_2 && !text.contains("@link(") { LINK } else { "" };
    SubgraphSource { name: name.to_owned(), url: None, sdl: text + links }
}

/// The report of a case, or nothing when it composes without findings.
fn outcome(case: &Case) -> String {
    let (supergraph, report) = compose_with(&case.subgraphs, case.options);
    assert_eq!(supergraph.is_some(), !report.has_errors(), "{}", case.title);
    render::brief(&report)
}

#[test]
fn every_case_of_every_page_reports_what_the_page_says() {
    if std::env::var_os("UPDATE_PAGES").is_some() {
        pages().for_each(|(code, page)| update(code.0, page));
        return;
    }
    let mut wrong = String::new();
    for (code, page) in pages() {
        for case in cases(page) {
            let outcome = outcome(&case);
            let is_right = match &case.report {
                Some(report) => outcome == *report,
                None => !outcome.contains("error["),
            };
            if !is_right {
                let _ = writeln!(wrong, "{code}, {}:\n{outcome}", case.title);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_page_is_headed_by_its_code_and_shows_both_a_breach_and_a_passing_neighbour() {
    for (code, page) in pages() {
        assert!(page.starts_with(&format!("# {code}\n\n")), "{code} heads its page");
        let cases = cases(page);
        let shows_breach = cases
            .iter()
            .any(|case| case.report.as_ref().is_some_and(|report| report.contains(&format!("[{code}]"))));
        assert!(shows_breach, "{code} shows what it reports");
        assert!(cases.iter().any(|case| case.report.is_none()), "{code} shows what it lets pass");
    }
}

/// Writes the reports that composition gives today into a page: a case whose composition fails, or whose
/// page has a report already, gets one.
fn update(code: &str, page: &str) {
    let mut text = String::new();
    let outcomes: Vec<_> = cases(page).into_iter().map(|case| (outcome(&case), case)).collect();
    let sections = page.split("\n## ");
    for (index, section) in sections.enumerate() {
        if index == 0 {
            text.push_str(section);
            continue;
        }
        let (outcome, case) = &outcomes[index - 1];
        let body = section.split("\n```report\n").next().unwrap_or(section).trim_end();
        let _ = write!(text, "\n## {body}\n");
        if case.report.is_some() || outcome.contains("error[") || outcome.contains(&format!("[{code}]")) {
            let _ = write!(text, "```report\n{outcome}```\n");
        }
    }
    // A page that two rules share is written once.
    let Some(path) = file_of(code, page) else { return };
    std::fs::write(&path, text).expect("the page can be written");
}

/// Several phases may have a rule for one code, so the page itself tells which file it is.
fn file_of(code: &str, page: &str) -> Option<PathBuf> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/compose/rules");
    let name = format!("{}.md", code.to_lowercase());
    let folders = std::fs::read_dir(rules).expect("the rules are there");
    let mut files = folders.filter_map(|folder| Some(folder.ok()?.path().join(&name)));
    files.find(|file| std::fs::read_to_string(file).is_ok_and(|text| text == page))
}
