//! The fetches on their way: starts what may start and hands back replies; nothing else in the executor waits.
use std::{collections::VecDeque, future::Future, pin::Pin};

use futures::stream::{FuturesUnordered, StreamExt as _};

use super::{
    input::Input,
    request::{Asked, request},
    store::Store,
};
use crate::{
    plan::{
        schedule::{Task, TaskId},
        steps::Route,
    },
    transport::{SubgraphResponse, Subgraphs, TransportError},
};

type Reply = Result<SubgraphResponse, TransportError>;
type Landing<'a> = Pin<Box<dyn Future<Output = (TaskId, Asked, Reply)> + Send + 'a>>;

/// The fetches of one run.
pub(super) struct Flight<'a> {
    pub(super) route: &'a Route,
    input: &'a Input,
    subgraphs: &'a Subgraphs,
    /// For each task, how many it still waits for.
    waits: Vec<u16>,
    ready: VecDeque<TaskId>,
    under_way: FuturesUnordered<Landing<'a>>,
}

impl<'a> Flight<'a> {
    pub(super) fn new(route: &'a Route, input: &'a Input, subgraphs: &'a Subgraphs) -> Self {
        let waits: Vec<u16> = route.schedule.tasks.iter().map(|task| task.waits_for).collect();
        let ready =
            (0..).map(TaskId).zip(&waits).filter(|(_, waits)| **waits == 0).map(|(id, _)| id).collect();
        Self { route, input, subgraphs, waits, ready, under_way: FuturesUnordered::new() }
    }

    /// Takes the first fetch as answered: it was the event of a subscription.
    pub(super) fn without(mut self, task: TaskId) -> Self {
        self.ready.retain(|id| *id != task);
        self.done(task);
        self
    }

    /// Starts every fetch whose turn it is, and passes over those with nothing to ask.
    pub(super) fn launch(&mut self, store: &Store) {
        while let Some(id) = self.ready.pop_front() {
            let route = self.route;
            let Some(task) = route.schedule.task(id) else { continue };
            match self.start(id, task, store) {
                Some(landing) => self.under_way.push(landing),
                None => self.done(id),
            }
        }
    }

    fn start(&self, id: TaskId, task: &Task, store: &Store) -> Option<Landing<'a>> {
        let route = self.route;
        let holds =
            |all: &Task| all.when.iter().all(|it| self.input.variables.is_true(&it.variable) != it.negated);
        let fetch_id = task.fetch.filter(|_| holds(task))?;
        let fetch = route.fetch(fetch_id)?;
        let (asked, request) = request(fetch_id, fetch, store, self.input)?;
        let subgraph = self.subgraphs.get(&fetch.subgraph);
        Some(Box::pin(async move {
            let reply = match subgraph {
                Some(subgraph) => subgraph.execute(request).await,
                None => Err(TransportError::Unsupported("no such subgraph is configured")),
            };
            (id, asked, reply)
        }))
    }

    /// The next reply; `None` when all fetches are done.
    pub(super) async fn land(&mut self) -> Option<(Asked, Reply)> {
        let (task, asked, reply) = self.under_way.next().await?;
        self.done(task);
        Some((asked, reply))
    }

    fn done(&mut self, task: TaskId) {
        let then = self.route.schedule.task(task).map_or(&[][..], |task| &task.then);
        for id in then {
            let Some(waits) = self.waits.get_mut(usize::from(id.0)) else { continue };
            *waits = waits.saturating_sub(1);
            if *waits == 0 {
                self.ready.push_back(*id);
            }
        }
    }
}
