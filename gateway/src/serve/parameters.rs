//! A request's parameters, from a JSON body or from a query string (GraphQL over HTTP, "Request Parameters").

use apollo_compiler::response::JsonMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Code, GraphqlError};

/// What a well-formed request says.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: JsonMap,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'a> {
    #[serde(borrow)]
    query: Option<&'a RawValue>,
    #[serde(borrow)]
    operation_name: Option<&'a RawValue>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    #[serde(borrow)]
    extensions: Option<&'a RawValue>,
}

impl Parameters {
    /// From a JSON body. Entries that the specification does not know are ignored, as it asks.
    pub(super) fn from_json(body: &[u8]) -> Result<Self, GraphqlError> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            Some(b'{') => {}
            Some(b'[') => {
                return Err(malformed(
                    "Several operations in one request are not supported: send one request each.",
                ));
            }
            Some(_) => return Err(malformed("The body must be a JSON object.")),
            None => return Err(malformed("The body must be a JSON object, but it is empty.")),
        }
        let text = std::str::from_utf8(body).map_err(|_invalid| malformed("The body is not UTF-8."))?;
        let raw: Raw<'_> = serde_json::from_str(text)
            .map_err(|fault| malformed(format!("The body is not valid JSON: {fault}.")))?;
        let query = parse::<Option<String>>(raw.query, "query", "a string")?.flatten();
        let _unused = parse::<Option<JsonMap>>(raw.extensions, "extensions", "an object")?;
        Ok(Self {
            query: query.ok_or_else(|| malformed("The request must have a `query`."))?,
            operation_name: name(
                parse::<Option<String>>(raw.operation_name, "operationName", "a string")?.flatten(),
            ),
            variables: parse::<Option<JsonMap>>(raw.variables, "variables", "an object")?
                .flatten()
                .unwrap_or_default(),
        })
    }

    /// From a URL's query string; `variables` and `extensions` are JSON in it.
    pub(super) fn from_query_string(text: &str) -> Result<Self, GraphqlError> {
        let (mut query, mut operation_name, mut variables) = (None, None, None);
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let is_repeated = match &*key {
                "query" => query.replace(value).is_some(),
                "operationName" => operation_name.replace(value).is_some(),
                "variables" => variables.replace(json_object(&value, "variables")?).is_some(),
                "extensions" => {
                    json_object(&value, "extensions")?;
                    false
                }
                _ => false,
            };
            if is_repeated {
                return Err(malformed(format!("`{key}` is given more than once.")));
            }
        }
        let query = query.ok_or_else(|| malformed("The request must have a `query`."))?;
        Ok(Self {
            query: query.into_owned(),
            operation_name: name(operation_name.map(std::borrow::Cow::into_owned)),
            variables: variables.unwrap_or_default(),
        })
    }
}

/// "Setting the value of the operationName parameter to the empty string is equivalent to omitting" it.
fn name(given: Option<String>) -> Option<String> {
    given.filter(|name| !name.is_empty())
}

fn parse<T: for<'de> Deserialize<'de>>(
    raw: Option<&RawValue>,
    parameter: &str,
    expected: &str,
) -> Result<Option<T>, GraphqlError> {
    let Some(raw) = raw else { return Ok(None) };
    let refuse = |_fault| malformed(format!("`{parameter}` must be {expected}."));
    serde_json::from_str(raw.get()).map(Some).map_err(refuse)
}

fn json_object(text: &str, parameter: &str) -> Result<JsonMap, GraphqlError> {
    if text.is_empty() {
        return Ok(JsonMap::new());
    }
    let parsed: Result<Option<JsonMap>, _> = serde_json::from_str(text);
    parsed
        .map(Option::unwrap_or_default)
        .map_err(|_fault| malformed(format!("`{parameter}` must be a JSON object.")))
}

pub(super) fn malformed(message: impl Into<String>) -> GraphqlError {
    GraphqlError::new(Code::BadRequest, message)
}
