//! Which other sites' scripts may read our answers (the Fetch standard, "CORS protocol").

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::gateway::BuildError;
use crate::settings::Cors;

/// The layer that answers preflights and marks answers; none when no origin is admitted.
pub(super) fn layer(cors: &Cors) -> Result<Option<CorsLayer>, BuildError> {
    if cors.origins.is_empty() {
        return Ok(None);
    }
    let layer = CorsLayer::new()
        .allow_origin(origins(cors)?)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([HeaderName::from_static("x-request-id")])
        .allow_credentials(cors.credentials)
        .max_age(Duration::from_secs(cors.max_age_seconds));
    Ok(Some(layer))
}

fn origins(cors: &Cors) -> Result<AllowOrigin, BuildError> {
    let refuse = |problem: String| BuildError::Setting { key: "cors.origins", problem };
    if cors.origins.iter().any(|origin| origin == "*") {
        if cors.credentials {
            return Err(refuse("`*` cannot be combined with `credentials`".to_owned()));
        }
        return Ok(AllowOrigin::any());
    }
    let origins = cors.origins.iter().map(|origin| {
        let is_origin =
            origin.split_once("://").is_some_and(|(_, host)| !host.is_empty() && !host.contains('/'));
        let value = HeaderValue::from_str(origin).ok().filter(|_| is_origin);
        value.ok_or_else(|| refuse(format!("`{origin}` is not an origin such as `https://shop.example`")))
    });
    Ok(AllowOrigin::list(origins.collect::<Result<Vec<_>, _>>()?))
}
