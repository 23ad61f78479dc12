//! The key that signs tokens: made once, kept in a file that only its owner reads.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use uuid::Uuid;

/// Why a signing key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The file cannot be read or written.
    #[error("the signing key {path} cannot be read or made")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file is there and holds something else.
    #[error("{path} holds no Ed25519 private key in PKCS #8 PEM form")]
    NoKey {
        /// Which file.
        path: String,
    },
    /// The text is something else.
    #[error("this is no Ed25519 private key in PKCS #8 DER form, encoded in base64")]
    NoEncodedKey,
}

/// An Ed25519 key pair (`EdDSA`, RFC 8037) and the name that tokens and verifiers know it by.
#[derive(Clone)]
pub struct SigningKey {
    pub(super) encoding: Arc<EncodingKey>,
    public: Jwk,
}

impl SigningKey {
    /// The key in `file` (PKCS #8, PEM), made on the first call. Of several processes that start at once, one
    /// makes it and the others read it; a crash leaves a whole key or none.
    ///
    /// # Errors
    /// When the file can neither be read nor made, or holds something else.
    pub fn load_or_make(file: &Path) -> Result<Self, SigningKeyError> {
        let failed = |source| SigningKeyError::File { path: file.display().to_string(), source };
        let pem = match fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(file).map_err(failed)?;
                fs::read_to_string(file)
            }
            other => other,
        };
        Self::read(file, &pem.map_err(failed)?)
    }

    /// The key that `text` holds: PKCS #8 in DER, in base64, as `openssl genpkey -algorithm ed25519 -outform DER | base64`
    /// prints it. So it fits into one environment variable, where several machines must sign with one key.
    ///
    /// # Errors
    /// When the text is something else.
    pub fn decode(text: &str) -> Result<Self, SigningKeyError> {
        let der = BASE64_STANDARD.decode(text.trim()).map_err(|_| SigningKeyError::NoEncodedKey)?;
        let pair = ed25519_dalek::SigningKey::from_pkcs8_der(&der).ok();
        pair.and_then(|pair| Self::of(&pair)).ok_or(SigningKeyError::NoEncodedKey)
    }

    /// The key that `pem`, the text of `file`, holds.
    pub(super) fn read(file: &Path, pem: &str) -> Result<Self, SigningKeyError> {
        Self::from_pem(pem).ok_or_else(|| SigningKeyError::NoKey { path: file.display().to_string() })
    }

    fn from_pem(pem: &str) -> Option<Self> {
        Self::of(&ed25519_dalek::SigningKey::from_pkcs8_pem(pem).ok()?)
    }

    fn of(pair: &ed25519_dalek::SigningKey) -> Option<Self> {
        let der = pair.to_pkcs8_der().ok()?;
        let encoding = EncodingKey::from_ed_der(der.as_bytes());
        let verifying = DecodingKey::from_ed_der(pair.verifying_key().as_bytes());
        let mut public = Jwk::from_decoding_key(&verifying, Some(Algorithm::EdDSA)).ok()?;
        // The thumbprint (RFC 7638) names a key by what it is: two that differ never share a name.
        public.common.key_id = Some(public.thumbprint(ThumbprintHash::SHA256).ok()?);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Some(Self { encoding: Arc::new(encoding), public })
    }

    /// The public half, as `/.well-known/jwks.json` serves it.
    #[must_use]
    pub fn public(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.public.common.key_id.as_deref()
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id().unwrap_or_default())
    }
}

/// Writes a new key beside `file` and links it into place: the link fails when another process was first,
/// and then that one's key counts.
fn make(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let pair = ed25519_dalek::SigningKey::from_bytes(&rand::random());
    let pem = pair.to_pkcs8_pem(LineEnding::LF).map_err(|_| io::Error::other("the key cannot be encoded"))?;
    let draft = file.with_extension(format!("{}.tmp", Uuid::new_v4()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&draft)?;
    out.write_all(pem.as_bytes())?;
    out.sync_all()?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
