//! Certificates for engines that speak TLS: an authority that signs nothing else, and what it signs for this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::engine::Missing;
use crate::process::run;

const PACKAGE: &str = "Debian: apt-get install openssl";
/// Days that they hold.
const DAYS: &str = "2";
const SETTINGS: &str = "[req]
distinguished_name = nobody
[nobody]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[machine]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1, DNS:localhost
";

/// What an engine shows who it is by, as files in PEM.
#[derive(Debug)]
pub struct Certificate {
    /// Who signed it: the authority that clients trust.
    pub authority: PathBuf,
    /// Another authority, which has signed nothing.
    pub stranger: PathBuf,
    /// What the engine shows.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// A new authority and a certificate for `127.0.0.1` and `localhost`, in `folder`.
    pub(crate) async fn issue(folder: &Path) -> Result<Self, Missing> {
        let file = |name: &str| folder.join(name);
        let settings = file("certificates.conf");
        fs::write(&settings, SETTINGS)?;
        let request = |name: &str, section: &str| {
            let mut command = Command::new("openssl");
            command.args(["req", "-new", "-x509", "-nodes", "-days", DAYS, "-newkey", "ec"]);
            command.args(["-pkeyopt", "ec_paramgen_curve:P-256", "-extensions", section]);
            command.args(["-subj", &format!("/CN=Souk's tests: {name}")]).arg("-config").arg(&settings);
            command.arg("-out").arg(file(&format!("{name}.pem")));
            command.arg("-keyout").arg(file(&format!("{name}.key")));
            command
        };
        for authority in ["authority", "stranger"] {
            run(request(authority, "authority"), &file(&format!("{authority}.log")), PACKAGE).await?;
        }
        let mut signed = request("machine", "machine");
        signed.arg("-CA").arg(file("authority.pem")).arg("-CAkey").arg(file("authority.key"));
        run(signed, &file("machine.log"), PACKAGE).await?;
        Ok(Self {
            authority: file("authority.pem"),
            stranger: file("stranger.pem"),
            certificate: file("machine.pem"),
            key: file("machine.key"),
        })
    }
}
