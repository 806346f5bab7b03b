//! The line of each step, for traces and reports.

use std::collections::BTreeMap;

use crate::ast::{At, Scenario, Step, each_step};

/// Where the tasks and the steps of one copy of a scenario stand in its file.
///
/// A step has no number: it is known by its address, which stays as long as the copy. Addresses are only looked up, so that
/// no order of theirs gets into a run.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    steps: BTreeMap<usize, At>,
}

impl Lines {
    /// The lines of this copy of a scenario.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let mut at = scenario.places.steps.iter().copied();
        let mut steps = BTreeMap::new();
        for task in &scenario.tasks {
            each_step(&task.steps, &mut |step| {
                steps.extend(at.next().map(|at| (address(step), at)));
            });
        }
        Lines { steps }
    }

    /// Where a step stands.
    pub(crate) fn at(&self, step: &Step) -> Option<At> {
        self.steps.get(&address(step)).copied()
    }
}

fn address(step: &Step) -> usize {
    std::ptr::from_ref(step).addr()
}
