//! `IMPLICITLY_UPGRADED_FEDERATION_VERSION`: a subgraph links a specification that belongs to a newer federation
//! version than the one that it links.

use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;
use crate::compose::subgraph::federation::Version;
use crate::compose::subgraph::links::{LINK_IDENTITY, Link};

pub(super) const RULE: Rule = Rule {
    code: Code("IMPLICITLY_UPGRADED_FEDERATION_VERSION"),
    page: include_str!("implicitly_upgraded_federation_version.md"),
    check,
};

/// Specifications that may be linked on their own, by identity and minor version of their version 0, with the
/// minor version of federation 2 that each came with. The others came with versions that do not raise a
/// subgraph's.
const CAME_WITH: [(&str, u32, u32); 6] = [
    ("https://specs.apollo.dev/authenticated", 1, 5),
    ("https://specs.apollo.dev/cost", 1, 9),
    ("https://specs.apollo.dev/connect", 1, 10),
    ("https://specs.apollo.dev/connect", 2, 11),
    ("https://specs.apollo.dev/connect", 3, 12),
    ("https://specs.apollo.dev/connect", 4, 13),
];

fn check(graph: &Merged<'_>, report: &mut Report) {
    for subgraph in graph.subgraphs {
        if !subgraph.is_federation_2() && subgraph.links.get(LINK_IDENTITY).is_none() {
            continue;
        }
        let needed = subgraph.links.iter().filter_map(|link| Some((came_with(link)?, link)));
        let Some((needed, link)) = needed.reduce(|most, next| if most.0 < next.0 { next } else { most })
        else {
            continue;
        };
        if needed <= subgraph.version {
            continue;
        }
        let written = match subgraph.version {
            Version::ONE => "federation 1".to_owned(),
            version => format!("federation {version}"),
        };
        report
            .doubt(
                RULE.code,
                subgraph.span(link.location()),
                format!(
                    "{} is written in {written} and read as federation {needed}, with which {} came",
                    subgraph.name, link.url
                ),
            )
            .hint(format!("link federation {needed}"));
    }
}

fn came_with(link: &Link) -> Option<Version> {
    let url = &link.url;
    let of = |(identity, minor, _): &&(&str, u32, u32)| {
        *identity == url.identity && (url.version.major, url.version.minor) == (0, *minor)
    };
    CAME_WITH.iter().find(of).map(|(_, _, federation)| Version::two(*federation))
}
