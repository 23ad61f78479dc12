//! How a Kafka cluster is reached, and what its topics are like.

use std::path::PathBuf;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use souk_kit::fault::Fault;

/// How a Kafka cluster is reached, and what its topics are like.
#[derive(Clone)]
pub struct KafkaOptions {
    /// `HOST:PORT` of some brokers, separated by commas.
    pub brokers: String,
    /// Stands before the names of topics and groups.
    pub prefix: String,
    /// Of each topic of events that is made.
    pub partitions: u16,
    /// How many brokers keep each partition of a topic that is made.
    pub replication: u16,
    /// How long each event is kept at least; for ever without.
    pub retention: Option<Duration>,
    /// How the brokers and we know each other.
    pub security: Security,
}

/// How the brokers and we know each other.
#[derive(Clone, Default)]
pub struct Security {
    /// `plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`; empty means the first.
    pub protocol: String,
    /// `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`; for the protocols with `sasl`.
    pub mechanism: String,
    /// The name that we sign in by.
    pub user: String,
    /// Its password.
    pub password: String,
    /// Who signs the brokers' certificates, in PEM; the system's authorities without.
    pub ca_file: Option<PathBuf>,
}

impl KafkaOptions {
    /// A topic or a group as the cluster knows it.
    pub(super) fn name(&self, ours: &str) -> String {
        format!("{}{ours}", self.prefix)
    }

    /// What every connection needs.
    pub(super) fn client(&self) -> Result<ClientConfig, Fault> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "souk")
            .set("broker.address.family", "any")
            .set("socket.keepalive.enable", "true")
            .set("reconnect.backoff.ms", "100")
            .set("reconnect.backoff.max.ms", "2000")
            .set("topic.metadata.refresh.interval.ms", "10000")
            .set_log_level(RDKafkaLogLevel::Notice);
        self.security.apply(&mut config)?;
        Ok(config)
    }
}

impl Security {
    fn apply(&self, config: &mut ClientConfig) -> Result<(), Fault> {
        let protocol = if self.protocol.is_empty() { "plaintext" } else { self.protocol.as_str() };
        let (encrypted, signs_in) = match protocol {
            "plaintext" => (false, false),
            "ssl" => (true, false),
            "sasl_plaintext" => (false, true),
            "sasl_ssl" => (true, true),
            other => {
                let known = "plaintext, ssl, sasl_plaintext or sasl_ssl";
                return Err(Fault::bad_input(format!("`kafka.security_protocol` is {known}, not `{other}`")));
            }
        };
        config.set("security.protocol", protocol);
        if encrypted {
            needs_tls(&format!("`kafka.security_protocol = \"{protocol}\"`"))?;
            if let Some(file) = self.ca_file.as_deref().filter(|file| !file.is_file()) {
                return Err(Fault::bad_input(format!("`kafka.ca_file`: {} is no file", file.display())));
            }
            // OpenSSL that is linked in does not know where the system keeps them: `probe` looks in the usual places.
            let authorities = self.ca_file.as_ref().map_or("probe".into(), |file| file.to_string_lossy());
            config.set("ssl.ca.location", authorities);
        }
        if signs_in {
            match self.mechanism.as_str() {
                "PLAIN" => {}
                "SCRAM-SHA-256" | "SCRAM-SHA-512" => {
                    needs_tls(&format!("`kafka.sasl_mechanism = \"{}\"`", self.mechanism))?;
                }
                other => {
                    let known = "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512";
                    return Err(Fault::bad_input(format!(
                        "`kafka.sasl_mechanism` is {known}, not `{other}`"
                    )));
                }
            }
            config
                .set("sasl.mechanism", &self.mechanism)
                .set("sasl.username", &self.user)
                .set("sasl.password", &self.password);
        }
        Ok(())
    }
}

/// OpenSSL does the encryption, and the hashes of SCRAM.
fn needs_tls(what: &str) -> Result<(), Fault> {
    if cfg!(feature = "kafka-tls") {
        return Ok(());
    }
    Err(Fault::bad_input(format!("{what} needs a build with the feature `kafka-tls`")))
}

impl std::fmt::Debug for KafkaOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaOptions")
            .field("brokers", &self.brokers)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Security {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Security").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(protocol: &str, mechanism: &str) -> Option<String> {
        let security =
            Security { protocol: protocol.into(), mechanism: mechanism.into(), ..Security::default() };
        security.apply(&mut ClientConfig::new()).err().map(|fault| fault.text().to_owned())
    }

    #[test]
    fn what_a_build_cannot_do_is_refused_with_what_to_mend() {
        assert_eq!(refusal("", ""), None);
        assert_eq!(refusal("sasl_plaintext", "PLAIN"), None);
        assert!(refusal("tls", "").is_some_and(|text| text.contains("not `tls`")));
        assert!(refusal("sasl_plaintext", "").is_some_and(|text| text.contains("sasl_mechanism")));
        for (protocol, mechanism) in [("ssl", ""), ("sasl_ssl", "PLAIN"), ("sasl_plaintext", "SCRAM-SHA-512")]
        {
            let refused = refusal(protocol, mechanism);
            assert_eq!(refused.is_none(), cfg!(feature = "kafka-tls"), "{protocol} {mechanism}");
            assert!(refused.is_none_or(|text| text.contains("kafka-tls")));
        }
    }
}
