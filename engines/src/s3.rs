//! The port `Blobs` on a store of S3's protocol: AWS, or another at an address of its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::signer::Signer;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use reqwest::{Method, StatusCode};
use souk_kit::blobs::Blobs;
use souk_kit::fault::Fault;

const AWAY: &str = "the store of files does not answer";
const CONNECTING: Duration = Duration::from_secs(2);
/// How long the store may be silent before an answer and within it; a part of an upload, which has 5 MB, is sent in this
/// time, too.
const PATIENCE: Duration = Duration::from_secs(30);
const RETRIES: usize = 3;
/// How long a request is tried again at most: whoever asks waits for it.
const TRYING: Duration = Duration::from_secs(10);
/// The region in which AWS makes buckets that say nothing of one.
const HOME: &str = "us-east-1";

/// Where a bucket is, and who may use it.
#[derive(Clone)]
pub struct S3Options {
    /// The bucket's name.
    pub bucket: String,
    /// Stands before every key; may be empty.
    pub prefix: String,
    /// `http://HOST:PORT` of a store that is not that of AWS; otherwise empty.
    pub endpoint: String,
    /// Such as `eu-central-1`.
    pub region: String,
    /// With an empty one, AWS is asked who this machine is.
    pub access_key: String,
    /// The secret that belongs to it.
    pub secret_key: String,
}

/// A bucket.
#[derive(Debug, Clone)]
pub struct S3 {
    store: AmazonS3,
    client: reqwest::Client,
    options: Arc<S3Options>,
}

impl S3 {
    /// The bucket that `options` describe. Nothing is asked yet.
    ///
    /// # Errors
    /// `INTERNAL` when they describe none.
    pub fn new(options: S3Options) -> Result<Self, Fault> {
        Self::patient(options, PATIENCE)
    }

    fn patient(options: S3Options, patience: Duration) -> Result<Self, Fault> {
        // A download takes as long as its bytes go on coming.
        let client = ClientOptions::new()
            .with_connect_timeout(CONNECTING)
            .with_read_timeout(patience)
            .with_timeout_disabled();
        let backoff = BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&options.bucket)
            .with_region(&options.region)
            .with_client_options(client.with_allow_http(options.endpoint.starts_with("http://")))
            .with_retry(RetryConfig { backoff, max_retries: RETRIES, retry_timeout: TRYING });
        if !options.endpoint.is_empty() {
            builder = builder.with_endpoint(&options.endpoint);
        }
        if !options.access_key.is_empty() {
            builder = builder.with_access_key_id(&options.access_key);
            builder = builder.with_secret_access_key(&options.secret_key);
        }
        let store = builder.build().map_err(Fault::internal)?;
        let client = reqwest::Client::builder().connect_timeout(CONNECTING).timeout(PATIENCE);
        let client = client.build().map_err(Fault::internal)?;
        Ok(Self { store, client, options: Arc::new(options) })
    }

    /// The blobs in it.
    #[must_use]
    pub fn blobs(&self) -> Blobs {
        Blobs::signed(self.store.clone(), &self.options.prefix)
    }

    /// Whether it answers; a bucket that is not there is made.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it may answer later, `INTERNAL` when it refuses us.
    pub async fn ready(&self) -> Result<(), Fault> {
        match self.ask(Method::HEAD, String::new()).await? {
            StatusCode::NOT_FOUND => self.make().await,
            status if status.is_success() => Ok(()),
            status => Err(self.refused("is not ours to use", status)),
        }
    }

    async fn make(&self) -> Result<(), Fault> {
        let (bucket, region) = (&self.options.bucket, &self.options.region);
        let place = match self.options.endpoint.is_empty() && region != HOME {
            false => String::new(),
            true => format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        match self.ask(Method::PUT, place).await? {
            // Another replica may have been quicker.
            StatusCode::CONFLICT => Ok(()),
            status if status.is_success() => {
                tracing::info!(bucket, "the bucket {bucket} was made");
                Ok(())
            }
            status => Err(self.refused("is not there and cannot be made", status)),
        }
    }

    /// Asks something of the bucket as a whole, of which the library knows nothing.
    async fn ask(&self, method: Method, body: String) -> Result<StatusCode, Fault> {
        let address = self.store.signed_url(method.clone(), &Path::default(), PATIENCE).await;
        let request = self.client.request(method, address.map_err(Fault::internal)?).body(body);
        let answer = request.send().await.map_err(|error| Fault::unavailable(AWAY, error.without_url()))?;
        Ok(answer.status())
    }

    fn refused(&self, what: &str, status: StatusCode) -> Fault {
        let cause = std::io::Error::other(format!("the bucket {} {what}: {status}", self.options.bucket));
        match status.is_client_error() || status.is_redirection() {
            true => Fault::internal(cause),
            false => Fault::unavailable(AWAY, cause),
        }
    }
}

impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, prefix, endpoint, region, .. } = self;
        write!(f, "S3Options({bucket:?}, {prefix:?}, {endpoint:?}, {region:?})")
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use souk_kit::blobs::Blob;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const BRIEF: Duration = Duration::from_secs(2);
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\netag: \"1\"\r\n\
        last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nconnection: close\r\n\r\n";

    /// A store that answers whatever it is asked with some of six bytes, a pause before each, and then is silent.
    async fn store_of(bytes: usize, pause: Duration) -> S3 {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let _ = socket.read(&mut [0; 8192]).await;
                socket.write_all(HEAD.as_bytes()).await.unwrap();
                for _ in 0..bytes {
                    tokio::time::sleep(pause).await;
                    let _ = socket.write_all(b"7").await;
                }
                silent.push(socket);
            }
        });
        let (access_key, secret_key) = ("key".to_owned(), "secret".to_owned());
        let (bucket, prefix, region) = ("bucket".to_owned(), String::new(), HOME.to_owned());
        let options = S3Options { bucket, prefix, endpoint, region, access_key, secret_key };
        S3::patient(options, BRIEF).unwrap()
    }

    async fn downloaded(s3: &S3) -> Result<Vec<u8>, Fault> {
        let blob: Blob = s3.blobs().get(&"front.webp".parse().unwrap()).await?.unwrap();
        blob.content
            .try_fold(Vec::new(), |mut all, some| async move {
                all.extend(some);
                Ok(all)
            })
            .await
    }

    #[tokio::test]
    async fn a_download_takes_as_long_as_its_bytes_go_on_coming() {
        let s3 = store_of(6, BRIEF / 4).await;
        assert_eq!(downloaded(&s3).await.unwrap(), b"777777");
    }

    #[tokio::test]
    async fn a_store_that_falls_silent_within_a_download_is_given_up() {
        let s3 = store_of(3, Duration::ZERO).await;
        let given_up = tokio::time::timeout(BRIEF * 20, downloaded(&s3)).await.unwrap();
        assert!(given_up.unwrap_err().is_transient());
    }
}
