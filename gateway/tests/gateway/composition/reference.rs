//! The whole composer against the reference: verdict, codes, API schema and join directives.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `SOUK_TEST_ORACLE_SETS` | how many sets are compared, the corpus included; the full run has 5000 or more | 600 |
//! | `SOUK_TEST_ORACLE_SEED` | where the seeds of generated and mutated sets start | 0 |
//! | `SOUK_TEST_ORACLE_KEEP` | a folder for the sets of differences, and those that broke the reference | none |
//! | `SOUK_REQUIRE_ORACLE` | `1`: a missing Node or registry fails the test instead of skipping it | 0 |
//! | `SOUK_CACHE` | where the reference is installed, in `oracle/` | `~/.cache/souk` |

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::compare::{self, Class, Difference};
use super::known_differences::KNOWN;
use super::oracle::Oracle;
use super::{Set, corpus, generate, mutate, setting};

#[test]
fn composition_agrees_with_the_reference() {
    let Some(mut oracle) = Oracle::start_or_skip("composition_agrees_with_the_reference") else { return };
    let (count, seed) = (setting("SOUK_TEST_ORACLE_SETS", 600), setting("SOUK_TEST_ORACLE_SEED", 0));
    let mut tally = Tally::default();
    for set in sets(count, seed) {
        let answer = oracle.compose(&set);
        if let Some(fault) = &answer.fault {
            // It breaks while it words an error, so there is one to be reported.
            if fault.contains("Unexpected element: ") && compare::composes(&set) {
                let class = Class::TooLenient("an error of a field set".to_owned());
                tally.record(&set, Difference { class, detail: fault.clone() });
            }
            tally.faults.push((set, fault.clone()));
            continue;
        }
        tally.compared += 1;
        tally.valid += usize::from(answer.supergraph_sdl.is_some());
        let found = compare::compare(&set, &answer);
        if let Some(hints) = found.hints {
            tally.hinted += 1;
            tally.hints_agreed += usize::from(hints.is_empty());
            for unlike in hints {
                *tally.unlike_hints.entry(unlike).or_default() += 1;
            }
        }
        let differs = found
            .differences
            .into_iter()
            .filter(|difference| !tally.knows(&set, difference))
            .collect::<Vec<_>>();
        tally.agreed += usize::from(differs.is_empty());
        for difference in differs {
            tally.record(&set, difference);
        }
    }
    println!("counted: {}", tally.summary());
    println!("counted: {}", tally.hint_summary());
    tally.keep();
    assert!(tally.unexplained.is_empty(), "unexplained differences from the reference; see above");
}

/// What is written by hand, then in turn a generated set, mutations of two others, and one of what is written
/// by hand.
fn sets(count: usize, seed: usize) -> impl Iterator<Item = Set> {
    let corpus: Vec<Set> = corpus::sets().into_iter().chain(corpus::pages()).collect();
    let kept = corpus.clone();
    let made = (seed as u64..).map(move |seed| match seed % 4 {
        0 => generate::set(seed),
        1 | 2 => mutate::mutated(&generate::set(seed), seed),
        _ => {
            let at = usize::try_from(seed / 4).unwrap_or_default() % kept.len();
            mutate::mutated(&kept[at], seed)
        }
    });
    corpus.into_iter().chain(made).take(count)
}

/// What the comparison has come to.
#[derive(Default)]
struct Tally {
    compared: usize,
    valid: usize,
    agreed: usize,
    /// Sets on which the reference itself broke, with the exception.
    faults: Vec<(Set, String)>,
    /// How often each known difference struck, and the first sets that are more than a matter of notation.
    known: BTreeMap<&'static str, (usize, Vec<Example>)>,
    /// Sets that both compose, and those of them on which the codes of hints agree.
    hinted: usize,
    hints_agreed: usize,
    unlike_hints: BTreeMap<String, usize>,
    unexplained: BTreeMap<Class, (usize, Example)>,
}

/// The first set of a class of differences.
struct Example {
    set: Set,
    detail: String,
}

impl Tally {
    fn knows(&mut self, set: &Set, difference: &Difference) -> bool {
        let Some(known) = KNOWN.iter().find(|known| (known.explains)(set, difference)) else { return false };
        let (count, examples) = self.known.entry(known.name).or_default();
        *count += 1;
        if examples.len() < 4 && !matches!(&difference.class, Class::Supergraph(_)) {
            examples.push(Example { set: set.clone(), detail: difference.detail.clone() });
        }
        true
    }

    fn record(&mut self, set: &Set, difference: Difference) {
        let Difference { class, detail } = difference;
        let (count, example) = self
            .unexplained
            .entry(class)
            .or_insert_with(|| (0, Example { set: set.clone(), detail: detail.clone() }));
        *count += 1;
        // The smallest example explains best.
        if size(set) < size(&example.set) {
            *example = Example { set: set.clone(), detail };
        }
    }

    fn summary(&self) -> String {
        let mut text = format!(
            "{} sets compared, {} of them valid; {} agree in all that is not a known difference; the reference broke on {}\n",
            self.compared,
            self.valid,
            self.agreed,
            self.faults.len()
        );
        for (set, fault) in &self.faults {
            let _ = writeln!(
                text,
                "  reference broke on {}: {}",
                set.name,
                fault.lines().next().unwrap_or_default()
            );
        }
        for (name, (count, _)) in &self.known {
            let _ = writeln!(text, "  {count} known: {name}");
        }
        for (class, (count, example)) in &self.unexplained {
            let _ = writeln!(
                text,
                "\n{count} UNEXPLAINED: {class}\nfirst in {}\n{}",
                example.set.name, example.detail
            );
        }
        text
    }

    /// Hints are for people, and worded for them: their codes are counted, not required.
    fn hint_summary(&self) -> String {
        let mut text =
            format!("{} of {} valid sets have hints of the same codes\n", self.hints_agreed, self.hinted);
        for (unlike, count) in &self.unlike_hints {
            let _ = writeln!(text, "  {count} {unlike}");
        }
        text
    }

    /// Writes the examples where they can be looked at.
    fn keep(&self) {
        let Some(folder) = super::variable("SOUK_TEST_ORACLE_KEEP") else { return };
        for (at, (class, (_, example))) in self.unexplained.iter().enumerate() {
            let about = format!("{class}\n{}\n{}\n", example.set.name, example.detail);
            write(&Path::new(&folder).join(at.to_string()), &example.set, &about);
        }
        for (name, (_, examples)) in &self.known {
            for (at, example) in examples.iter().enumerate() {
                let about = format!("{name}\n{}\n{}\n", example.set.name, example.detail);
                write(&Path::new(&folder).join(format!("{name} {at}")), &example.set, &about);
            }
        }
        for (at, (set, fault)) in self.faults.iter().enumerate() {
            let about = format!("{}\n{fault}\n", set.name);
            write(&Path::new(&folder).join(format!("broken-{at}")), set, &about);
        }
    }
}

/// Writes a set into a folder, with what is to be known about it.
fn write(folder: &Path, set: &Set, about: &str) {
    std::fs::create_dir_all(folder).expect("the folder for differences can be made");
    std::fs::write(folder.join("about.txt"), about).expect("differences can be written");
    for (name, sdl) in &set.subgraphs {
        std::fs::write(folder.join(format!("{name}.graphql")), sdl).expect("differences can be written");
    }
}

fn size(set: &Set) -> usize {
    set.subgraphs.iter().map(|(_, sdl)| sdl.len()).sum()
}
