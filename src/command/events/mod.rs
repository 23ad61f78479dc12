//! `souk events`: looks at the event log, beside whatever runs on it.

mod dlq;
mod lag;
mod replay;
mod tail;

use std::str::FromStr;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use souk_kit::clock::{Clock, Timestamp};
use souk_kit::event_log::Start;
use souk_kit::fault::Fault;

use crate::config::Config;
use crate::platform::consumers::Known;
use crate::platform::ports;
use crate::runtime;

#[derive(Debug, Args)]
pub(crate) struct Events {
    #[command(subcommand)]
    command: EventsCommand,
}

#[derive(Debug, Subcommand)]
enum EventsCommand {
    /// Print records of the log as lines of JSON.
    Tail(tail::Tail),
    /// Print how many events each consumer has still to take, by topic.
    Lag(lag::Lag),
    /// Have a consumer take events again.
    ///
    /// It goes on from there when it is started; it must not be at work meanwhile, so stop the processes that run it.
    ///
    /// What it has taken and remembers changes nothing when it comes again: nobody is made to forget. So this is for a
    /// consumer whose store was emptied, or put back to an earlier copy, and not for doing over what was done wrongly.
    /// Consumers remember for 30 days what they have taken, `analytics.fold-visits` for 72 hours, and those that keep a
    /// state (of a product, a company, a shop) take nothing that is older than what they have, whenever it comes. What
    /// `analytics.fold-visits`, `analytics.fold-products` and `analytics.fold-shops` took longer ago would count twice, so
    /// they refuse it.
    ///
    /// To do over what was done wrongly: `souk search reindex --from-source`, `souk analytics rebuild`.
    #[command(verbatim_doc_comment)]
    Replay(replay::Replay),
    /// Events that a consumer could not take: it went on without them.
    #[command(subcommand)]
    Dlq(dlq::DeadLetterCommand),
}

impl Events {
    pub(crate) fn run(self, config: &Config) -> anyhow::Result<()> {
        runtime()?.block_on(async {
            let ports = ports::open(config, &Clock::system()).await?;
            let log = &*ports.events;
            if let EventsCommand::Tail(tail) = self.command {
                return tail.run(log).await;
            }
            let known = Known::new(config).await?;
            let told = match self.command {
                EventsCommand::Lag(lag) => lag.answer(log, &known).await,
                EventsCommand::Replay(replay) => replay.answer(&ports, &known).await,
                EventsCommand::Dlq(command) => command.answer(log, &known).await,
                EventsCommand::Tail(_) => Ok(String::new()),
            };
            print(&told?);
            Ok(())
        })
    }
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn print(told: &str) {
    print!("{told}");
}

fn refused(fault: &Fault) -> anyhow::Error {
    anyhow!("the event log: {fault:?}")
}

/// One consumer, or all.
#[derive(Debug, Args)]
struct Of {
    /// A consumer, such as `catalog.learn-companies`; all of them without it.
    #[arg(long, value_name = "NAME")]
    consumer: Option<String>,
}

/// From where records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct From(Start);

impl FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text {
            "beginning" => Start::Beginning,
            "now" => Start::End,
            time => Start::At(
                time.parse::<Timestamp>()
                    .map_err(|_| "take `beginning`, `now` or a time such as 2026-01-31T12:00:00Z")?,
            ),
        }))
    }
}
