//! MongoDB behind `Documents`.

mod contract;
mod likeness;
mod plans;
mod weather;

use std::sync::Arc;

use ::mongodb::Client;
use souk_engines::mongodb::{MongoDb, MongoDbOptions};
use souk_kit::documents::Documents;

/// Databases of one test, under a prefix of their own. [`Place::drop_databases`] takes them away.
struct Place {
    url: String,
    prefix: String,
}

impl Place {
    /// On the server that the environment names; without one the test is skipped.
    fn find() -> Option<Self> {
        souk_stand::mongodb_url().map(Self::on)
    }

    fn on(url: String) -> Self {
        Self { url, prefix: format!("mongo_{}_", uuid::Uuid::new_v4().simple()) }
    }

    async fn deployment(&self) -> MongoDb {
        MongoDb::new(MongoDbOptions::new(&self.url, &self.prefix)).await.unwrap()
    }

    /// An empty engine.
    async fn engine(&self) -> Arc<dyn Documents> {
        let name = uuid::Uuid::new_v4().simple().to_string();
        Arc::new(self.deployment().await.documents(name.get(..8).unwrap()))
    }

    async fn client(&self) -> Client {
        Client::with_uri_str(&self.url).await.unwrap()
    }

    async fn drop_databases(&self) {
        let client = self.client().await;
        for name in client.list_database_names().await.unwrap() {
            if name.starts_with(&self.prefix) {
                client.database(&name).drop().await.unwrap();
            }
        }
    }
}
