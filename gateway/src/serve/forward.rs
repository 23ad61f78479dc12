//! Which of a request's headers reach subgraphs: those on the allow-list, and the client's address as we know it.

use std::net::IpAddr;

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::client::X_FORWARDED_FOR;
use crate::gateway::BuildError;
use crate::settings::Headers;

/// Headers about one connection or one body: they never fit another.
const NEVER: [HeaderName; 8] =
    [CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// The allow-list.
pub(crate) struct Forwarding(Vec<HeaderName>);

impl Forwarding {
    pub(super) fn new(headers: &Headers) -> Result<Self, BuildError> {
        let refuse = |problem: String| BuildError::Setting { key: "headers.forward", problem };
        let names = headers.forward.iter().map(|text| {
            let name: HeaderName =
                text.parse().map_err(|_invalid| refuse(format!("`{text}` is not a header")))?;
            if NEVER.contains(&name) || name == X_FORWARDED_FOR {
                return Err(refuse(format!("`{name}` cannot be handed on")));
            }
            Ok(name)
        });
        Ok(Self(names.collect::<Result<_, _>>()?))
    }

    /// The headers of `received` that subgraphs get.
    pub(super) fn select(&self, received: &HeaderMap, client: Option<IpAddr>) -> HeaderMap {
        let mut selected = HeaderMap::with_capacity(self.0.len() + 1);
        for name in &self.0 {
            for value in received.get_all(name) {
                selected.append(name.clone(), value.clone());
            }
        }
        let address = client.and_then(|client| HeaderValue::from_str(&client.to_string()).ok());
        if let Some(address) = address {
            selected.insert(X_FORWARDED_FOR, address);
        }
        selected
    }
}
