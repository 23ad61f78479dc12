//! On what a process of ours stands: embedded stores, or the real engines that run here.

/// Settings that name engines, and what keeps this run apart from others on them.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    pub(crate) settings: Vec<(String, String)>,
}

impl Side {
    /// Embedded stores in the data folder.
    pub(crate) fn embedded() -> Self {
        Self { name: "embedded", settings: Vec::new() }
    }

    /// Every engine, under names that no other run has; `None`, said as `skipped: …`, where one is missing.
    pub(crate) fn engines() -> Option<Self> {
        let s3 = reqwest::Url::parse(&souk_stand::s3_url()?).unwrap();
        let mut endpoint = s3.clone();
        endpoint.set_username("").unwrap();
        endpoint.set_password(None).unwrap();
        let run = format!("bench{:x}", souk_kit::clock::Clock::system().now().timestamp_micros());
        let settings = [
            ("POSTGRES__URL", souk_stand::postgres_url()?),
            ("POSTGRES__PREFIX", format!("{run}_")),
            ("MONGODB__URL", souk_stand::mongodb_url()?),
            ("MONGODB__PREFIX", format!("{run}_")),
            ("KAFKA__BROKERS", souk_stand::kafka_brokers()?),
            ("KAFKA__PREFIX", format!("{run}.")),
            ("REDIS__URL", souk_stand::redis_url()?),
            ("REDIS__PREFIX", format!("{run}:")),
            ("ELASTICSEARCH__URL", souk_stand::elasticsearch_url()?),
            ("ELASTICSEARCH__PREFIX", format!("{run}-")),
            ("S3__ENDPOINT", endpoint.as_str().trim_end_matches('/').to_owned()),
            ("S3__ACCESS_KEY", s3.username().to_owned()),
            ("S3__SECRET_KEY", s3.password().unwrap_or_default().to_owned()),
            ("S3__BUCKET", "souk-bench".to_owned()),
            ("S3__PREFIX", format!("{run}/")),
        ];
        let settings = settings.map(|(name, value)| (format!("SOUK_{name}"), value)).into();
        Some(Self { name: "on engines", settings })
    }
}
