//! The mutation `track`: takes what visitors do, and answers once the event log has it. It writes no database, so that
//! it holds up no page.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Object, SimpleObject};
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::event_log::{EventLog, Record};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::key_value::{Bucket, Limits, Taken};
use souk_kit::ports::Ports;
use souk_kit::user_error::UserError;

use super::refusal::{TrackErrorCode, of_event};
use super::track_input::TrackInput;
use crate::domain::bots::is_bot;
use crate::domain::pseudonym::Pseudonym;
use crate::domain::visit::{self, Consent, LARGEST_BATCH, Visit};
use crate::events;
use crate::facts::Facts;
use crate::salts::Salts;

/// What one visitor may send: a browser does a few things a second at most, and sends more when it was offline.
const OF_VISITOR: Bucket = Bucket { capacity: 500, refill: Duration::from_millis(200) };
/// What all visitors of a company may send together: so that one flooded storefront does not fill the log of all.
const OF_COMPANY: Bucket = Bucket { capacity: 100_000, refill: Duration::from_micros(100) };
/// How long the log may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a client is told that is to try again.
const AWAY: &str = "the events could not be taken now: send them again, with the same ids";

/// What `track` stands on.
pub(crate) struct Tracking {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) limits: Limits,
    pub(crate) salts: Salts,
}

impl Tracking {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self {
            log: Arc::clone(&ports.events),
            limits: ports.limits.clone(),
            salts: Salts::new(Arc::clone(&ports.sessions)),
        }
    }
}

#[derive(Default)]
pub(crate) struct Track;

/// What became of the events.
#[derive(Debug, SimpleObject)]
pub(crate) struct TrackPayload {
    /// How many were taken. They are safe now, and counted in a moment; those that came before count once.
    accepted: i32,
    /// How many were left out because a program and no person has sent them, by its `User-Agent`.
    dropped: i32,
    /// What is wrong with those that were not taken; the others were.
    user_errors: Vec<UserError<TrackErrorCode>>,
}

#[Object]
impl Track {
    /// Tells what a visitor of a storefront did. Open to everybody.
    ///
    /// No address and no `User-Agent` is kept. Events may be sent again after an error, `UNAVAILABLE` among them: their
    /// ids make each count once. One visitor may send 500 events at once and 5 a second after that, more are
    /// `LIMIT_EXCEEDED`.
    async fn track(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who did what.")] input: TrackInput,
    ) -> Result<Option<TrackPayload>, Fault> {
        let tracking = ctx.store::<Tracking>()?;
        let count = input.events.len();
        if count > LARGEST_BATCH {
            let many = UserError::new(TrackErrorCode::TooMany, "at most 100 events are taken at once");
            return Ok(Some(refused(many.at(["input", "events"]))));
        }
        if is_bot(ctx.user_agent()) {
            let dropped = i32::try_from(count).unwrap_or(i32::MAX);
            return Ok(Some(TrackPayload { accepted: 0, dropped, user_errors: Vec::new() }));
        }
        let (company, shop) = match place(ctx.store::<Facts>()?, &input).await? {
            Ok(place) => place,
            Err(unknown) => return Ok(Some(refused(unknown))),
        };
        let may_tell_apart = input.consent && !ctx.do_not_track();
        let consent = if may_tell_apart { Consent::Given } else { Consent::Withheld };
        let visitor = match input.visitor.as_deref().filter(|_| may_tell_apart).map(visit::visitor) {
            None => None,
            Some(Ok(visitor)) => Some(visitor.to_owned()),
            Some(Err(reason)) => {
                let wrong = UserError::new(reason.into(), reason.to_string());
                return Ok(Some(refused(wrong.at(["input", "visitor"]))));
            }
        };
        let now = ctx.now();
        // What the limit goes by is written down, too.
        let limited = pseudonym(tracking, company, visitor.as_deref(), now, now).await?;
        limit(tracking, company, limited, count).await?;

        let mut user_errors = Vec::new();
        let mut records: Vec<Record> = Vec::with_capacity(count);
        for (n, event) in input.events.into_iter().enumerate() {
            let checked = event.claim().and_then(|claim| {
                let at = claim.occurred_at;
                claim.check(company, now, consent).map(|(id, what)| (id, at, what))
            });
            match checked {
                Err((path, reason)) => user_errors.push(of_event(n, path, reason)),
                Ok((id, at, what)) => {
                    let visitor = pseudonym(tracking, company, visitor.as_deref(), at, now).await?;
                    let visit = Visit { company, shop, visitor, at, received: now, what };
                    records.push(events::visit(id, &visit)?);
                }
            }
        }
        let accepted = i32::try_from(records.len()).unwrap_or(i32::MAX);
        append(tracking, records).await?;
        Ok(Some(TrackPayload { accepted, dropped: 0, user_errors }))
    }
}

fn refused(error: UserError<TrackErrorCode>) -> TrackPayload {
    TrackPayload { accepted: 0, dropped: 0, user_errors: vec![error] }
}

/// The company and the shop of it, when both are active; otherwise which of them is not there.
async fn place(
    facts: &Facts,
    input: &TrackInput,
) -> Result<Result<(CompanyId, Option<ShopId>), UserError<TrackErrorCode>>, Fault> {
    let unknown = |what: &'static str| Err(UserError::not_found().at(["input", what]));
    let company = match input.company.get() {
        Some(id) => facts.company(id).await?.filter(|company| company.active),
        None => None,
    };
    let Some(company) = company else { return Ok(unknown("company")) };
    let Some(shop) = input.shop else { return Ok(Ok((company.id, None))) };
    let shop = match shop.get() {
        Some(id) => facts.shop(id).await?.filter(|shop| shop.active && shop.company == company.id),
        None => None,
    };
    Ok(match shop {
        Some(shop) => Ok((company.id, Some(shop.id))),
        None => unknown("shop"),
    })
}

/// `LIMIT_EXCEEDED` when too much comes from one visitor, or for one company. Who is not told from others shares the
/// company's measure alone: addresses are the gateway's to limit.
async fn limit(
    tracking: &Tracking,
    company: CompanyId,
    visitor: Option<Pseudonym>,
    count: usize,
) -> Result<(), Fault> {
    let tokens = u32::try_from(count).unwrap_or(u32::MAX);
    let of_visitor = visitor.map(|visitor| (format!("track:{company}:{visitor}"), OF_VISITOR));
    for (key, bucket) in of_visitor.into_iter().chain([(format!("track:{company}"), OF_COMPANY)]) {
        if let Taken::No { .. } = tracking.limits.take(&key, bucket, tokens).await? {
            return Err(Fault::limit("too many events: send fewer, and these later"));
        }
    }
    Ok(())
}

async fn pseudonym(
    tracking: &Tracking,
    company: CompanyId,
    visitor: Option<&str>,
    at: Timestamp,
    now: Timestamp,
) -> Result<Option<Pseudonym>, Fault> {
    let Some(visitor) = visitor else { return Ok(None) };
    let salt = tracking.salts.of(company, at, now).await?;
    Ok(Some(Pseudonym::of(visitor, company, &salt)))
}

#[derive(Debug, thiserror::Error)]
enum NotTaken {
    #[error("the event log did not take them: {0}")]
    Refused(String),
    #[error("the event log did not acknowledge them in time")]
    Late,
}

/// Answers once the log has acknowledged the records.
async fn append(tracking: &Tracking, records: Vec<Record>) -> Result<(), Fault> {
    if records.is_empty() {
        return Ok(());
    }
    match tokio::time::timeout(PATIENCE, tracking.log.append(records)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(fault)) => Err(Fault::unavailable(AWAY, NotTaken::Refused(format!("{fault:?}")))),
        Err(_) => Err(Fault::unavailable(AWAY, NotTaken::Late)),
    }
}
