//! Which index is live and which is being built, by aliases that are moved in one step.

use serde_json::{Map, Value, json};
use souk_kit::fault::Fault;
use uuid::Uuid;

use super::http::Reply;
use super::searching::{counted, products};
use super::{ElasticsearchEngine, mapping};
use crate::index::Build;
use crate::index::layout::{LAYOUT, check_writable, is_behind};

/// The names of indices and aliases.
#[derive(Debug)]
pub(super) struct Names {
    /// The alias that questions go to.
    pub(super) live: String,
    /// The alias of the index that is being built.
    building: String,
    /// Opens the name of every generation.
    generation: String,
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        let live = format!("{prefix}products");
        Self { building: format!("{live}-building"), generation: format!("{live}-g-"), live }
    }
}

/// The alias that a generation is written by.
pub(super) fn writes_of(generation: &str) -> String {
    format!("{generation}-writes")
}

#[derive(Debug)]
pub(super) struct Generation {
    pub(super) name: String,
    /// As its mapping remembers it.
    layout: u32,
    /// What the engine gave it when it was made: another of this name has another.
    pub(super) uuid: String,
}

#[derive(Debug, Default)]
pub(super) struct Generations {
    pub(super) live: Option<Generation>,
    pub(super) building: Option<Generation>,
    /// Neither of these.
    others: Vec<String>,
}

impl Generations {
    /// Whether an earlier version made the live one.
    pub(super) fn is_behind(&self) -> bool {
        self.live.as_ref().is_some_and(|live| is_behind(live.layout))
    }

    pub(super) fn check_writable(&self) -> Result<(), Fault> {
        self.live.iter().chain(&self.building).try_for_each(|one| check_writable(one.layout))
    }
}

impl ElasticsearchEngine {
    /// What generations there are, as of now: a change must not miss one that has just been begun.
    pub(super) async fn generations(&self) -> Result<Generations, Fault> {
        // Closed ones too: who does not see the live one makes another.
        let told = "*.aliases,*.mappings._meta,*.settings.index.uuid";
        let path = format!("/{}*?expand_wildcards=all&filter_path={told}", self.names.generation);
        let Reply::Done(Value::Object(indices)) = self.client.get(&path).await? else {
            return Ok(Generations::default());
        };
        let mut generations = Generations::default();
        for (name, described) in indices {
            let aliases = described.get("aliases").and_then(Value::as_object);
            let has = |alias: &str| aliases.is_some_and(|aliases| aliases.contains_key(alias));
            let layout = || {
                let layout = described.pointer("/mappings/_meta/layout").and_then(Value::as_u64);
                let layout = layout.and_then(|layout| u32::try_from(layout).ok());
                layout.ok_or_else(|| Fault::broken(format!("{name} does not say what layout it has")))
            };
            let generation = || -> Result<Generation, Fault> {
                let uuid = described.pointer("/settings/index/uuid").and_then(Value::as_str);
                let uuid = uuid.unwrap_or_default().to_owned();
                Ok(Generation { name: name.clone(), layout: layout()?, uuid })
            };
            if has(&self.names.live) {
                if let Some(other) = &generations.live {
                    return Err(Fault::broken(format!(
                        "{} stands for two indices, {} and {name}: take the alias from one of them",
                        self.names.live, other.name
                    )));
                }
                generations.live = Some(generation()?);
            } else if has(&self.names.building) {
                generations.building = Some(generation()?);
            } else {
                generations.others.push(name);
            }
        }
        Ok(generations)
    }

    /// Makes the first generation. Its name is fixed, so that of two who try one does.
    pub(super) async fn ensure(&self) -> Result<(), Fault> {
        if self.generations().await?.live.is_some() {
            return Ok(());
        }
        let first = format!("{}first", self.names.generation);
        match self.create(&first, &self.names.live).await {
            Err(_) if self.generations().await?.live.is_some() => Ok(()),
            outcome => outcome,
        }
    }

    async fn create(&self, generation: &str, alias: &str) -> Result<(), Fault> {
        let mut aliases = Map::new();
        aliases.insert(alias.to_owned(), json!({}));
        aliases.insert(writes_of(generation), json!({}));
        let mut body = mapping::index();
        if let Some(body) = body.as_object_mut() {
            body.insert("aliases".to_owned(), Value::Object(aliases));
        }
        self.client.put(&format!("/{generation}"), &body).await.map(|_| ())
    }

    pub(super) async fn begin(&self) -> Result<Build, Fault> {
        self.ensure().await?;
        let generations = self.generations().await?;
        // The generation before the live one goes here, long after the last question to it.
        let begun = generations.building.iter().map(|begun| &begun.name);
        for stale in begun.chain(&generations.others) {
            self.remove(stale).await?;
        }
        let generation = format!("{}{}", self.names.generation, Uuid::now_v7().simple());
        self.create(&generation, &self.names.building).await?;
        Ok(Build { generation })
    }

    pub(super) async fn swap(&self, build: &Build) -> Result<(), Fault> {
        let generation = &build.generation;
        self.client.post(&format!("/{generation}/_refresh"), None).await?;
        let live = self.generations().await?.live;
        let (building, alias) = (&self.names.building, &self.names.live);
        let mut actions = vec![
            json!({ "remove": { "index": generation, "alias": building, "must_exist": true } }),
            json!({ "add": { "index": generation, "alias": alias } }),
        ];
        if let Some(live) = live {
            actions.push(json!({ "remove": { "index": live.name, "alias": alias } }));
        }
        match self.client.post("/_aliases", Some(&json!({ "actions": actions }))).await? {
            Reply::Done(_) => Ok(()),
            Reply::Missing => Err(Fault::broken(format!("{generation} is not being built any more"))),
        }
    }

    /// Gives up a generation that is being built. False: it is not being built any more, and may be the live one.
    pub(super) async fn give_up(&self, generation: &str) -> Result<bool, Fault> {
        let no_longer =
            json!({ "remove": { "index": generation, "alias": self.names.building, "must_exist": true } });
        match self.client.post("/_aliases", Some(&json!({ "actions": [no_longer] }))).await? {
            Reply::Done(_) => self.remove(generation).await.map(|()| true),
            Reply::Missing => Ok(false),
        }
    }

    /// Whether what this version writes is known to fit the generation's mapping: this process has written a product
    /// to it, or any process has to one of this version's layout, which it is of itself.
    pub(super) async fn is_proven(&self, generation: &str) -> Result<bool, Fault> {
        if self.proven.has(generation) {
            return Ok(true);
        }
        let Generations { live, building, .. } = self.generations().await?;
        let alike: Vec<_> = live.into_iter().chain(building).filter(|one| one.layout == LAYOUT).collect();
        if !alike.iter().any(|one| one.name == generation) {
            return Ok(false);
        }
        for Generation { name, .. } in alike {
            self.client.post(&format!("/{name}/_refresh"), None).await?;
            let counting = self.client.post(&format!("/{name}/_count"), Some(&products())).await?;
            if let Reply::Done(answer) = counting
                && counted(&answer)? > 0
            {
                self.proven.add(generation);
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn remove(&self, generation: &str) -> Result<(), Fault> {
        self.client.delete(&format!("/{generation}")).await.map(|_| ())
    }
}
