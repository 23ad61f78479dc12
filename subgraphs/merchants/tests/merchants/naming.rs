//! Writes that name their target by its id or by what another system calls it, are sent again, and expect a version
//! or none.

use serde_json::{Value as Json, json};
use souk_kit::testing::Caller;

use crate::market::{Market, codes, company, faults, new_company, new_shop, shop, with};

/// A mutation of the `input` that answers the record of `kind`.
fn mutation(kind: &str, verb: &str) -> String {
    let record = kind.to_lowercase();
    let field = format!("{record}{verb}");
    format!(
        "mutation($input: {kind}{verb}Input!) {{ {field}(input: $input) {{
            {record} {{ id name active version }} userErrors {{ code path }} }} }}"
    )
}

async fn send(caller: &Caller, kind: &str, verb: &str, input: Json) -> Json {
    let reply = caller.send(&mutation(kind, verb), json!({ "input": input })).await;
    assert_eq!(faults(&reply), Vec::<String>::new(), "{kind}{verb}");
    reply
}

#[tokio::test]
async fn a_shop_goes_by_the_reference_of_another_system_within_a_company() {
    let market = Market::open().await;
    let platform = market.platform();
    let till = |company, slug| with(shop(company, slug), json!({ "externalReference": "till-1" }));
    let ours = new_shop(&platform, till(market.bazaar, "ours")).await;
    let theirs = new_shop(&platform, till(market.souq, "theirs")).await;

    let named = json!({ "externalReference": " till-1 ", "name": "Renamed" });
    let reply = send(&market.admin(), "Shop", "Update", named.clone()).await;
    assert_eq!(reply["data"]["shopUpdate"]["shop"]["id"], json!(ours), "the caller's own company: {reply}");
    let of_souq = with(named.clone(), json!({ "company": market.souq }));
    let reply = send(&platform, "Shop", "Update", of_souq.clone()).await;
    assert_eq!(reply["data"]["shopUpdate"]["shop"]["id"], json!(theirs));
    for (verb, active) in [("Deactivate", false), ("Reactivate", true)] {
        let reply = send(&market.admin(), "Shop", verb, json!({ "externalReference": "till-1" })).await;
        let shop = &reply["data"][format!("shop{verb}")]["shop"];
        assert_eq!((&shop["id"], &shop["active"]), (&json!(ours), &json!(active)));
    }

    let refused = async |caller: &Caller, input: Json| {
        send(caller, "Shop", "Update", input).await["data"]["shopUpdate"]["userErrors"].clone()
    };
    let required = |field: &str| json!([{ "code": "REQUIRED", "path": ["input", field] }]);
    assert_eq!(refused(&platform, named).await, required("company"));
    assert_eq!(refused(&platform, json!({ "name": "x" })).await, required("id"));
    let unknown = json!([{ "code": "NOT_FOUND", "path": ["input", "externalReference"] }]);
    assert_eq!(
        refused(&platform, with(of_souq.clone(), json!({ "externalReference": "till-2" }))).await,
        unknown
    );
    assert_eq!(refused(&market.admin(), of_souq).await, unknown, "another tenant's shop");
}

#[tokio::test]
async fn a_company_goes_by_the_reference_of_another_system() {
    let market = Market::open().await;
    let platform = market.platform();
    let id = new_company(&platform, with(company("erp"), json!({ "externalReference": "erp-1" }))).await;
    for (verb, more) in
        [("Update", json!({ "name": "Renamed" })), ("Deactivate", json!({})), ("Reactivate", json!({}))]
    {
        let input = with(json!({ "externalReference": "erp-1" }), more);
        let reply = send(&platform, "Company", verb, input).await;
        assert_eq!(reply["data"][format!("company{verb}")]["company"]["id"], json!(id), "{reply}");
        let reply = send(&platform, "Company", verb, json!({ "externalReference": "erp-2" })).await;
        let refused = json!([{ "code": "NOT_FOUND", "path": ["input", "externalReference"] }]);
        assert_eq!(reply["data"][format!("company{verb}")]["userErrors"], refused);
    }
}

#[tokio::test]
async fn without_an_expected_version_the_last_write_wins() {
    let market = Market::open().await;
    for name in ["First", "Second"] {
        let reply =
            send(&market.admin(), "Shop", "Update", json!({ "id": market.mitte, "name": name })).await;
        assert_eq!(reply["data"]["shopUpdate"]["shop"]["name"], name);
    }
    let late = json!({ "id": market.mitte, "name": "Late", "expectedVersion": 2 });
    assert_eq!(codes(&send(&market.admin(), "Shop", "Update", late).await), ["VERSION_CONFLICT"]);
    let off = send(&market.platform(), "Company", "Deactivate", json!({ "id": market.bazaar })).await;
    assert_eq!(off["data"]["companyDeactivate"]["company"]["active"], false);
}

#[tokio::test]
async fn a_change_that_is_sent_again_takes_effect_once() {
    let market = Market::open().await;
    let (platform, admin) = (market.platform(), market.admin());
    let till = with(shop(market.bazaar, "till"), json!({ "externalReference": "till-1" }));
    let till = new_shop(&admin, till).await;
    for (kind, verb, target) in [
        ("Company", "Update", json!({ "id": market.bazaar, "name": "Once" })),
        ("Company", "Deactivate", json!({ "id": market.souq })),
        ("Company", "Reactivate", json!({ "id": market.souq })),
        ("Shop", "Update", json!({ "id": market.mitte, "name": "Once" })),
        ("Shop", "Deactivate", json!({ "id": market.mitte })),
        ("Shop", "Reactivate", json!({ "id": market.mitte })),
    ] {
        let keyed = with(target, json!({ "idempotencyKey": "k" }));
        let first = send(&platform, kind, verb, keyed.clone()).await;
        assert_eq!(codes(&first), Vec::<String>::new(), "{kind}{verb}");
        assert_eq!(send(&platform, kind, verb, keyed.clone()).await, first, "{kind}{verb}");
        let other = with(keyed, json!({ "expectedVersion": 9 }));
        let other = platform.send(&mutation(kind, verb), json!({ "input": other })).await;
        let field = format!("{}{verb}", kind.to_lowercase());
        assert_eq!(faults(&other), [format!("{field} IDEMPOTENCY_KEY_REUSED")]);
    }
    // Even when the name that the call went by has passed to nothing since.
    let off = json!({ "externalReference": "till-1", "idempotencyKey": "off" });
    let first = send(&admin, "Shop", "Deactivate", off.clone()).await;
    send(&admin, "Shop", "Update", json!({ "id": till, "externalReference": null, "name": "Till" })).await;
    let again = send(&admin, "Shop", "Deactivate", off).await;
    assert_eq!(codes(&first), Vec::<String>::new());
    assert_eq!(again["data"]["shopDeactivate"]["shop"]["id"], json!(till), "{again}");
}
