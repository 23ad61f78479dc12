//! Pictures over HTTP: `/media/{company}/{media}/original.jpg` and `/media/{company}/{media}/640.webp`.
//!
//! A picture's id never stands for other bytes, so answers may be kept for ever. Whoever has the address sees the
//! picture: it holds an id that cannot be guessed, and pages of shops are public.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::TryStreamExt;
use souk_kit::blobs::Blob;
use souk_kit::id::CompanyId;

use super::files::{FOR_EVER, MediaFiles};
use crate::domain::ids::MediaId;
use crate::domain::media::{Extent, Format};

/// The routes, to be merged into whatever serves this subgraph.
pub(crate) fn routes(files: MediaFiles) -> Router {
    Router::new().route("/media/{company}/{media}/{file}", get(picture)).with_state(files)
}

async fn picture(
    State(files): State<MediaFiles>,
    Path((company, media, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let ids = (company.parse::<CompanyId>(), media.parse::<MediaId>());
    let (Ok(company), Ok(media), Some((stem, extension))) = (ids.0, ids.1, file.split_once('.')) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(format) = Format::from_extension(extension) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let folder = MediaFiles::folder(company, media);
    let found = match Extent::named(stem) {
        Some(extent) => files.rendition(&folder, extent, format).await,
        None if stem == "original" => files.file(&folder, &file).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(blob)) => answer(blob, format, &headers),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(fault) => {
            tracing::error!(cause = ?fault, "a picture cannot be served: {fault:?}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn answer(blob: Blob, format: Format, headers: &HeaderMap) -> Response {
    let tag = blob.etag.map(|tag| format!("\"{tag}\""));
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let unchanged = known.zip(tag.as_deref()).is_some_and(|(known, tag)| {
        known
            .split(',')
            .any(|known| matches!(known.trim(), "*") || known.trim().trim_start_matches("W/") == tag)
    });
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content = blob.content.map_err(|fault| std::io::Error::other(fault.text().to_owned()));
        let headers =
            [(CONTENT_TYPE, format.media_type().to_owned()), (CONTENT_LENGTH, blob.size.to_string())];
        (headers, Body::from_stream(content)).into_response()
    };
    let always = [
        (CACHE_CONTROL, Some(FOR_EVER.to_owned())),
        (ETAG, tag),
        (X_CONTENT_TYPE_OPTIONS, Some("nosniff".to_owned())),
    ];
    for (name, value) in always {
        if let Some(value) = value.and_then(|value| value.parse().ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::Request;
    use souk_kit::blobs::Blobs;
    use souk_kit::clock::Timestamp;
    use tower::ServiceExt;

    use super::super::original::tests::picture as drawn;
    use super::*;
    use crate::media::inspect;

    struct Setting {
        routes: Router,
        folder: String,
        _store: tempfile::TempDir,
    }

    async fn setting() -> Setting {
        let store = tempfile::tempdir().unwrap();
        let files = MediaFiles::new(Blobs::folder(store.path()).unwrap());
        let (company, media) = (CompanyId::new(Timestamp::UNIX_EPOCH), MediaId::new(Timestamp::UNIX_EPOCH));
        files.keep(company, media, Format::Png, drawn(Format::Png, 500, 250).into()).await.unwrap();
        Setting { routes: routes(files), folder: format!("/media/{company}/{media}"), _store: store }
    }

    async fn ask(setting: &Setting, path: &str, tag: Option<&str>) -> Response {
        let mut request = Request::get(format!("{}{path}", setting.folder));
        if let Some(tag) = tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        setting.routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_rendition_is_served_with_its_type_and_may_be_kept() {
        let setting = setting().await;
        for _made_and_then_cached in 0..2 {
            let response = ask(&setting, "/128.webp", None).await;
            assert_eq!(response.headers()[CONTENT_TYPE], "image/webp");
            assert_eq!(response.headers()[CACHE_CONTROL], FOR_EVER);
            let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let found = inspect(&bytes).unwrap();
            assert_eq!((found.format, found.width, found.height), (Format::Webp, 128, 64));
        }
    }

    #[tokio::test]
    async fn the_original_is_coded_anew_at_its_own_width() {
        let setting = setting().await;
        let response = ask(&setting, "/full.jpg", None).await;
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let found = inspect(&bytes).unwrap();
        assert_eq!((found.format, found.width, found.height), (Format::Jpeg, 500, 250));
    }

    #[tokio::test]
    async fn who_has_the_picture_is_told_so() {
        let setting = setting().await;
        let first = ask(&setting, "/original.png", None).await;
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[ETAG].to_str().unwrap().to_owned();
        assert_eq!(ask(&setting, "/original.png", Some(&tag)).await.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(ask(&setting, "/original.png", Some("\"other\"")).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        let setting = setting().await;
        for path in [
            "/original.jpg",
            "/129.webp",
            "/500.webp",
            "/77777.webp",
            "/0128.webp",
            "/128.gif",
            "/x.png",
            "/..",
            "/128",
            "/4294967296.png",
        ] {
            assert_eq!(ask(&setting, path, None).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let stranger = MediaId::new(Timestamp::UNIX_EPOCH);
        let elsewhere = setting.folder.rsplit_once('/').unwrap().0;
        let request = Request::get(format!("{elsewhere}/{stranger}/128.webp")).body(Body::empty()).unwrap();
        assert_eq!(setting.routes.clone().oneshot(request).await.unwrap().status(), StatusCode::NOT_FOUND);
    }
}
