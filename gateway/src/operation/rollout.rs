//! Fields that move from one subgraph to another for a share of the requests: `@override(label: "percent(5)")`.
//!
//! A request's place among all decides which overrides hold for it. Places between the same two percentages give the
//! same plan, so that there is one plan per stage and not one per request.

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Document, FieldDefinition};

use crate::plan::Overrides;

/// The planner's units in one percent.
const UNITS: u64 = 100_000_000;

/// All requests, in the planner's units.
const ALL: u64 = 100 * UNITS;

/// Decimals of a percentage that the planner reads.
const DECIMALS: usize = 8;

/// The percentages of a supergraph, ascending and each once, in the planner's units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rollout(Vec<u64>);

/// How many of the percentages a request lies beyond: their overrides do not hold for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Stage(usize);

impl Rollout {
    /// The percentages that a supergraph names.
    pub(super) fn of(supergraph: &Document) -> Self {
        let fields = supergraph.definitions.iter().flat_map(|definition| match definition {
            Definition::ObjectTypeDefinition(object) => object.fields.as_slice(),
            Definition::InterfaceTypeDefinition(interface) => interface.fields.as_slice(),
            _ => &[],
        });
        let mut percentages: Vec<u64> = fields.flat_map(labels).filter_map(percentage).collect();
        percentages.sort_unstable();
        percentages.dedup();
        Self(percentages)
    }

    /// The stage of one more request, by chance.
    pub(crate) fn draw(&self) -> Stage {
        if self.0.is_empty() { Stage::default() } else { self.stage(rand::random_range(0..ALL)) }
    }

    fn stage(&self, place: u64) -> Stage {
        Stage(self.0.partition_point(|percentage| *percentage <= place))
    }

    /// What holds at a stage: the first place of it stands for all.
    pub(crate) fn overrides(&self, Stage(beyond): Stage) -> Overrides {
        let last = beyond.checked_sub(1).and_then(|last| self.0.get(last));
        Overrides { percentile: last.copied().unwrap_or_default(), ..Overrides::default() }
    }
}

fn labels(field: &Node<FieldDefinition>) -> impl Iterator<Item = &str> {
    let joins = field.directives.get_all("join__field");
    joins.filter_map(|join| join.specified_argument_by_name("overrideLabel")?.as_str())
}

/// `percent(2.5)` in the planner's units.
fn percentage(label: &str) -> Option<u64> {
    let number = label.strip_prefix("percent(")?.strip_suffix(')')?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if decimals.len() > DECIMALS || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let decimals: u64 = format!("{decimals:0<DECIMALS$}").parse().ok()?;
    whole.checked_mul(UNITS)?.checked_add(decimals).filter(|percentage| *percentage <= ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollout() -> Rollout {
        let sdl = r#"type Query {
            a: Int @join__field(graph: A, override: "b", overrideLabel: "percent(25)") @join__field(graph: B, overrideLabel: "percent(25)")
            b: Int @join__field(graph: A, overrideLabel: "percent(0.5)")
            c: Int @join__field(graph: A, overrideLabel: "beta")
            d: Int @join__field(graph: A, overrideLabel: "percent(nonsense)")
        }"#;
        Rollout::of(&Document::parse(sdl, "supergraph").unwrap())
    }

    #[test]
    fn each_stage_has_the_overrides_that_hold_there() {
        let rollout = rollout();
        assert_eq!(rollout.0, [UNITS / 2, 25 * UNITS]);
        let held = |place: u64| {
            let percentile = rollout.overrides(rollout.stage(place)).percentile;
            rollout.0.iter().filter(|percentage| percentile < **percentage).count()
        };
        assert_eq!(
            [
                held(0),
                held(UNITS / 2 - 1),
                held(UNITS / 2),
                held(25 * UNITS - 1),
                held(25 * UNITS),
                held(ALL - 1)
            ],
            [2, 2, 1, 1, 0, 0]
        );
    }

    #[test]
    fn without_percentages_there_is_one_stage() {
        assert_eq!(Rollout::default().draw(), Stage::default());
    }

    #[test]
    fn about_the_named_share_of_requests_is_overridden() {
        let rollout = rollout();
        let beyond = (0..4_000).filter(|_| rollout.draw() == Stage(2)).count();
        assert!((2_700..3_300).contains(&beyond), "{beyond} of 4,000, for 75 %");
    }
}
