//! The public keys that verify tokens: of our own key, of a file, or of a URL that is asked again when an
//! unknown key turns up.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use super::signing_key::SigningKey;
use crate::fault::Fault;

/// After asking a URL it is left alone for this long, so that tokens with made-up keys cannot flood it.
const PAUSE: Duration = Duration::from_secs(5);
/// Known keys are asked for again after this long, so that a withdrawn one ceases to count.
const STALE: Duration = Duration::from_mins(5);
const TIME_OUT: Duration = Duration::from_secs(5);
const AWAY: &str = "the keys that verify tokens cannot be read";

/// No answer of the origin has come yet.
#[derive(Debug, thiserror::Error)]
#[error("no keys were read yet")]
struct NeverRead;

/// A set of public keys by their ids.
#[derive(Debug, Clone)]
pub struct Jwks(Arc<Source>);

#[derive(Debug)]
struct Source {
    origin: Origin,
    keys: ArcSwap<Keys>,
    /// When the keys were last read.
    read: ArcSwapOption<Instant>,
    /// When the origin was last asked; locked while it is.
    asked: Arc<Mutex<Option<Instant>>>,
}

#[derive(Debug)]
enum Origin {
    Given,
    File(PathBuf),
    SigningKey(PathBuf),
    Url { url: String, client: reqwest::Client },
}

type Keys = HashMap<String, Arc<PublicKey>>;

#[derive(Debug)]
pub(super) struct PublicKey {
    pub(super) decoding: DecodingKey,
    pub(super) algorithm: Algorithm,
}

impl Jwks {
    /// Keys that are known already and never change.
    #[must_use]
    pub fn given(set: &JwkSet) -> Self {
        Self::new(Origin::Given, usable(set))
    }

    /// The keys of a file or, when `place` starts with `http://` or `https://`, of a URL. Nothing is read
    /// before the first token comes, so that parts of a deployment may start in any order.
    ///
    /// # Errors
    /// `INTERNAL` when no HTTP client can be made.
    pub fn at(place: &str) -> Result<Self, Fault> {
        let origin = if place.starts_with("http://") || place.starts_with("https://") {
            let client =
                reqwest::Client::builder().timeout(TIME_OUT).no_proxy().build().map_err(Fault::internal)?;
            Origin::Url { url: place.to_owned(), client }
        } else {
            Origin::File(PathBuf::from(place))
        };
        Ok(Self::new(origin, Keys::new()))
    }

    /// The public half of the key that a [`SigningKey`] file holds, once somebody has made it.
    #[must_use]
    pub fn of_signing_key(file: &Path) -> Self {
        Self::new(Origin::SigningKey(file.to_owned()), Keys::new())
    }

    fn new(origin: Origin, keys: Keys) -> Self {
        Self(Arc::new(Source {
            origin,
            keys: ArcSwap::from_pointee(keys),
            read: ArcSwapOption::empty(),
            asked: Arc::default(),
        }))
    }

    /// The key called `id`. A known key is answered at once, and stale keys are read again behind the answer: they go
    /// on to count while the origin does not answer. Only who brings an unknown key waits for the origin.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the key is unknown because no keys were read yet.
    pub(super) async fn find(&self, id: &str) -> Result<Option<Arc<PublicKey>>, Fault> {
        let source = &self.0;
        if matches!(source.origin, Origin::Given) {
            return Ok(source.known(id));
        }
        if let Some(key) = source.known(id) {
            if source.read.load().as_deref().is_none_or(|read| read.elapsed() >= STALE)
                && let Ok(asked) = Arc::clone(&source.asked).try_lock_owned()
            {
                tokio::spawn(Arc::clone(source).refresh(asked));
            }
            return Ok(Some(key));
        }
        let asked = Arc::clone(&source.asked).lock_owned().await;
        if let Some(key) = source.known(id) {
            return Ok(Some(key));
        }
        // In a task of its own: a caller who goes away must not leave the reading half done.
        tokio::spawn(Arc::clone(source).refresh(asked)).await.map_err(Fault::internal)?;
        match source.known(id) {
            None if source.read.load().is_none() => Err(Fault::unavailable(AWAY, NeverRead)),
            key => Ok(key),
        }
    }
}

impl Source {
    /// Reads the keys, unless the origin was asked a moment ago.
    async fn refresh(self: Arc<Self>, mut asked: OwnedMutexGuard<Option<Instant>>) {
        if asked.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        *asked = Some(Instant::now());
        match self.origin.read().await {
            Ok(set) => {
                self.keys.store(Arc::new(usable(&set)));
                self.read.store(Some(Arc::new(Instant::now())));
            }
            Err(fault) => {
                tracing::warn!(cause = ?fault, "the public keys of tokens cannot be read: {fault:?}");
            }
        }
    }

    fn known(&self, id: &str) -> Option<Arc<PublicKey>> {
        self.keys.load().get(id).cloned()
    }
}

impl Origin {
    async fn read(&self) -> Result<JwkSet, Fault> {
        match self {
            Self::Given => Ok(JwkSet { keys: Vec::new() }),
            Self::File(path) => {
                let text = tokio::fs::read(path).await.map_err(|error| Fault::unavailable(AWAY, error))?;
                serde_json::from_slice(&text).map_err(|error| Fault::unavailable(AWAY, error))
            }
            Self::SigningKey(path) => {
                let pem = match tokio::fs::read_to_string(path).await {
                    // Nobody has signed anything yet.
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        return Ok(JwkSet { keys: Vec::new() });
                    }
                    pem => pem.map_err(|error| Fault::unavailable(AWAY, error))?,
                };
                let key = SigningKey::read(path, &pem).map_err(|error| Fault::unavailable(AWAY, error))?;
                Ok(key.public())
            }
            Self::Url { url, client } => {
                let away = |error: reqwest::Error| Fault::unavailable(AWAY, error);
                let response =
                    client.get(url).send().await.map_err(away)?.error_for_status().map_err(away)?;
                response.json().await.map_err(away)
            }
        }
    }
}

/// The keys that can verify a signature: named and asymmetric. A shared secret among them would let whoever
/// reads the document sign.
fn usable(set: &JwkSet) -> Keys {
    set.keys.iter().filter_map(|key| Some((key.common.key_id.clone()?, Arc::new(public(key)?)))).collect()
}

fn public(key: &Jwk) -> Option<PublicKey> {
    let algorithm = match (&key.algorithm, key.common.key_algorithm) {
        (AlgorithmParameters::OctetKey(_), _) => return None,
        (_, Some(named)) => Algorithm::try_from(named).ok()?,
        (AlgorithmParameters::OctetKeyPair(_), None) => Algorithm::EdDSA,
        (AlgorithmParameters::EllipticCurve(_), None) => Algorithm::ES256,
        _ => Algorithm::RS256,
    };
    let decoding = DecodingKey::from_jwk(key).ok()?;
    let whole =
        algorithm != Algorithm::EdDSA || decoding.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == 32);
    whole.then_some(PublicKey { decoding, algorithm })
}
