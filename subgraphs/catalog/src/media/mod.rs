//! Pictures as files: judged by their content, kept in [`Blobs`](souk_kit::blobs::Blobs), cut to the sizes that
//! pages need, served over HTTP. What a product knows of its pictures is the domain's: [`crate::domain::media`].

mod files;
mod original;
mod rendition;
mod routes;

pub(crate) use files::MediaFiles;
pub(crate) use original::inspect;
pub(crate) use routes::routes;
