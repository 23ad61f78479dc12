//! `souk token`: signs an access token with the configured key, or that of the data folder.

use chrono::TimeDelta;
use clap::Args;
use souk_kit::clock::Clock;
use souk_kit::id::UserId;
use souk_kit::principal::{Principal, Role, User};

use crate::config::Config;
use crate::platform::{Directory, Identity};
use crate::runtime;

#[derive(Debug, Args)]
pub(crate) struct Token {
    /// super-admin, company-admin, shop-manager, shop-staff or customer.
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// The company that the bearer belongs to, by its slug; every role but super-admin and customer needs one.
    #[arg(long, value_name = "SLUG")]
    company: Option<String>,
    /// A shop of that company that the bearer works in, by its slug; may be given several times.
    #[arg(long = "shop", value_name = "SLUG", requires = "company")]
    shops: Vec<String>,
    /// Who the bearer is; a new user without it.
    #[arg(long, value_name = "ID")]
    user: Option<UserId>,
    /// OAuth scopes that the token grants, separated by spaces, for graphs that use `@requiresScopes`.
    #[arg(long, value_name = "SCOPES", default_value = "")]
    scope: String,
    /// How long the token holds; `auth.token_minutes` without it.
    #[arg(long, value_name = "N")]
    minutes: Option<u32>,
}

impl Token {
    #[expect(clippy::print_stdout, reason = "the command's answer")]
    pub(crate) fn run(self, config: &Config) -> anyhow::Result<()> {
        println!("{}", runtime()?.block_on(self.sign(config))?);
        Ok(())
    }

    async fn sign(self, config: &Config) -> anyhow::Result<String> {
        let clock = Clock::system();
        let identity = Identity::open(config, &clock)?;
        let needs_company = matches!(self.role, Role::CompanyAdmin | Role::ShopManager | Role::ShopStaff);
        if needs_company && self.company.is_none() {
            anyhow::bail!(
                "the role {} belongs to a company: say which with --company SLUG",
                self.role.as_str()
            );
        }
        let (company, shops) = match &self.company {
            None => (None, Vec::new()),
            Some(slug) => {
                let directory = Directory::open(config, &identity, &clock).await?;
                let company = directory.company(slug).await?;
                (Some(company), directory.shops(company, &self.shops).await?)
            }
        };
        let id = self.user.unwrap_or_else(|| UserId::new(clock.now()));
        let bearer = User { id, role: self.role, company, shops, customer_groups: Vec::new() };
        let minutes = self.minutes.unwrap_or(config.auth.token_minutes);
        identity.sign(&Principal::User(bearer), &self.scope, TimeDelta::minutes(minutes.into()))
    }
}
