//! Makes the request of a fetch from what the store holds, and remembers what it asked so that the reply finds its places.
use bytes::Bytes;

use super::{input::Input, json::write_string, places::Places, represent::Representations, store::Store};
use crate::{
    plan::steps::{EntitySet, Fetch, FetchId, Path, Target},
    transport::SubgraphRequest,
};

/// What a fetch on its way has asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) fetch: FetchId,
    pub(super) what: AskedFor,
}

/// What the data of the reply is for.
#[derive(Debug)]
pub(super) enum AskedFor {
    /// Root fields for these places.
    Root(Places),
    /// Entities: for each set of the fetch the position of what it asked in the list, which sets may share.
    Entities { lists: Vec<AskedEntities>, of_sets: Vec<usize> },
}

/// Representations that were sent, and who waits for their entities.
#[derive(Debug, Default)]
pub(super) struct AskedEntities {
    pub(super) count: usize,
    /// Those that lack what some field of the subgraph requires: an error about such a field is of no one's concern.
    pub(super) incomplete: Vec<u32>,
    /// Per path of the set.
    pub(super) waiting: Vec<Waiting>,
}

/// The places of one path, with the position of each place's representation.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) places: Places,
    pub(super) representations: Vec<u32>,
}

/// The request of a fetch; `None` if there is nothing to ask, because no object wants it.
pub(super) fn request(
    id: FetchId,
    fetch: &Fetch,
    store: &Store,
    input: &Input,
) -> Option<(Asked, SubgraphRequest)> {
    let mut variables = Members::new();
    for name in &fetch.variables {
        if let Some(json) = input.variables.get(name) {
            variables.add(name, json);
        }
    }
    let what = match &fetch.target {
        Target::Root { path, .. } => AskedFor::Root(root_places(store, path)?),
        Target::Entities(sets) => entities(store, sets, &mut variables)?,
    };
    let uploads =
        input.uploads.iter().filter(|upload| fetch.variables.iter().any(|name| **name == *upload.variable));
    let request = SubgraphRequest {
        query: fetch.query.clone(),
        kind: fetch.kind,
        variables: variables.finish(),
        headers: input.headers.clone(),
        extensions: input.extensions.clone(),
        uploads: uploads.cloned().collect(),
    };
    Some((Asked { fetch: id, what }, request))
}

fn root_places(store: &Store, path: &Path) -> Option<Places> {
    let mut places = Places::default();
    places.find(store, path, &mut |_| true);
    (!places.all.is_empty()).then_some(places)
}

fn entities(store: &Store, sets: &[EntitySet], variables: &mut Members) -> Option<AskedFor> {
    let mut lists: Vec<AskedEntities> = Vec::new();
    let mut of_sets = Vec::new();
    let mut first_uses: Vec<&EntitySet> = Vec::new();
    for set in sets {
        if let Some(same) = first_uses.iter().position(|other| other.variable == set.variable) {
            of_sets.push(same);
            continue;
        }
        let mut representations = Representations::new();
        let waiting = set.paths.iter().map(|path| wait(store, set, path, &mut representations)).collect();
        let count = representations.len();
        let (json, incomplete) = representations.finish();
        variables.add(&set.variable, &json);
        of_sets.push(lists.len());
        lists.push(AskedEntities { count, incomplete, waiting });
        first_uses.push(set);
    }
    lists.iter().any(|list| list.count > 0).then_some(AskedFor::Entities { lists, of_sets })
}

fn wait(store: &Store, set: &EntitySet, path: &Path, representations: &mut Representations) -> Waiting {
    let mut waiting = Waiting::default();
    let Waiting { places, representations: positions } = &mut waiting;
    places.find(store, path, &mut |object| match representations.add(store, object, &set.requires) {
        Some(position) => {
            positions.push(position);
            true
        }
        None => false,
    });
    waiting
}

/// The members of a JSON object in the making.
struct Members(Vec<u8>);

impl Members {
    fn new() -> Self {
        Self(vec![b'{'])
    }

    fn add(&mut self, name: &str, json: &[u8]) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        write_string(&mut self.0, name);
        self.0.push(b':');
        self.0.extend_from_slice(json);
    }

    fn finish(mut self) -> Bytes {
        self.0.push(b'}');
        self.0.into()
    }
}
