//! Writes the representations of entities for `_entities`, each different one once.

use ahash::{HashMap, RandomState};
use smallvec::SmallVec;

use super::{
    json::write_string,
    store::{Hints, NodeRef, RuntimeType, Store, Value},
};
use crate::plan::{
    requires::{RequireField, RequireItem, Requires},
    steps::{Change, TypeCondition},
};

/// The representations for one `_entities` field: a JSON list in the making.
#[derive(Debug)]
pub(super) struct Representations {
    json: Vec<u8>,
    /// Where each begins and ends in `json`.
    ranges: Vec<(usize, usize)>,
    /// The hash finds candidates; equal bytes decide.
    known: HashMap<u64, SmallVec<[u32; 1]>>,
    hasher: RandomState,
    /// Those that may not be meant, or lack a field which some field of the subgraph requires.
    incomplete: Vec<u32>,
}

impl Representations {
    pub(super) fn new() -> Self {
        let (ranges, known) = (Vec::new(), HashMap::default());
        Self { json: vec![b'['], ranges, known, hasher: RandomState::new(), incomplete: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// The list as JSON, and the positions of those that lack a field which some field of the subgraph requires.
    pub(super) fn finish(mut self) -> (Vec<u8>, Vec<u32>) {
        self.json.push(b']');
        (self.json, self.incomplete)
    }

    /// The position of the representation of `object`, which is added unless it is there already. `None` if the object
    /// is of no type that `requires` asks of, or lacks a field of the key.
    pub(super) fn add(&mut self, store: &Store, object: &[NodeRef], requires: &Requires) -> Option<u32> {
        let before = self.json.len();
        if !self.ranges.is_empty() {
            self.json.push(b',');
        }
        let start = self.json.len();
        let mut writer = Writer { store, out: &mut self.json, incomplete: false };
        let written = writer.entity(object, requires);
        let incomplete = writer.incomplete;
        let index = written.filter(|fields| *fields > 0).and_then(|_| self.index_of(start));
        // Added: `ranges` has it. Known or not wanted: what was written is taken back.
        if self.ranges.last().is_none_or(|(last, _)| *last != start) {
            self.json.truncate(before);
        } else if incomplete {
            self.incomplete.extend(index);
        }
        index
    }

    /// The position of what stands from `start` on, keeping it if it is new.
    fn index_of(&mut self, start: usize) -> Option<u32> {
        let written = self.json.get(start..)?;
        let hash = self.hasher.hash_one(written);
        let same = self.known.entry(hash).or_default();
        for candidate in same.iter() {
            let (from, to) = *self.ranges.get(usize::try_from(*candidate).ok()?)?;
            if self.json.get(from..to) == Some(written) {
                return Some(*candidate);
            }
        }
        let index = u32::try_from(self.ranges.len()).ok()?;
        same.push(index);
        self.ranges.push((start, self.json.len()));
        Some(index)
    }
}

struct Writer<'a> {
    store: &'a Store,
    out: &'a mut Vec<u8>,
    incomplete: bool,
}

impl Writer<'_> {
    /// Writes an entity. It may lack what only some fields of the subgraph require: the planner joins fetches for
    /// several types of an interface, and asks for what one of them requires of that one only. It may not lack what a
    /// fetch failed to bring: the subgraph would compute on nothing.
    fn entity(&mut self, object: &[NodeRef], requires: &Requires) -> Option<usize> {
        let may_lack = self.store.failures_at(object).is_empty();
        self.object(object, &[&requires.0], &|field| {
            may_lack && !field.is_key && &*field.write != "__typename"
        })
    }

    /// Writes an object and says how many fields it has; `None` if one is missing that it may not lack.
    fn object(
        &mut self,
        object: &[NodeRef],
        items: &[&[RequireItem]],
        may_lack: &dyn Fn(&RequireField) -> bool,
    ) -> Option<usize> {
        let ty = self.store.type_of(object);
        let mut fields: SmallVec<[&RequireField; 8]> = SmallVec::new();
        for items in items {
            collect(items, ty, &mut fields, &mut self.incomplete);
        }
        let mut hints = Hints::default();
        let mut written = 0;
        self.out.push(b'{');
        for (at, field) in fields.iter().enumerate() {
            let (before, rest) = fields.split_at(at);
            if before.iter().any(|other| other.write == field.write) {
                continue;
            }
            let start = self.out.len();
            if written > 0 {
                self.out.push(b',');
            }
            let change = field.changes.iter().find(|(on, _)| on.as_ref().is_none_or(|on| satisfies(ty, on)));
            let key = match change {
                Some((_, Change::RenameKey(key))) => key,
                _ => &field.write,
            };
            write_string(self.out, key);
            self.out.push(b':');
            written += 1;
            if let Some((_, Change::SetString(text))) = change {
                write_string(self.out, text);
                continue;
            }
            let items: SmallVec<[&[RequireItem]; 4]> = rest
                .iter()
                .filter(|other| other.write == field.write)
                .map(|other| other.items.as_slice())
                .collect();
            if self.field(object, field, &items, ty, &mut hints).is_none() {
                if !may_lack(field) {
                    return None;
                }
                self.out.truncate(start);
                self.incomplete = true;
                written -= 1;
            }
        }
        self.out.push(b'}');
        Some(written)
    }

    fn field(
        &mut self,
        object: &[NodeRef],
        field: &RequireField,
        items: &[&[RequireItem]],
        ty: RuntimeType,
        hints: &mut Hints,
    ) -> Option<()> {
        if &*field.read == "__typename" {
            let RuntimeType::Known(ty) = ty else { return None };
            write_string(self.out, self.store.types.name(ty));
            return Some(());
        }
        let is_leaf = items.iter().all(|items| items.is_empty());
        let store = self.store;
        let mut look = |key: &'_ str| {
            if is_leaf { store.leaf(object, key, hints) } else { store.field(object, key, hints) }
        };
        let value = match look(&field.read) {
            // The planner reads an alias of its own wherever a field is required, even where it had no need to make one.
            Value::Absent if field.read != field.write => look(&field.write),
            value => value,
        };
        self.value(&value, items)
    }

    fn value(&mut self, value: &Value, items: &[&[RequireItem]]) -> Option<()> {
        match value {
            Value::Absent => None,
            Value::Null => self.null(),
            Value::Scalar(at) => {
                self.out.extend_from_slice(self.store.json(at.layer)?.text(at.node));
                Some(())
            }
            Value::Object(parts) => self.object(parts, items, &|_| false).map(|_| ()),
            Value::List(parts) => {
                self.out.push(b'[');
                for (at, item) in self.store.items(parts).enumerate() {
                    if at > 0 {
                        self.out.push(b',');
                    }
                    self.value(&item, items)?;
                }
                self.out.push(b']');
                Some(())
            }
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the arms around it may fail")]
    fn null(&mut self) -> Option<()> {
        self.out.extend_from_slice(b"null");
        Some(())
    }
}

/// The fields that `items` ask of an object of type `ty`; `doubtful` if the object may not be meant.
fn collect<'a>(
    items: &'a [RequireItem],
    ty: RuntimeType,
    fields: &mut SmallVec<[&'a RequireField; 8]>,
    doubtful: &mut bool,
) {
    for item in items {
        match item {
            RequireItem::Field(field) => fields.push(field),
            RequireItem::OnType { condition, items, .. } if satisfies(ty, condition) => {
                collect(items, ty, fields, doubtful);
            }
            RequireItem::OnType { also: Some(also), items, .. } if satisfies(ty, also) => {
                *doubtful = true;
                collect(items, ty, fields, doubtful);
            }
            RequireItem::OnType { .. } => {}
        }
    }
}

fn satisfies(ty: RuntimeType, condition: &TypeCondition) -> bool {
    match ty {
        RuntimeType::Untold => true,
        RuntimeType::Unknown => false,
        RuntimeType::Known(ty) => condition.set.contains(ty),
    }
}
