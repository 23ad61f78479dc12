//! Categories by their path: found when they are there, made when they are not.

use std::collections::HashMap;

use anyhow::Context;
use serde_json::{Value, json};

use super::product::slug;
use crate::platform::Client;
use crate::platform::client::user_errors;

const ALL: &str = "query ImportCategories($company: ID!) {
  company(id: $company) { categoryTree { nodes { id name parent { id } } } }
}";
const CREATE: &str = "mutation ImportCategory($input: CategoryCreateInput!) {
  created: categoryCreate(input: $input) { category { id } userErrors { code message } }
}";

/// The categories of one company by parent and name, as far as they are known.
#[derive(Default)]
pub(super) struct Categories {
    known: Option<HashMap<(Option<String>, String), String>>,
}

impl Categories {
    /// The id of the category with this path from the root down; `None` for an empty path.
    pub(super) async fn id(
        &mut self,
        client: &Client,
        company: &str,
        path: &[String],
    ) -> anyhow::Result<Option<String>> {
        let known = match &mut self.known {
            Some(known) => known,
            None => self.known.insert(all(client, company).await?),
        };
        let mut parent = None;
        for name in path {
            let key = (parent.clone(), name.clone());
            let id = match known.get(&key) {
                Some(id) => id.clone(),
                None => {
                    let id = create(client, company, parent.as_deref(), name).await?;
                    known.insert(key, id.clone());
                    id
                }
            };
            parent = Some(id);
        }
        Ok(parent)
    }
}

async fn all(client: &Client, company: &str) -> anyhow::Result<HashMap<(Option<String>, String), String>> {
    let found = client.ask(ALL, json!({ "company": company })).await?;
    let nodes = found["company"]["categoryTree"]["nodes"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let known = nodes
        .iter()
        .filter_map(|node| Some(((text(&node["parent"]["id"]), text(&node["name"])?), text(&node["id"])?)));
    Ok(known.collect())
}

async fn create(client: &Client, company: &str, parent: Option<&str>, name: &str) -> anyhow::Result<String> {
    let input = json!({ "company": company, "parent": parent, "name": name, "slug": slug(name) });
    let made = client.ask(CREATE, json!({ "input": input })).await?;
    user_errors(&made["created"]).with_context(|| format!("the category `{name}` cannot be made"))?;
    let id = made["created"]["category"]["id"].as_str();
    Ok(id.context("a new category has no id")?.to_owned())
}
