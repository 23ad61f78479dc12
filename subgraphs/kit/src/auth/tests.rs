//! Tokens that hold and, by table, those that do not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use http::{HeaderMap, HeaderValue};

use super::*;
use crate::clock::{Clock, Timestamp};
use crate::fault::Code;
use crate::id::{ApiKeyId, CompanyId, ShopId, UserId};
use crate::principal::{ApiKey, Principal, Role, User};

struct Setting {
    key: SigningKey,
    clock: Clock,
    _folder: tempfile::TempDir,
}

impl Setting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::load_or_make(&folder.path().join("keys/signing.pem")).unwrap();
        let clock = Clock::fixed(Timestamp::from_timestamp(1_800_000_000, 0).unwrap());
        Self { key, clock, _folder: folder }
    }

    fn issuer(&self, iss: &str, aud: &str) -> Issuer {
        Issuer::new(self.key.clone(), iss, aud, self.clock.clone())
    }

    fn token(&self, principal: &Principal) -> String {
        self.issuer("souk", "souk").sign(principal, "", TimeDelta::hours(1)).unwrap()
    }

    fn verifier(&self) -> Verifier {
        Verifier::new(Jwks::given(&self.key.public()), "souk", "souk", self.clock.clone())
    }
}

fn admin() -> Principal {
    let now = Timestamp::UNIX_EPOCH;
    let (id, company) = (UserId::new(now), CompanyId::new(now));
    Principal::User(User {
        id,
        role: Role::CompanyAdmin,
        company: Some(company),
        shops: vec![ShopId::new(now)],
        customer_groups: vec!["trade".to_owned()],
    })
}

#[tokio::test]
async fn every_kind_of_principal_survives_its_token() {
    let setting = Setting::new();
    let now = Timestamp::UNIX_EPOCH;
    let (id, company) = (ApiKeyId::new(now), CompanyId::new(now));
    let key = Principal::ApiKey(ApiKey { id, role: Role::ShopStaff, company, shops: Vec::new() });
    for principal in [admin(), key, Principal::service("catalog")] {
        assert_eq!(setting.verifier().verify(&setting.token(&principal)).await.unwrap(), principal);
    }
}

/// A token of some issuer that knows nothing of our principals.
fn foreign(setting: &Setting, claims: &serde_json::Value) -> String {
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
    header.kid = setting.key.id().map(str::to_owned);
    jsonwebtoken::encode(&header, claims, &setting.key.encoding).unwrap()
}

#[tokio::test]
async fn a_token_of_any_issuer_grants_its_scopes_and_policies() {
    let setting = Setting::new();
    let keys = Jwks::given(&setting.key.public());
    let verifier = Verifier::of_any(keys, "https://login.example/", "shop", setting.clock.clone());
    let now = setting.clock.now().timestamp();
    let token = |change: serde_json::Value| {
        let mut claims = serde_json::json!({
            "iss": "https://login.example/", "aud": ["other", "shop"], "sub": "auth0|7", "exp": now + 60, "role": 3,
        });
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        foreign(&setting, &claims)
    };
    for (claims, scopes, policies) in [
        (serde_json::json!({}), &[][..], &[][..]),
        (serde_json::json!({ "scope": " a  b ", "policies": ["adult"] }), &["a", "b"], &["adult"]),
        (serde_json::json!({ "scp": ["a b", "c"], "policies": "p q" }), &["a b", "c"], &["p", "q"]),
        (serde_json::json!({ "scope": 7, "policies": { "p": true }, "iat": now }), &[], &[]),
    ] {
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {}", token(claims));
        headers.insert("authorization", HeaderValue::from_str(&bearer).unwrap());
        let grant = verifier.bearer(&headers).await.unwrap().unwrap();
        assert_eq!(
            (grant.subject.as_str(), grant.scopes, grant.policies),
            (
                "auth0|7",
                scopes.iter().map(ToString::to_string).collect(),
                policies.iter().map(ToString::to_string).collect(),
            )
        );
    }
    for (claims, why) in [
        (serde_json::json!({ "exp": now - 60 }), "expired"),
        (serde_json::json!({ "nbf": now + 60 }), "not yet"),
        (serde_json::json!({ "exp": null }), "endless"),
        (serde_json::json!({ "aud": "other" }), "for others"),
        (serde_json::json!({ "iss": "https://evil.example/" }), "of others"),
        (serde_json::json!({ "sub": null }), "about nobody"),
    ] {
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {}", token(claims));
        headers.insert("authorization", HeaderValue::from_str(&bearer).unwrap());
        let fault = verifier.bearer(&headers).await.unwrap_err();
        assert_eq!(fault.code(), Code::Unauthenticated, "{why}");
    }
    assert_eq!(verifier.bearer(&HeaderMap::new()).await.unwrap(), None);
}

#[tokio::test]
async fn a_signing_key_verifies_as_soon_as_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("signing.pem");
    let setting = Setting::new();
    let verifier = || Verifier::new(Jwks::of_signing_key(&file), "souk", "souk", setting.clock.clone());
    let fault = verifier().verify(&setting.token(&admin())).await.unwrap_err();
    assert_eq!(fault.code(), Code::Unauthenticated, "a key that nobody made has signed nothing");
    let key = SigningKey::load_or_make(&file).unwrap();
    let issuer = Issuer::new(key, "souk", "souk", setting.clock.clone());
    let catalog = Principal::service("catalog");
    let token = issuer.sign(&catalog, "", TimeDelta::hours(1)).unwrap();
    assert_eq!(verifier().verify(&token).await.unwrap(), catalog);
}

/// A token that says of itself that it is a `typ`, with these claims beside those of an admin.
fn signed(setting: &Setting, typ: Option<&str>, change: serde_json::Value) -> String {
    let now = setting.clock.now().timestamp();
    let mut claims = serde_json::to_value(Claims::of(&admin()).unwrap()).unwrap();
    let common = serde_json::json!({ "iss": "souk", "aud": "souk", "iat": now, "exp": now + 60, "jti": "1" });
    for more in [common, change] {
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
    header.kid = setting.key.id().map(str::to_owned);
    header.typ = typ.map(str::to_owned);
    jsonwebtoken::encode(&header, &claims, &setting.key.encoding).unwrap()
}

#[tokio::test]
async fn only_what_may_be_an_access_token_is_taken_for_one() {
    let setting = Setting::new();
    for (typ, holds) in [
        (None, true),
        (Some("at+jwt"), true),
        (Some("AT+JWT"), true),
        (Some("application/at+jwt"), true),
        (Some("JWT"), true),
        (Some("jwt"), true),
        (Some(""), false),
        (Some("dpop+jwt"), false),
        (Some("logout+jwt"), false),
        (Some("application/jwt"), false),
        (Some("at+jwt "), false),
    ] {
        let verified = setting.verifier().verify(&signed(&setting, typ, serde_json::json!({}))).await;
        assert_eq!(verified.is_ok(), holds, "{typ:?}");
    }
}

#[tokio::test]
async fn a_token_holds_from_its_beginning_to_its_end_give_or_take_five_seconds() {
    let setting = Setting::new();
    let now = setting.clock.now().timestamp();
    for (claims, why) in [
        (serde_json::json!({ "nbf": now }), None),
        (serde_json::json!({ "nbf": now + 5 }), None),
        (serde_json::json!({ "nbf": now + 6 }), Some("the token does not hold yet")),
        (serde_json::json!({ "nbf": i64::MAX }), Some("the token does not hold yet")),
        (serde_json::json!({ "nbf": now - 60, "iat": now + 6 }), Some("the token does not hold yet")),
        (serde_json::json!({ "iat": now + 5 }), None),
        (serde_json::json!({ "exp": now - 4 }), None),
        (serde_json::json!({ "exp": now - 5 }), Some("the token has expired")),
        (serde_json::json!({ "nbf": "soon" }), Some("the token does not hold")),
    ] {
        let verified = setting.verifier().verify(&signed(&setting, None, claims.clone())).await;
        assert_eq!(verified.err().map(|fault| fault.text().to_owned()).as_deref(), why, "{claims}");
    }
}

/// The platform's own key speaks for services, and one that is trusted beside it for users alone, by whatever name.
#[tokio::test]
async fn nobody_but_the_platform_speaks_for_its_services() {
    let (own, other) = (Setting::new(), Setting::new());
    let keys = |setting: &Setting| Jwks::given(&setting.key.public());
    let both = jsonwebtoken::jwk::JwkSet { keys: [own.key.public().keys, other.key.public().keys].concat() };
    let (user, service) = (admin(), Principal::service("catalog"));
    let upper = Principal::service("Catalog");
    for (verifier, accepted) in [
        // The platform issues all tokens.
        (Verifier::new(keys(&own), "souk", "souk", own.clock.clone()), [true, true, false, false]),
        // Another one issues those of users.
        (
            Verifier::new(keys(&other), "souk", "souk", own.clock.clone()).with_services(keys(&own)),
            [false, true, true, false],
        ),
        // Both do, and the other one's set has our key in it, as anybody's may.
        (
            Verifier::new(Jwks::given(&both), "souk", "souk", own.clock.clone()).with_services(keys(&own)),
            [true, true, true, false],
        ),
    ] {
        for service in [&service, &upper] {
            let tokens = [own.token(&user), own.token(service), other.token(&user), other.token(service)];
            for (token, accepted) in tokens.iter().zip(accepted) {
                assert_eq!(verifier.verify(token).await.is_ok(), accepted);
            }
        }
    }
    // One that has another key under our key's name is found out by the signature.
    let mut claims = serde_json::json!({ "sub": "service:catalog" });
    claims["role"] = serde_json::Value::Null;
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
    header.kid = own.key.id().map(str::to_owned);
    let now = own.clock.now().timestamp();
    let more = serde_json::json!({ "iss": "souk", "aud": "souk", "iat": now, "exp": now + 60, "jti": "1" });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let forged = jsonwebtoken::encode(&header, &claims, &other.key.encoding).unwrap();
    let verifier = Verifier::new(keys(&other), "souk", "souk", own.clock.clone()).with_services(keys(&own));
    assert!(verifier.verify(&forged).await.is_err());
    assert_eq!(verifier.verify(&signed(&own, None, claims)).await.unwrap(), service);
}

#[tokio::test]
async fn tokens_that_do_not_hold_are_refused() {
    let setting = Setting::new();
    let good = setting.token(&admin());
    let mut parts: Vec<_> = good.split('.').map(str::to_owned).collect();
    let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), parts[1]);
    let symmetric = {
        let header = URL_SAFE_NO_PAD.decode(&parts[0]).unwrap();
        let header = String::from_utf8(header).unwrap().replace("EdDSA", "HS256");
        format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), parts[1], parts[2])
    };
    let promoted = {
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(&parts[1]).unwrap()).unwrap();
        parts[1] = URL_SAFE_NO_PAD.encode(claims.replace("company_admin", "super_admin"));
        parts.join(".")
    };
    let other_key = Setting::new().token(&admin());
    let other_issuer = setting.issuer("elsewhere", "souk").sign(&admin(), "", TimeDelta::hours(1)).unwrap();
    let other_audience = setting.issuer("souk", "elsewhere").sign(&admin(), "", TimeDelta::hours(1)).unwrap();
    let expired = setting.issuer("souk", "souk").sign(&admin(), "", TimeDelta::seconds(-6)).unwrap();
    let long = "a".repeat(100_000);
    for token in [
        "",
        "x",
        "a.b.c",
        &unsigned,
        &symmetric,
        &promoted,
        &other_key,
        &other_issuer,
        &other_audience,
        &expired,
        &long,
    ] {
        let fault = setting.verifier().verify(token).await.unwrap_err();
        assert_eq!(fault.code(), Code::Unauthenticated, "{token}");
    }
    assert!(setting.verifier().verify(&good).await.is_ok());
}

#[tokio::test]
async fn a_token_that_was_verified_once_still_expires() {
    let setting = Setting::new();
    let (token, verifier) = (setting.token(&admin()), setting.verifier());
    verifier.verify(&token).await.unwrap();
    setting.clock.advance(TimeDelta::minutes(61));
    assert_eq!(verifier.verify(&token).await.unwrap_err().text(), "the token has expired");
}

#[tokio::test]
async fn claims_that_do_not_fit_each_other_are_refused() {
    let setting = Setting::new();
    let now = Timestamp::UNIX_EPOCH;
    let homeless = Principal::User(User {
        id: UserId::new(now),
        role: Role::ShopManager,
        company: None,
        shops: Vec::new(),
        customer_groups: Vec::new(),
    });
    let (id, company) = (ApiKeyId::new(now), CompanyId::new(now));
    let almighty = Principal::ApiKey(ApiKey { id, role: Role::SuperAdmin, company, shops: Vec::new() });
    for principal in [homeless, almighty] {
        let fault = setting.verifier().verify(&setting.token(&principal)).await.unwrap_err();
        assert_eq!(fault.code(), Code::Unauthenticated);
    }
}

#[tokio::test]
async fn no_header_is_anonymous_and_a_bad_one_is_refused() {
    let setting = Setting::new();
    let verifier = setting.verifier();
    let mut headers = HeaderMap::new();
    assert_eq!(verifier.caller(&headers).await.unwrap(), Principal::Anonymous);
    headers.insert(
        "authorization",
        HeaderValue::from_str(&format!("bearer {}", setting.token(&admin()))).unwrap(),
    );
    assert_ne!(verifier.caller(&headers).await.unwrap(), Principal::Anonymous);
    for bad in ["Bearer", "Bearer ", "Basic dXNlcg==", "nonsense"] {
        headers.insert("authorization", HeaderValue::from_static(bad));
        assert_eq!(verifier.caller(&headers).await.unwrap_err().code(), Code::Unauthenticated, "{bad}");
    }
}

#[tokio::test]
async fn keys_of_a_file_are_read_when_the_first_token_comes_and_again_when_a_key_is_new() {
    let setting = Setting::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    let verifier =
        Verifier::new(Jwks::at(file.to_str().unwrap()).unwrap(), "souk", "souk", setting.clock.clone());
    let token = setting.token(&admin());
    for _ in 0..2 {
        let fault = verifier.verify(&token).await.unwrap_err();
        assert_eq!(
            fault.code(),
            Code::Unavailable,
            "the second within the pause is no reason to sign out either"
        );
    }
    std::fs::write(&file, serde_json::to_string(&setting.key.public()).unwrap()).unwrap();
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(6)).await;
    assert!(verifier.verify(&token).await.is_ok());
}

/// An origin whose first answer has the keys and whose later ones never come.
async fn stuck_after_one(keys: String) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            if kept.is_empty() {
                let _ = socket.read(&mut [0; 4096]).await.unwrap();
                let head =
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", keys.len());
                socket.write_all((head + &keys).as_bytes()).await.unwrap();
            }
            kept.push(socket);
        }
    });
    url
}

#[tokio::test]
async fn made_up_keys_hold_nobody_up_whose_key_is_known() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let setting = Setting::new();
    let url = stuck_after_one(serde_json::to_string(&setting.key.public()).unwrap()).await;
    let keys = Jwks::at(&url).unwrap();
    let verifier = || Verifier::new(keys.clone(), "souk", "souk", setting.clock.clone());
    verifier().verify(&setting.token(&admin())).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5_100)).await;
    let (stranger, made_up) = (verifier(), Setting::new().token(&admin()));
    let waiting = tokio::spawn(async move { stranger.verify(&made_up).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let known = verifier();
    let token = setting.token(&admin());
    let soon = tokio::time::timeout(std::time::Duration::from_secs(1), known.verify(&token)).await;
    soon.expect("a known key waits for no one").unwrap();
    assert!(!waiting.is_finished());
    assert_eq!(waiting.await.unwrap().unwrap_err().code(), Code::Unauthenticated);
}

#[test]
fn all_who_start_at_once_get_the_same_key_and_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("signing.pem");
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| SigningKey::load_or_make(&file).unwrap().public())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(made.iter().all(|set| *set == made[0]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(SigningKey::load_or_make(folder.path()).is_err());
}
