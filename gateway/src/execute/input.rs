//! What a request brings to a plan: coerced variables, headers, files, and root fields that the gateway answered itself.
use apollo_compiler::response::JsonMap;
use bytes::Bytes;
use http::HeaderMap;

use crate::transport::Upload;

/// A request, without its operation.
#[derive(Debug, Default)]
pub struct Input {
    /// Coerced variables.
    pub variables: Variables,
    /// Headers for subgraphs: already filtered by the allow-list.
    pub headers: HeaderMap,
    /// Values for subgraphs of this process, such as the verified principal.
    pub extensions: http::Extensions,
    /// Files of a multipart request.
    pub uploads: Vec<Upload>,
    /// Root fields that the gateway answers: response key of `__schema` or `__type`, and its JSON.
    pub local_fields: Vec<(String, Bytes)>,
}

/// Coerced variables, each as JSON ready to be copied into a fetch. One without value and default is left out.
#[derive(Debug, Clone, Default)]
pub struct Variables(Vec<(Box<str>, Vec<u8>)>);

impl Variables {
    /// The coerced variables in `map`.
    pub fn new(map: &JsonMap) -> Self {
        let json = |value| serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        Self(map.iter().map(|(name, value)| (name.as_str().into(), json(value))).collect())
    }

    /// The JSON of a variable.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(n, _)| &**n == name).map(|(_, json)| json.as_slice())
    }

    /// Whether a Boolean variable, one of `@skip` or `@include`, is true.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some(b"true")
    }
}
