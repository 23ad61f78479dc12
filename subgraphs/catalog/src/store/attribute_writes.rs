//! Writing attribute definitions: decisions on the one set of their company.

use souk_kit::call::Call;
use souk_kit::documents::{Decided, Filter, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;

use super::Catalog;
use super::product_writes::reaches;
use crate::domain::attribute::{Attribute, AttributeRefusal, AttributeSet};
use crate::error::{CatalogError, CatalogErrorCode, at_field, attribute_code};

impl Catalog {
    /// Changes the attribute set of a company, which comes to be with its first attribute.
    pub async fn change_attributes(
        &self,
        scope: &Visibility,
        call: &Call,
        company: CompanyId,
        decide: impl Fn(&mut AttributeSet) -> Result<Attribute, AttributeRefusal>,
    ) -> Result<Result<Attribute, Vec<CatalogError>>, Fault> {
        let known = self.companies.get(company).await?;
        if !reaches(scope, company) || known.is_none() {
            let text = "there is no such company".to_owned();
            return Ok(Err(vec![at_field("company", CatalogErrorCode::CompanyUnknown, &text)]));
        }
        let view = View::new(&Visibility::everything_for("catalog.write"), Filter::everything());
        if self.attributes.get(&view, &company.to_string()).await?.is_none() {
            let mut first = call.clone();
            first.guard.idempotency_key = None;
            let made = Decided { state: AttributeSet::new(company), events: Vec::new(), answer: () };
            // Whoever was faster made the same.
            self.attributes.try_create(&first, &made).await?;
        }
        let mut call = call.clone();
        call.guard.expected_version = None;
        self.attributes
            .change(
                scope,
                &company.to_string(),
                &call,
                |_| CatalogError::not_found(),
                |known| {
                    let mut set = known.state.clone();
                    let answer = decide(&mut set).map_err(|refusal| {
                        let field = match refusal {
                            AttributeRefusal::NotFound => "id",
                            AttributeRefusal::Choices => "choices",
                            AttributeRefusal::Text(_) => "name",
                            _ => "code",
                        };
                        vec![at_field(field, attribute_code(&refusal), &refusal)]
                    })?;
                    Ok(Decided { state: set, events: Vec::new(), answer })
                },
            )
            .await
    }
}
