//! How the server means to answer a query.

use ::mongodb::Database;
use ::mongodb::bson::{Bson, Document, doc};
use souk_kit::documents::{Filter, Query};
use souk_kit::fault::Fault;

use super::{fault, find};

/// One native query and the steps of the plan that the server chose for it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is asked.
    pub asked: Document,
    /// The names of the steps, the last one first: `LIMIT`, `FETCH`, `IXSCAN`.
    pub steps: Vec<String>,
}

/// The native queries of a page.
pub(super) fn of_page(collection: &str, query: &Query) -> Vec<Document> {
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let walks = find::walks(query).into_iter();
    walks
        .map(|walk| doc! { "find": collection, "filter": walk.filter, "sort": walk.sort, "limit": limit })
        .collect()
}

/// The native query of a count, as the scan that it is.
pub(super) fn of_count(collection: &str, filter: &Filter) -> Document {
    doc! { "find": collection, "filter": find::filter_of_count(filter) }
}

pub(super) async fn plan(database: &Database, asked: Document) -> Result<Plan, Fault> {
    let explain = doc! { "explain": asked.clone(), "verbosity": "queryPlanner" };
    let answer = database.run_command(explain).await.map_err(fault::of)?;
    let chosen = answer.get_document("queryPlanner").and_then(|planner| planner.get_document("winningPlan"));
    let mut steps = Vec::new();
    if let Ok(chosen) = chosen {
        collect(chosen, &mut steps);
    }
    Ok(Plan { asked, steps })
}

fn collect(step: &Document, steps: &mut Vec<String>) {
    if let Ok(name) = step.get_str("stage") {
        steps.push(name.to_owned());
    }
    for (field, below) in step {
        match below {
            // How the second engine would run the same, in its own terms.
            _ if field == "slotBasedPlan" => {}
            Bson::Document(below) => collect(below, steps),
            Bson::Array(several) => {
                several.iter().filter_map(Bson::as_document).for_each(|one| collect(one, steps));
            }
            _ => {}
        }
    }
}
