//! The port's contract.

use souk_kit::documents::contract;

use super::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mongodb_keeps_the_contract_of_documents() {
    let Some(place) = Place::find() else { return };
    contract::documents(|| place.engine()).await.unwrap();
    place.drop_databases().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_replicas_prepare_a_collection_at_once() {
    let Some(place) = Place::find() else { return };
    let deployments = futures::future::join_all((0..10).map(|_| place.deployment())).await;
    let engines: Vec<_> = deployments.iter().map(|one| one.documents("shared")).collect();
    for prepared in futures::future::join_all(engines.iter().map(|one| {
        use souk_kit::documents::Documents;
        one.prepare("replicas")
    }))
    .await
    {
        prepared.unwrap();
    }
    let database = place.client().await.database(&format!("{}shared", place.prefix));
    let mut names = database.collection::<()>("replicas").list_index_names().await.unwrap();
    names.sort();
    assert_eq!(names, ["_id_", "company_values", "keys", "order", "outcomes", "pending", "values"]);
    place.drop_databases().await;
}
