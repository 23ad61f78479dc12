//! What a resolver asks its context for: permission, the caller, the time, its store, its loaders.

use std::sync::Arc;

use async_graphql::{Context, Value, indexmap::IndexMap};

use crate::call::Call;
use crate::clock::{Clock, Timestamp};
use crate::fault::Fault;
use crate::loader::{BatchLoad, Loader, Loaders};
use crate::permission::{Action, Resource, Tenant, Visibility, decide};
use crate::principal::Principal;
use crate::sql::Asked;

/// One request as it reaches a subgraph, whichever way it came. Put into the GraphQL request's data by the
/// [`Subgraph`](crate::subgraph::Subgraph); tests build it by hand.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Who calls, already verified.
    pub principal: Principal,
    /// The one instant at which the whole request happens, so that all its fields agree on what is open.
    pub now: Timestamp,
    /// The id under which logs and events of this request are found.
    pub correlation: String,
    /// The W3C trace context, when there is one.
    pub traceparent: Option<String>,
    /// What tracing systems keep beside it (W3C `tracestate`), when they do.
    pub tracestate: Option<String>,
    /// The languages that the client reads, best first, as BCP 47 tags.
    pub languages: Vec<String>,
    /// What the client says it is (`User-Agent`); it is never kept.
    pub user_agent: Option<String>,
    /// Whether the client asks not to be tracked: `DNT: 1`, or `Sec-GPC: 1` (Global Privacy Control).
    pub do_not_track: bool,
    /// The batch loaders of this request; a clone of the context shares them.
    pub loaders: Arc<Loaders>,
}

impl RequestContext {
    /// A request by `principal` at `now`, with an id of its own.
    #[must_use]
    pub fn new(principal: Principal, now: Timestamp) -> Self {
        Self {
            principal,
            now,
            correlation: crate::id::EventId::new(now).uuid().to_string(),
            traceparent: None,
            tracestate: None,
            languages: Vec::new(),
            user_agent: None,
            do_not_track: false,
            loaders: Arc::default(),
        }
    }
}

/// What resolvers ask [`Context`] for.
pub trait ContextExt<'a> {
    /// Asks the permission matrix; the answer is the filter for the store. `UNAUTHENTICATED` or `FORBIDDEN`
    /// when nothing at all is within reach.
    fn may(&self, action: Action, resource: Resource) -> Result<Visibility, Fault>;

    /// Guards a staff field of a record of `tenant` that the caller may have seen only because it is public:
    /// `FORBIDDEN`, which nulls that field alone, unless the caller reads it by right.
    fn may_see(&self, resource: Resource, tenant: &Tenant) -> Result<(), Fault>;

    /// Guards what only our own parts may call.
    fn only_services(&self) -> Result<Visibility, Fault> {
        self.may(Action::Read, Resource::Internal)
    }

    /// Who calls.
    fn principal(&self) -> &'a Principal;

    /// The instant of the request.
    fn now(&self) -> Timestamp;

    /// The mutation at hand, with its guard: see [`Call`]. Fails on a malformed idempotency key.
    fn call(&self) -> Result<Call, Fault>;

    /// A store that the subgraph was built with.
    fn store<T: Send + Sync + 'static>(&self) -> Result<&'a T, Fault>;

    /// The batch loader `L` of this request for this scope; made on first use.
    fn loader<L: BatchLoad>(&self, scope: &Visibility, make: impl FnOnce() -> L) -> Arc<Loader<L>>;

    /// The languages that the client reads, best first, as BCP 47 tags.
    fn languages(&self) -> &'a [String];

    /// What the client says it is, by its header `User-Agent`. Not to be kept.
    fn user_agent(&self) -> Option<&'a str>;

    /// Whether the client asks not to be tracked: `DNT: 1`, or `Sec-GPC: 1` (Global Privacy Control).
    fn do_not_track(&self) -> bool;

    /// The fields that are asked of the items of the connection at hand, for stores that read no more than those.
    fn asked_of_items(&self) -> Asked;
}

impl<'a> ContextExt<'a> for Context<'a> {
    fn may(&self, action: Action, resource: Resource) -> Result<Visibility, Fault> {
        decide(self.principal(), action, resource)
    }

    fn may_see(&self, resource: Resource, tenant: &Tenant) -> Result<(), Fault> {
        let scope = self.may(Action::Read, resource)?;
        if scope.covers(tenant) {
            Ok(())
        } else if *self.principal() == Principal::Anonymous {
            Err(Fault::unauthenticated("sign in to see this"))
        } else {
            Err(Fault::forbidden())
        }
    }

    fn principal(&self) -> &'a Principal {
        request(self).map_or(&Principal::Anonymous, |request| &request.principal)
    }

    fn now(&self) -> Timestamp {
        request(self).map_or_else(|| Clock::system().now(), |request| request.now)
    }

    fn call(&self) -> Result<Call, Fault> {
        let arguments = self
            .field()
            .arguments()
            .map_err(|error| Fault::bad_input(error.message))?
            .into_iter()
            .collect::<IndexMap<_, _>>();
        let mut call = Call::new(self.principal(), self.field().name(), self.now());
        if let Some(request) = request(self) {
            call.correlation.clone_from(&request.correlation);
            call.traceparent.clone_from(&request.traceparent);
            call.tracestate.clone_from(&request.tracestate);
        }
        call.with_input(&Value::Object(arguments))
    }

    fn store<T: Send + Sync + 'static>(&self) -> Result<&'a T, Fault> {
        self.data_opt::<T>().ok_or_else(|| {
            Fault::broken(format!("the subgraph was built without {}", std::any::type_name::<T>()))
        })
    }

    fn loader<L: BatchLoad>(&self, scope: &Visibility, make: impl FnOnce() -> L) -> Arc<Loader<L>> {
        match request(self) {
            Some(request) => request.loaders.get(scope, make),
            None => Arc::new(Loader::new(make())),
        }
    }

    fn languages(&self) -> &'a [String] {
        request(self).map_or(&[], |request| &request.languages)
    }

    fn user_agent(&self) -> Option<&'a str> {
        request(self).and_then(|request| request.user_agent.as_deref())
    }

    fn do_not_track(&self) -> bool {
        request(self).is_some_and(|request| request.do_not_track)
    }

    fn asked_of_items(&self) -> Asked {
        let mut names = Vec::new();
        for part in self.field().selection_set() {
            match part.name() {
                "nodes" => names.extend(part.selection_set().map(|field| field.name())),
                "edges" => {
                    for node in part.selection_set().filter(|field| field.name() == "node") {
                        names.extend(node.selection_set().map(|field| field.name()));
                    }
                }
                _ => {}
            }
        }
        Asked::of(names)
    }
}

fn request<'a>(ctx: &Context<'a>) -> Option<&'a RequestContext> {
    ctx.data_opt::<RequestContext>()
}
