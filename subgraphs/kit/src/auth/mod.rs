//! Access tokens: who signs them, who verifies them, and what they say. A token is a JWT (RFC 7519) signed
//! with an asymmetric key; whoever has the public keys (RFC 7517) can verify it, and only the key's owner can
//! make one. Every subgraph verifies for itself, because none trusts the network.

mod claims;
mod grant;
mod issuer;
mod jwks;
mod signing_key;
mod verifier;

pub use claims::Claims;
pub use grant::Grant;
pub use issuer::{Issuer, SERVICE_LIFETIME};
pub use jwks::Jwks;
pub use signing_key::SigningKey;
pub use verifier::{Token, Verifier};

#[cfg(test)]
mod tests;
