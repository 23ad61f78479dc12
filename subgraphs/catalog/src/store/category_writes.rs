//! Writing categories: decisions on the one tree of their company.

use serde::{Deserialize, Serialize};
use souk_kit::call::Call;
use souk_kit::documents::{Decided, Filter, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;

use super::Catalog;
use super::category_trees::{category_key, event};
use super::collections::RULE_CATEGORY;
use super::product_writes::reaches;
use super::products::CATEGORY;
use crate::domain::category::{Category, CategoryRefusal};
use crate::domain::category_tree::CategoryTree;
use crate::domain::content::FieldRefusal;
use crate::domain::ids::CategoryId;
use crate::error::{CatalogError, CatalogErrorCode, at_field, category_code};

/// What a write of a category comes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WrittenCategory {
    /// Which category.
    pub id: CategoryId,
    /// In whose tree.
    pub company: CompanyId,
}

/// A write, or why it was refused.
pub type CategoryAnswer = Result<WrittenCategory, Vec<CatalogError>>;

impl Catalog {
    /// The company of a category that a writer of this scope may know of.
    pub async fn company_of_category(
        &self,
        scope: &Visibility,
        id: CategoryId,
    ) -> Result<Option<CompanyId>, Fault> {
        let view = View::new(&Visibility::everything_for("catalog.write"), Filter::everything());
        let found = self.trees.find(&view, Filter::Keys(vec![category_key(id)]), 1).await?;
        let company = found.into_iter().next().map(|listed| listed.document.company);
        Ok(company.filter(|company| reaches(scope, *company)))
    }

    /// The category of a company with an id in another system.
    pub async fn category_by_reference(
        &self,
        company: CompanyId,
        reference: &str,
    ) -> Result<Option<CategoryId>, Fault> {
        let view = View::new(&Visibility::everything_for("catalog.write"), Filter::everything());
        let tree = self.trees.get(&view, &company.to_string()).await?;
        Ok(tree.and_then(|tree| tree.by_external_reference(reference).map(|category| category.id)))
    }

    /// Whether products stand in the category, or rules of collections name it.
    pub async fn uses_category(&self, id: CategoryId) -> Result<bool, Fault> {
        let view = View::new(&Visibility::everything_for("catalog.write"), Filter::everything());
        let standing = self.products.find(&view, Filter::equal(CATEGORY, id), 1).await?;
        let ruled = self.collections.find(&view, Filter::equal(RULE_CATEGORY, id), 1).await?;
        Ok(!standing.is_empty() || !ruled.is_empty())
    }

    /// Changes the tree of a company, which comes to be with its first category. The call's expected version is
    /// the category's, not the tree's: `decide` looks at it.
    pub async fn change_tree(
        &self,
        scope: &Visibility,
        call: &Call,
        company: CompanyId,
        kind: &'static str,
        decide: impl Fn(&mut CategoryTree) -> Result<Category, FieldRefusal<CategoryRefusal>>,
    ) -> Result<CategoryAnswer, Fault> {
        let mut call = call.clone();
        call.guard.expected_version = None;
        if !reaches(scope, company) || self.companies.get(company).await?.is_none() {
            let unknown =
                at_field("company", CatalogErrorCode::CompanyUnknown, &CategoryRefusal::CompanyUnknown);
            return Ok(Err(vec![unknown]));
        }
        self.make_tree(&call, company).await?;
        let mut fault = None;
        let answer = self
            .trees
            .change(
                scope,
                &company.to_string(),
                &call,
                |_| CatalogError::not_found(),
                |known| {
                    let mut tree = known.state.clone();
                    let category =
                        decide(&mut tree).map_err(|(field, refusal)| vec![refused(field, &refusal)])?;
                    match event(kind, &category) {
                        Ok(event) => {
                            let answer = WrittenCategory { id: category.id, company };
                            Ok(Decided { state: tree, events: vec![event], answer })
                        }
                        Err(cause) => {
                            fault = Some(cause);
                            Err(Vec::new())
                        }
                    }
                },
            )
            .await?;
        fault.map_or(Ok(answer), Err)
    }

    /// An empty tree, unless there is one.
    async fn make_tree(&self, call: &Call, company: CompanyId) -> Result<(), Fault> {
        let view = View::new(&Visibility::everything_for("catalog.write"), Filter::everything());
        if self.trees.get(&view, &company.to_string()).await?.is_none() {
            let mut call = call.clone();
            call.guard.idempotency_key = None;
            let made = Decided { state: CategoryTree::new(company), events: Vec::new(), answer: () };
            // Whoever was faster made the same.
            self.trees.try_create(&call, &made).await?;
        }
        Ok(())
    }
}

fn refused(field: &str, refusal: &CategoryRefusal) -> CatalogError {
    match refusal {
        CategoryRefusal::VersionConflict { current } => CatalogError::version_conflict(*current),
        CategoryRefusal::NotFound => CatalogError::not_found(),
        other => at_field(field, category_code(other), other),
    }
}
