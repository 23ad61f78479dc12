//! Keeps the copy of companies.

use async_trait::async_trait;
use souk_kit::consumer::{Consumer, SqlInbox};
use souk_kit::event::{Envelope, Topic};
use souk_kit::fault::Fault;
use souk_kit::sql::{Sql, Tx};

use crate::facts::CompanyFact;
use crate::store::facts;

/// Keeps the copy of companies.
pub(crate) struct LearnCompanies {
    inbox: SqlInbox,
}

impl LearnCompanies {
    pub(crate) fn new(sql: &Sql) -> Self {
        Self { inbox: SqlInbox::new(sql) }
    }
}

#[async_trait]
impl Consumer for LearnCompanies {
    const NAME: &'static str = "analytics.learn-companies";
    const TOPICS: &'static [Topic] = &[Topic::Company];
    const EVENTS: &'static [&'static str] =
        &["company.created", "company.updated", "company.deactivated", "company.reactivated"];
    type Event = CompanyFact;
    type Inbox = SqlInbox;

    fn inbox(&self) -> &SqlInbox {
        &self.inbox
    }

    async fn handle(&self, tx: &Tx, event: &Envelope<CompanyFact>) -> Result<(), Fault> {
        let fact = CompanyFact { version: event.sequence, ..event.data.clone() };
        facts::learn_company(tx, &fact).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_companies_once_told_is_read_for_ever() {
        let golden = include_str!("../../../merchants/tests/merchants/golden/company.v1.json");
        let event: Envelope<CompanyFact> = serde_json::from_str(golden).unwrap();
        assert!(LearnCompanies::EVENTS.contains(&event.kind.as_str()));
        assert_eq!(event.subject, event.data.id.to_string());
    }
}
