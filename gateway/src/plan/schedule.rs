//! The order of a plan's fetches as counters, so that the loop that runs them only counts down.
use super::steps::{Condition, FetchId, Step};

/// What runs when, for one run after the other.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    pub(crate) tasks: Vec<Task>,
}

/// The position of a task in its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskId(pub(crate) u16);

/// A fetch, or a gate that joins the fetches before it.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) fetch: Option<FetchId>,
    /// All must hold, or the task is done without doing anything.
    pub(crate) when: Vec<Condition>,
    /// How many tasks come right before this one.
    pub(crate) waits_for: u16,
    pub(crate) then: Vec<TaskId>,
}

/// The first and the last tasks of a step.
struct Ends {
    first: Vec<TaskId>,
    last: Vec<TaskId>,
}

impl Schedule {
    pub(crate) fn new(step: &Step) -> Self {
        let mut schedule = Self::default();
        schedule.add(step, &mut Vec::new());
        schedule
    }

    pub(crate) fn task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(usize::from(id.0))
    }

    fn add(&mut self, step: &Step, when: &mut Vec<Condition>) -> Ends {
        match step {
            Step::Nothing => Ends { first: Vec::new(), last: Vec::new() },
            Step::Fetch(fetch) => {
                let task = self.push(Some(*fetch), when.clone());
                Ends { first: vec![task], last: vec![task] }
            }
            Step::When { condition, step } => {
                when.push(condition.clone());
                let ends = self.add(step, when);
                when.pop();
                ends
            }
            Step::Parallel(steps) => {
                let mut all = Ends { first: Vec::new(), last: Vec::new() };
                for step in steps {
                    let ends = self.add(step, when);
                    all.first.extend(ends.first);
                    all.last.extend(ends.last);
                }
                all
            }
            Step::Sequence(steps) => {
                let mut all = Ends { first: Vec::new(), last: Vec::new() };
                for step in steps {
                    let ends = self.add(step, when);
                    if ends.first.is_empty() {
                        continue;
                    }
                    if all.first.is_empty() {
                        all.first = ends.first;
                    } else {
                        self.link(&all.last, &ends.first);
                    }
                    all.last = ends.last;
                }
                all
            }
        }
    }

    fn push(&mut self, fetch: Option<FetchId>, when: Vec<Condition>) -> TaskId {
        // The planner's module bounds the number of fetches, and there are fewer gates.
        let id = TaskId(u16::try_from(self.tasks.len()).unwrap_or(u16::MAX));
        self.tasks.push(Task { fetch, when, waits_for: 0, then: Vec::new() });
        id
    }

    fn link(&mut self, before: &[TaskId], after: &[TaskId]) {
        if before.len() > 1 && after.len() > 1 {
            let gate = [self.push(None, Vec::new())];
            self.link(before, &gate);
            return self.link(&gate, after);
        }
        for task in before {
            if let Some(task) = self.tasks.get_mut(usize::from(task.0)) {
                task.then.extend_from_slice(after);
            }
        }
        let count = u16::try_from(before.len()).unwrap_or(u16::MAX);
        for task in after {
            if let Some(task) = self.tasks.get_mut(usize::from(task.0)) {
                task.waits_for = task.waits_for.saturating_add(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(id: u16) -> Step {
        Step::Fetch(FetchId(id))
    }

    #[test]
    fn a_step_waits_for_all_of_the_one_before() {
        let step = Step::Sequence(vec![
            Step::Parallel(vec![fetch(0), fetch(1)]),
            Step::Nothing,
            Step::Parallel(vec![fetch(2), Step::Sequence(vec![fetch(3), fetch(4)])]),
            fetch(5),
        ]);
        let schedule = Schedule::new(&step);
        let text: Vec<String> = schedule
            .tasks
            .iter()
            .map(|task| {
                let then: Vec<u16> = task.then.iter().map(|id| id.0).collect();
                format!("{:?} waits for {} then {then:?}", task.fetch.map(|id| id.0), task.waits_for)
            })
            .collect();
        assert_eq!(
            text,
            [
                "Some(0) waits for 0 then [5]",
                "Some(1) waits for 0 then [5]",
                "Some(2) waits for 1 then [6]",
                "Some(3) waits for 1 then [4]",
                "Some(4) waits for 1 then [6]",
                "None waits for 2 then [2, 3]",
                "Some(5) waits for 2 then []",
            ]
        );
    }
}
