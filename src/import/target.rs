//! Sends products to the catalogue in batches: what has its external reference there already is updated, the
//! rest is created. So an import that was broken off is simply run again.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fmt::Write;

use anyhow::Context;
use futures::stream::{self, StreamExt};
use serde_json::{Map, Value, json};

use super::categories::Categories;
use super::images::{self, Images};
use super::product::{Image, Product, Refusal};
use super::rows::{MakeRow, new_row, row};
use crate::platform::Client;
use crate::platform::client::user_errors;

/// How many products go into one mutation.
const BATCH: usize = 50;
/// How many products get their pictures at once: fetching is waiting, mostly.
const PICTURED_AT_ONCE: usize = 4;

const CREATE: &str = "mutation ImportCreate($input: ProductBulkCreateInput!) {
  done: productBulkCreate(input: $input) { rows { product { id } userErrors { message } } userErrors { code message } }
}";
const UPDATE: &str = "mutation ImportUpdate($input: ProductBulkUpdateInput!) {
  done: productBulkUpdate(input: $input) { rows { product { id } userErrors { message } } userErrors { code message } }
}";

/// The catalogue of one company.
pub(crate) struct Target {
    client: Client,
    company: String,
    currency: String,
    categories: Categories,
    images: Images,
    waiting: Vec<(u64, Product)>,
    refusals: Vec<Refusal>,
    outcome: Outcome,
}

/// What came of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) refused: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, updated, refused } = self;
        write!(f, "{created} products created, {updated} updated, {refused} refused")
    }
}

/// The products that the catalogue has already, by reference: the references of each one's pictures.
type Known = HashMap<String, HashSet<String>>;

impl Target {
    /// Products of `company` (its id), whose prices are in `currency`.
    pub(crate) fn new(client: Client, company: String, currency: &str) -> anyhow::Result<Self> {
        Ok(Self {
            client,
            company,
            currency: currency.to_owned(),
            categories: Categories::default(),
            images: Images::new()?,
            waiting: Vec::new(),
            refusals: Vec::new(),
            outcome: Outcome::default(),
        })
    }

    /// Sends a product, found at `line` of its source, once a batch is full. Fails only when the catalogue does
    /// not answer; a refused product is among [`Target::refusals`].
    pub(crate) async fn put(&mut self, line: u64, product: Product) -> anyhow::Result<()> {
        self.waiting.push((line, product));
        if self.waiting.len() < BATCH { Ok(()) } else { self.flush().await }
    }

    /// The refusals since the last call.
    pub(crate) fn refusals(&mut self) -> Vec<Refusal> {
        std::mem::take(&mut self.refusals)
    }

    /// Sends what is waiting, and answers how it all went.
    pub(crate) async fn finish(&mut self) -> anyhow::Result<Outcome> {
        self.flush().await?;
        Ok(self.outcome)
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        let batch = std::mem::take(&mut self.waiting);
        if batch.is_empty() {
            return Ok(());
        }
        let known = self.known(&batch).await?;
        let (old, new): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|(_, product)| known.contains_key(&product.reference));
        self.outcome.created += self.send((CREATE, new_row), &new, &known).await?;
        self.outcome.updated += self.send((UPDATE, row), &old, &known).await?;
        Ok(())
    }

    /// Those of the batch that the catalogue has, by reference: one look-up for all.
    async fn known(&self, batch: &[(u64, Product)]) -> anyhow::Result<Known> {
        let mut query = "query ImportKnown($company: ID!".to_owned();
        let mut fields = String::new();
        let mut variables = Map::from_iter([("company".to_owned(), json!(self.company))]);
        for (n, (_, product)) in batch.iter().enumerate() {
            write!(query, ", $r{n}: String!")?;
            write!(
                fields,
                " p{n}: product(company: $company, externalReference: $r{n}) {{ media {{ externalReference }} }}"
            )?;
            variables.insert(format!("r{n}"), json!(product.reference));
        }
        let found = self.client.ask(&format!("{query}) {{{fields} }}"), Value::Object(variables)).await?;
        let known = batch.iter().enumerate().filter_map(|(n, (_, product))| {
            let found = found.get(format!("p{n}")).filter(|found| !found.is_null())?;
            let pictures = found.get("media").and_then(Value::as_array).into_iter().flatten();
            let references = pictures.filter_map(|picture| picture.get("externalReference")?.as_str());
            Some((product.reference.clone(), references.map(str::to_owned).collect()))
        });
        Ok(known.collect())
    }

    /// Sends the products with a bulk mutation, and answers how many it took. No idempotency key: external
    /// references keep a repeated import from making anything twice, and what was deleted since may come back.
    async fn send(
        &mut self,
        (mutation, row): (&str, MakeRow),
        products: &[(u64, Product)],
        known: &Known,
    ) -> anyhow::Result<u64> {
        if products.is_empty() {
            return Ok(0);
        }
        let mut rows = Vec::with_capacity(products.len());
        for (_, product) in products {
            let category = self.categories.id(&self.client, &self.company, &product.category).await?;
            rows.push(row(product, category.as_deref(), &self.currency));
        }
        let input = json!({ "company": self.company, "policy": "REJECT_FAILED_ROWS", "rows": rows });
        let answer = self.client.ask(mutation, json!({ "input": input })).await?;
        let done = answer.get("done").context("the bulk mutation answers nothing")?;
        user_errors(done)?;
        let results = done.get("rows").and_then(Value::as_array);
        let results = results.context("the bulk mutation answers no rows")?;
        let mut taken = Vec::with_capacity(products.len());
        for ((line, product), result) in products.iter().zip(results) {
            let errors = result.get("userErrors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            for error in errors {
                let message = error.get("message").and_then(Value::as_str);
                self.refuse(*line, product, message.unwrap_or_default());
            }
            let id = result.pointer("/product/id").and_then(Value::as_str);
            if let Some(id) = id.filter(|_| errors.is_empty()) {
                taken.push((*line, id, product));
            }
        }
        self.pictures(&taken, known).await;
        Ok(u64::try_from(taken.len()).unwrap_or(u64::MAX))
    }

    /// Adds the pictures that the products (their lines and ids) have not yet. One that cannot be had is told; the
    /// product stays.
    async fn pictures(&mut self, products: &[(u64, &str, &Product)], known: &Known) {
        let (client, images) = (&self.client, &self.images);
        let of_each = products.iter().map(|(line, id, product)| async move {
            let has = known.get(&product.reference);
            let lacks = |image: &&Image| has.is_none_or(|has| !has.contains(&images::reference(image)));
            let mut errors = Vec::new();
            // One after the other: they stand in the order in which they were added.
            for image in product.images.iter().filter(lacks) {
                errors.extend(images.add(client, id, image).await.err());
            }
            (*line, *product, errors)
        });
        let mut done = stream::iter(of_each).buffered(PICTURED_AT_ONCE);
        let mut refused = Vec::new();
        while let Some((line, product, errors)) = done.next().await {
            refused.extend(errors.into_iter().map(|error| (line, product, error)));
        }
        drop(done);
        for (line, product, error) in refused {
            self.refuse(line, product, &format!("a picture: {error:#}"));
        }
    }

    fn refuse(&mut self, line: u64, product: &Product, reason: &str) {
        self.outcome.refused += 1;
        self.refusals.push(Refusal {
            line,
            reference: product.reference.clone(),
            lines: 1,
            reason: reason.to_owned(),
        });
    }
}
