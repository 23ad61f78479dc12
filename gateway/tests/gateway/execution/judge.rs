//! A slow judge of answers that subgraphs' faults have damaged: it knows the answer without faults and the operation, and nothing of plans.
use apollo_compiler::{
    ExecutableDocument, Schema,
    ast::Type,
    executable::{Selection, SelectionSet},
    validation::Valid,
};
use serde_json::Value as Json;

/// What an answer is judged by.
pub(crate) struct Judge<'a> {
    pub(crate) api: &'a Valid<Schema>,
    pub(crate) document: &'a Valid<ExecutableDocument>,
    /// The answer without faults.
    pub(crate) whole: &'a Json,
    /// Whether each fault there was must be told: a null that a subgraph may answer with need not.
    pub(crate) all_is_told: bool,
}

type Path = Vec<Json>;

impl Judge<'_> {
    /// What is wrong with `answer`.
    pub(crate) fn verdict(&self, answer: &Json) -> Result<(), String> {
        let errors: Vec<Path> = answer["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| error["path"].as_array().cloned().unwrap_or_default())
            .collect();
        let operation = self.document.operations.iter().next().unwrap();
        let mut nulls = Vec::new();
        let sets = vec![&operation.selection_set];
        self.compare(&self.whole["data"], &answer["data"], None, &sets, &mut Vec::new(), &mut nulls)?;
        for error in &errors {
            if !leads_somewhere(&self.whole["data"], error) {
                return Err(format!("the path {} of an error leads nowhere", Json::from(error.clone())));
            }
        }
        for (at, is_leaf_of_chain) in &nulls {
            let told = errors.iter().any(|error| self.explains(error, at, &sets));
            if !told && (self.all_is_told || *is_leaf_of_chain) {
                return Err(format!("no error tells why there is null at {}", Json::from(at.clone())));
            }
        }
        Ok(())
    }

    /// Compares what came with what should have come; adds where null came instead, and whether that cannot be a
    /// subgraph's own null, because the value may not be null.
    fn compare(
        &self,
        whole: &Json,
        part: &Json,
        ty: Option<&Type>,
        sets: &[&SelectionSet],
        at: &mut Path,
        nulls: &mut Vec<(Path, bool)>,
    ) -> Result<(), String> {
        let here = || Json::from(at.clone());
        if part.is_null() {
            if ty.is_some_and(Type::is_non_null) {
                return Err(format!("null at {}, which is of type {}", here(), ty.unwrap()));
            }
            if !whole.is_null() {
                nulls.push((at.clone(), ty.is_none()));
            }
            return Ok(());
        }
        match (whole, part) {
            (Json::Object(all), Json::Object(some)) if !sets.is_empty() => {
                if !all.keys().eq(some.keys()) {
                    return Err(format!("other fields at {}: {:?}", here(), some.keys()));
                }
                for (key, value) in some {
                    let (ty, below) = self.field(sets, key);
                    at.push(key.as_str().into());
                    self.compare(&all[key], value, ty.as_ref(), &below, at, nulls)?;
                    at.pop();
                }
                Ok(())
            }
            (Json::Array(all), Json::Array(some)) if all.len() == some.len() => {
                for (index, (whole, part)) in all.iter().zip(some).enumerate() {
                    at.push(index.into());
                    self.compare(whole, part, ty.map(Type::item_type), sets, at, nulls)?;
                    at.pop();
                }
                Ok(())
            }
            _ if whole == part => Ok(()),
            // A custom scalar may be anything.
            _ if ty.is_some_and(|ty| self.is_custom(ty)) => Ok(()),
            _ => Err(format!("{part} at {}, where {whole} should be", here())),
        }
    }

    /// The type of the field `key` that `sets` select, and what they select of it. Where several objects have it, it
    /// counts as non-null only if it is so in all.
    fn field<'s>(&'s self, sets: &[&'s SelectionSet], key: &str) -> (Option<Type>, Vec<&'s SelectionSet>) {
        let (mut types, mut below): (Vec<Type>, Vec<&SelectionSet>) = (Vec::new(), Vec::new());
        let mut open = sets.to_vec();
        while let Some(set) = open.pop() {
            for selection in &set.selections {
                match selection {
                    Selection::Field(field) if field.response_key() == key => {
                        types.push(field.definition.ty.clone());
                        below.extend((!field.selection_set.is_empty()).then_some(&field.selection_set));
                    }
                    Selection::Field(_) => {}
                    Selection::InlineFragment(fragment) => open.push(&fragment.selection_set),
                    Selection::FragmentSpread(spread) => {
                        open.push(&self.document.fragments[&spread.fragment_name].selection_set);
                    }
                }
            }
        }
        // An interface's field may be stricter in the object: what may be null in one place may be so here.
        let loosest = types.into_iter().reduce(|all, one| if all.is_non_null() { one } else { all });
        (loosest, below)
    }

    /// Whether an error at `error` leaves null at `at`: it is there or above, or below in what may not be null.
    fn explains(&self, error: &[Json], at: &[Json], sets: &[&SelectionSet]) -> bool {
        if at.starts_with(error) {
            return true;
        }
        if !error.starts_with(at) {
            return false;
        }
        let (mut ty, mut below): (Option<Type>, Vec<&SelectionSet>) = (None, sets.to_vec());
        for (depth, step) in error.iter().enumerate() {
            match step.as_str() {
                Some(key) => (ty, below) = self.field(&below, key),
                None => ty = ty.map(|ty| ty.item_type().clone()),
            }
            if depth >= at.len() && ty.as_ref().is_some_and(|ty| !ty.is_non_null()) {
                return false;
            }
        }
        true
    }

    fn is_custom(&self, ty: &Type) -> bool {
        let ty = self.api.types.get(ty.inner_named_type());
        ty.is_some_and(|ty| ty.is_scalar() && !ty.is_built_in())
    }
}

/// Whether the path of an error leads to a value of the whole answer, or on from a null of it.
fn leads_somewhere(data: &Json, path: &[Json]) -> bool {
    let mut at = data;
    for step in path {
        if at.is_null() {
            return true;
        }
        let next = match step.as_u64().and_then(|index| usize::try_from(index).ok()) {
            Some(index) => at.get(index),
            None => step.as_str().and_then(|key| at.get(key)),
        };
        let Some(next) = next else { return false };
        at = next;
    }
    true
}
