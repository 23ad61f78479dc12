//! The two sides that a platform may stand on: embedded stores, or real engines.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// Environment variables of a role.
pub(crate) type Settings = BTreeMap<String, String>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Stores below the data folder.
    Embedded,
    /// PostgreSQL, MongoDB, Kafka, Redis, Elasticsearch and S3, as the environment says where they are.
    Engines,
}

impl Side {
    /// Those that there are here. Missing engines are said as `skipped: …`.
    pub(crate) fn all() -> Vec<Self> {
        let engines = Addresses::of_environment().map(|_| Self::Engines);
        [Some(Self::Embedded), engines].into_iter().flatten().collect()
    }

    /// What makes a role stand on it, apart from all others that do.
    pub(crate) fn settings(self) -> Settings {
        match self {
            Self::Embedded => Settings::new(),
            Self::Engines => {
                let addresses = Addresses::of_environment().unwrap();
                addresses.settings().into_iter().chain(namespace()).collect()
            }
        }
    }
}

/// Where engines are.
pub(crate) struct Addresses {
    pub(crate) postgres: String,
    pub(crate) mongodb: String,
    pub(crate) kafka: String,
    pub(crate) redis: String,
    pub(crate) elasticsearch: String,
    /// With its keys, as `http://ACCESS_KEY:SECRET_KEY@HOST:PORT`.
    pub(crate) s3: String,
}

impl Addresses {
    /// Those that run beside the tests. `None`, said as `skipped: …`, where one is missing.
    pub(crate) fn of_environment() -> Option<Self> {
        Some(Self {
            postgres: souk_stand::postgres_url()?,
            mongodb: souk_stand::mongodb_url()?,
            kafka: souk_stand::kafka_brokers()?,
            redis: souk_stand::redis_url()?,
            elasticsearch: souk_stand::elasticsearch_url()?,
            s3: souk_stand::s3_url()?,
        })
    }

    /// The keys of the configuration that name them.
    pub(crate) fn settings(&self) -> Settings {
        let s3 = reqwest::Url::parse(&self.s3).unwrap();
        let mut endpoint = s3.clone();
        endpoint.set_username("").unwrap();
        endpoint.set_password(None).unwrap();
        let pairs = [
            ("POSTGRES__URL", self.postgres.clone()),
            ("MONGODB__URL", self.mongodb.clone()),
            ("KAFKA__BROKERS", self.kafka.clone()),
            ("REDIS__URL", self.redis.clone()),
            ("ELASTICSEARCH__URL", self.elasticsearch.clone()),
            ("S3__BUCKET", "souk".to_owned()),
            ("S3__ENDPOINT", endpoint.as_str().trim_end_matches('/').to_owned()),
            ("S3__ACCESS_KEY", s3.username().to_owned()),
            ("S3__SECRET_KEY", s3.password().unwrap_or_default().to_owned()),
        ];
        pairs.into_iter().map(|(name, value)| (format!("SOUK_{name}"), value)).collect()
    }
}

/// What keeps a platform apart from all others on the same engines.
pub(crate) fn namespace() -> Settings {
    static PLATFORMS: AtomicU32 = AtomicU32::new(0);
    let name = format!("p{:x}n{}", std::process::id(), PLATFORMS.fetch_add(1, Ordering::Relaxed));
    let of = |engine: &str, end: &str| (format!("SOUK_{engine}__PREFIX"), format!("{name}{end}"));
    Settings::from([
        of("POSTGRES", "_"),
        of("MONGODB", "_"),
        of("KAFKA", "."),
        of("REDIS", ":"),
        of("S3", "/"),
        of("ELASTICSEARCH", "-"),
    ])
}
