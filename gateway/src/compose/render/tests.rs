//! One report, shown in each way.

use std::sync::Arc;

use super::{brief, json, text};
use crate::compose::SubgraphSource;
use crate::compose::report::{Code, Position, Report, Span};

fn report() -> (Report, Vec<SubgraphSource>) {
    let sdl = "type Query {\n\tname: String\n}\n";
    let sources = vec![SubgraphSource { name: "shop".to_owned(), url: None, sdl: sdl.to_owned() }];
    let subgraph: Arc<str> = "shop".into();
    let at = |line, column| Span {
        subgraph: Arc::clone(&subgraph),
        position: Some(Position { offset: 0, line, column }),
    };
    let mut report = Report::default();
    report
        .error(Code("FIRST"), at(2, 2), "`Query.name` is wrong")
        .label(at(1, 6), "of this type")
        .hint("mend it");
    report.error(Code("SECOND"), None, "all of it is wrong");
    report.error(Code("THIRD"), Span::whole(&subgraph), "the subgraph is wrong");
    report.error(Code("FOURTH"), at(9, 1), "beyond the end");
    report.doubt(Code("FIFTH"), at(1, 1), "it could be better");
    (report, sources)
}

#[test]
fn text_shows_the_source_and_every_place() {
    let (report, sources) = report();
    insta::assert_snapshot!("text", text(&report, &sources));
}

#[test]
fn brief_leaves_the_source_out() {
    insta::assert_snapshot!("brief", brief(&report().0));
}

#[test]
fn json_is_a_flat_list_of_errors() {
    insta::assert_snapshot!("json", json(&report().0));
}
