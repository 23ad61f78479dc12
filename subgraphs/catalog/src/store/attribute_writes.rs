//! Writing attribute definitions: decisions on the one set of their company.

use souk_kit::call::Call;
use souk_kit::documents::{Decided, Filter, Test, View};
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;

use super::Catalog;
use super::attribute_sets::event;
use super::product_writes::reaches;
use super::products::{ATTRIBUTE, attribute_value};
use crate::domain::attribute::{Attribute, AttributeRefusal, AttributeSet};
use crate::domain::ids::AttributeId;
use crate::error::{CatalogError, CatalogErrorCode, at_field, attribute_code};

impl Catalog {
    /// Changes the attribute set of a company, which comes to be with its first attribute.
    pub async fn change_attributes(
        &self,
        scope: &Visibility,
        call: &Call,
        company: CompanyId,
        kind: &'static str,
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
        let mut fault = None;
        let answer = self
            .attributes
            .change(
                scope,
                &company.to_string(),
                &call,
                |_| CatalogError::not_found(),
                |known| {
                    let mut set = known.state.clone();
                    let answer = decide(&mut set).map_err(|refusal| vec![refused(&refusal)])?;
                    match event(kind, &answer) {
                        Ok(event) => Ok(Decided { state: set, events: vec![event], answer }),
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

    /// Whether products or variants of a company carry values of an attribute.
    pub async fn uses_attribute(&self, company: CompanyId, id: AttributeId) -> Result<bool, Fault> {
        let view = View::new(&Visibility::everything_for("catalog.write"), Filter::everything());
        let set = self.attributes.get(&view, &company.to_string()).await?;
        let Some(code) = set.and_then(|set| set.by_id(id).map(|own| own.code.clone())) else {
            return Ok(false);
        };
        let carried = Filter::Field(ATTRIBUTE.into(), Test::Prefix(attribute_value(&code, "")));
        let own = Filter::Companies(vec![company]).and(carried);
        Ok(!self.products.find(&view, own, 1).await?.is_empty())
    }
}

/// A refusal of a definition, at a field of the input.
pub fn refused(refusal: &AttributeRefusal) -> CatalogError {
    let field = match refusal {
        AttributeRefusal::VersionConflict { current } => return CatalogError::version_conflict(*current),
        AttributeRefusal::NotFound | AttributeRefusal::InUse => "id",
        AttributeRefusal::Choices => "choices",
        AttributeRefusal::Text(_) => "name",
        _ => "code",
    };
    at_field(field, attribute_code(refusal), refusal)
}
