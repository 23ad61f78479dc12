//! Categories by their path: found when they are there, made when they are not.

use std::collections::HashMap;

use anyhow::Context;
use serde_json::{Value, json};

use crate::platform::Client;
use crate::platform::client::user_errors;

const BELOW: &str = "query ImportCategories($company: ID!, $parent: ID, $after: String) {
  below: categories(company: $company, parent: $parent, first: 100, after: $after) {
    nodes { id name }
    pageInfo { hasNextPage endCursor }
  }
}";
const CREATE: &str = "mutation ImportCategory($input: CategoryCreateInput!) {
  created: categoryCreate(input: $input) { category { id } userErrors { code message } }
}";

/// The categories of one company, as far as they have been needed: the ids by name below each parent.
#[derive(Default)]
pub(super) struct Categories {
    below: HashMap<Option<String>, HashMap<String, String>>,
}

impl Categories {
    /// The id of the category with this path from the root down; `None` for an empty path.
    pub(super) async fn id(
        &mut self,
        client: &Client,
        company: &str,
        path: &[String],
    ) -> anyhow::Result<Option<String>> {
        let mut parent = None;
        for name in path {
            if !self.below.contains_key(&parent) {
                let found = below(client, company, parent.as_deref()).await?;
                self.below.insert(parent.clone(), found);
            }
            let siblings = self.below.entry(parent.clone()).or_default();
            let id = match siblings.get(name) {
                Some(id) => id.clone(),
                None => {
                    let id = create(client, company, parent.as_deref(), name).await?;
                    siblings.insert(name.clone(), id.clone());
                    id
                }
            };
            parent = Some(id);
        }
        Ok(parent)
    }
}

async fn below(
    client: &Client,
    company: &str,
    parent: Option<&str>,
) -> anyhow::Result<HashMap<String, String>> {
    let text = |node: &Value, field: &str| node.get(field).and_then(Value::as_str).map(str::to_owned);
    let mut all = HashMap::new();
    let mut after = Value::Null;
    loop {
        let page = json!({ "company": company, "parent": parent, "after": after });
        let found = client.ask(BELOW, page).await?;
        let nodes = found.pointer("/below/nodes").and_then(Value::as_array).into_iter().flatten();
        all.extend(nodes.filter_map(|node| Some((text(node, "name")?, text(node, "id")?))));
        match found.pointer("/below/pageInfo") {
            Some(info) if info.get("hasNextPage") == Some(&Value::Bool(true)) => {
                after = info.get("endCursor").cloned().unwrap_or_default();
            }
            _ => return Ok(all),
        }
    }
}

async fn create(client: &Client, company: &str, parent: Option<&str>, name: &str) -> anyhow::Result<String> {
    let input = json!({ "company": company, "parent": parent, "name": name });
    let made = client.ask(CREATE, json!({ "input": input })).await?;
    let made = made.get("created").context("`categoryCreate` answers nothing")?;
    user_errors(made).with_context(|| format!("the category `{name}` cannot be made"))?;
    let id = made.pointer("/category/id").and_then(Value::as_str);
    Ok(id.context("a new category has no id")?.to_owned())
}
