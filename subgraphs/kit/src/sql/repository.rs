//! `Repository`: how a relational store loads and saves one kind of aggregate, and the only way to write it.

use sea_orm::DbErr;

use super::bounded::Tx;
use super::database::Sql;
use super::{idempotency, locks, outbox};
use crate::aggregate::{Aggregate, Denied, Happened, Outcome, Written};
use crate::call::Call;
use crate::event::{AnyEnvelope, Told};
use crate::fault::Fault;
use crate::id::Id;
use crate::idempotency::StoredAnswer;
use crate::permission::Visibility;
use crate::user_error::{ErrorCode, Refusal, UserError};

type CodeOf<R> = <<R as Repository>::Aggregate as Aggregate>::Code;

/// A relational store of one kind of aggregate. It says how rows are read and written; `change` and `create`
/// come with it and are the only way to write.
///
/// ```text
/// let outcome = ctx.store::<Shops>()?
///     .change(&scope, &ctx.call()?, input.id, |shop| shop.rename(input.name))
///     .await?;
/// ```
#[async_trait::async_trait]
pub trait Repository: Send + Sync + Sized {
    /// What it keeps.
    type Aggregate: Aggregate;

    /// Where it keeps it.
    fn sql(&self) -> &Sql;

    /// The aggregate, or `None` when it does not exist or `scope` hides it.
    async fn load(
        &self,
        tx: &Tx,
        scope: &Visibility,
        id: Id<<Self::Aggregate as Aggregate>::Kind>,
    ) -> Result<Option<Self::Aggregate>, Fault>;

    /// Writes the rows of a new aggregate.
    async fn insert(&self, tx: &Tx, new: &Self::Aggregate) -> Result<(), Denied<CodeOf<Self>>>;

    /// Writes the rows of an aggregate that changed, where the stored version is one less than its own.
    async fn update(&self, tx: &Tx, changed: &Self::Aggregate) -> Result<(), Denied<CodeOf<Self>>>;

    /// Deletes the rows of an aggregate. Most are archived instead: what is in use must stay readable.
    async fn delete(&self, _tx: &Tx, gone: &Self::Aggregate) -> Result<(), Denied<CodeOf<Self>>> {
        Err(Fault::broken(format!("{} cannot be deleted", gone.id())).into())
    }

    /// Changes one aggregate: loads it within `scope`, checks the call's guard, runs `decide`, and saves the
    /// rows, the event and the outcome in one transaction. `decide` must be pure: what it needs to know it is
    /// given, and its answer is all that it does.
    ///
    /// Refusals (not found, another version, `decide`'s own) are the outcome's `user_errors`. Faults are for
    /// everything else, `IDEMPOTENCY_KEY_REUSED` and `IDEMPOTENCY_IN_PROGRESS` among them.
    async fn change<F, E, R>(
        &self,
        scope: &Visibility,
        call: &Call,
        id: Id<<Self::Aggregate as Aggregate>::Kind>,
        decide: F,
    ) -> Result<Outcome<Self::Aggregate>, Fault>
    where
        F: FnOnce(&mut Self::Aggregate) -> Result<E, R> + Send,
        E: Into<Happened>,
        R: Into<Refusal<CodeOf<Self>>>,
    {
        let _claim = self.sql().running().claim(call)?;
        let tx = self.sql().begin().await?;
        if let Some(earlier) = earlier(&tx, call).await? {
            return replay(self, &tx, scope, earlier).await;
        }
        locks::aggregate(&tx, &id.to_string()).await?;
        let attempt = match self.load(&tx, scope, id).await?.filter(|found| scope.covers(&found.tenant())) {
            None => Err(UserError::not_found().into()),
            Some(found) => match changed(found, call, decide) {
                Err(refusal) => Err(refusal.into()),
                Ok((changed, happened)) if !scope.covers(&changed.tenant()) => {
                    tracing::debug!(
                        ?happened,
                        "a change would move {} out of the caller's reach",
                        changed.id()
                    );
                    return Err(Fault::forbidden());
                }
                Ok((changed, happened)) => save(self, &tx, call, (changed, happened), Write::Update).await,
            },
        };
        conclude(self, tx, call, attempt).await
    }

    /// Makes one aggregate: checks the idempotency key, runs `decide`, and saves as [`Repository::change`] does.
    /// `FORBIDDEN` when the new one would lie outside `scope`.
    async fn create<F, E, R>(
        &self,
        scope: &Visibility,
        call: &Call,
        decide: F,
    ) -> Result<Outcome<Self::Aggregate>, Fault>
    where
        F: FnOnce() -> Result<(Self::Aggregate, E), R> + Send,
        E: Into<Happened>,
        R: Into<Refusal<CodeOf<Self>>>,
    {
        let _claim = self.sql().running().claim(call)?;
        let tx = self.sql().begin().await?;
        if let Some(earlier) = earlier(&tx, call).await? {
            return replay(self, &tx, scope, earlier).await;
        }
        let decided = decide().map(|(new, happened)| (new, happened.into())).map_err(Into::into);
        let attempt = match decided {
            Err(refusal) => Err(Denied::Refused(refusal)),
            Ok((new, _)) if !scope.covers(&new.tenant()) => return Err(Fault::forbidden()),
            Ok((mut new, happened)) => {
                new.set_version(1);
                save(self, &tx, call, (new, happened), Write::Insert).await
            }
        };
        conclude(self, tx, call, attempt).await
    }
}

/// The outcome of the earlier call with the same key. When there is none, the key is this call's until `tx` ends.
async fn earlier<C: ErrorCode>(
    tx: &Tx,
    call: &Call,
) -> Result<Option<StoredAnswer<Written, Vec<UserError<C>>>>, Fault> {
    let earlier = idempotency::find(tx, call).await?;
    if earlier.is_some() || !locks::key(tx, call).await? {
        return Ok(earlier);
    }
    // Another process may have committed it before the key was free.
    idempotency::find(tx, call).await
}

#[derive(Debug, Clone, Copy)]
enum Write {
    Insert,
    Update,
}

/// Writes rows and event, or nothing at all.
async fn save<R: Repository>(
    repository: &R,
    tx: &Tx,
    call: &Call,
    (aggregate, happened): (R::Aggregate, Happened),
    write: Write,
) -> Result<R::Aggregate, Denied<CodeOf<R>>> {
    let Some(kind) = happened.event else { return Ok(aggregate) };
    // A savepoint: what a refused write did must go, and the outcome must still be stored beside it.
    let step = tx.begin().await?;
    match write {
        Write::Update if happened.removes => repository.delete(&step, &aggregate).await?,
        Write::Update => repository.update(&step, &aggregate).await?,
        Write::Insert => repository.insert(&step, &aggregate).await?,
    }
    let told = Told {
        source: format!("/souk/{}", repository.sql().name()),
        kind,
        subject: aggregate.id().to_string(),
        company: aggregate.tenant().company,
        sequence: aggregate.version(),
        schema_version: R::Aggregate::EVENT_VERSION,
        data: aggregate.event_data()?,
    };
    let event = AnyEnvelope::caused_by(call, told);
    outbox::append(&step, R::Aggregate::TOPIC, &event).await?;
    step.commit().await?;
    Ok(aggregate)
}

/// Stores the outcome beside its effect and commits both.
async fn conclude<R: Repository>(
    repository: &R,
    tx: Tx,
    call: &Call,
    attempt: Result<R::Aggregate, Denied<CodeOf<R>>>,
) -> Result<Outcome<R::Aggregate>, Fault> {
    let sql = repository.sql();
    let outcome = match attempt {
        Ok(aggregate) => {
            let done: StoredAnswer<_, ()> = StoredAnswer::Done(Written::of(&aggregate));
            idempotency::remember(sql, &tx, call, &done).await?;
            Outcome::of(aggregate)
        }
        Err(Denied::Refused(refusal)) => {
            let refused: StoredAnswer<(), _> = StoredAnswer::Refused(&refusal.0);
            idempotency::remember(sql, &tx, call, &refused).await?;
            Outcome::refused(refusal)
        }
        Err(Denied::Fault(fault)) => {
            // At once, so that whoever tries again finds no lock of this call. A lost connection has none anyway.
            drop(tx.rollback().await);
            return Err(fault);
        }
    };
    tx.commit().await?;
    sql.tell_written();
    Ok(outcome)
}

/// Answers an earlier outcome again, over the aggregate as it is now.
async fn replay<R: Repository>(
    repository: &R,
    tx: &Tx,
    scope: &Visibility,
    earlier: StoredAnswer<Written, Vec<UserError<CodeOf<R>>>>,
) -> Result<Outcome<R::Aggregate>, Fault> {
    let (aggregate, user_errors) = match earlier {
        StoredAnswer::Done(written) => {
            (repository.load(tx, scope, written.id.parse().map_err(Fault::internal)?).await?, Vec::new())
        }
        StoredAnswer::Refused(refusals) => (None, refusals),
    };
    Ok(Outcome { aggregate, user_errors, replayed: true })
}

/// Checks the expected version and decides, on a copy that has the next version.
fn changed<A, F, E, R>(found: A, call: &Call, decide: F) -> Result<(A, Happened), Refusal<A::Code>>
where
    A: Aggregate,
    F: FnOnce(&mut A) -> Result<E, R>,
    E: Into<Happened>,
    R: Into<Refusal<A::Code>>,
{
    let current = found.version();
    call.guard.check_version(current)?;
    let mut changed = found;
    let happened = decide(&mut changed).map_err(Into::into)?.into();
    changed.set_version(if happened.event.is_some() { current + 1 } else { current });
    Ok((changed, happened))
}

/// Turns a violated unique constraint into a refusal; other errors stay faults. `column` is a column of the
/// constraint, or a part of its name, that tells it from the table's others on either engine.
pub fn unique_violation<C: ErrorCode>(error: DbErr, column: &str, refusal: UserError<C>) -> Denied<C> {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(message)) if message.contains(column) => {
            refusal.into()
        }
        _ => error.into(),
    }
}
