//! A scenario as a program of the simulator: started, judged at its end, and what is expected of it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use deadheat::{Program, Verdict};

use crate::ast::{self, Expectation, Scenario};
use crate::interpret::stage::{Names, Stage};
use crate::interpret::{self, Lines};
use crate::judge;
use crate::outcome::Outcome;

/// A scenario that can be run.
///
/// # Examples
///
/// ```
/// use deadheat::Config;
/// use deadheat::search::Single;
/// use deadheat_scenarios::{ScenarioProgram, parse};
///
/// let text = r#"
///     scenario "basic"
///     task "m" { timeout "t" after="1s" { sleep "10s" } }
/// "#;
/// let program = ScenarioProgram::new(parse("basic.kdl", text).unwrap());
/// let (run, outcome) = Single::of(&program, &Config::new()).fifo();
/// assert_eq!(run.verdict, deadheat::Verdict::Done);
/// assert_eq!(outcome.unwrap().tasks[0].end, "timeout");
/// ```
#[derive(Debug, Clone)]
pub struct ScenarioProgram {
    scenario: Arc<Scenario>,
}

/// What the runs of a scenario share, of one thread. Threads that counted references to the same one would wait for each
/// other at every clone.
struct Copied {
    of: Arc<Scenario>,
    scenario: Arc<Scenario>,
    names: Arc<Names>,
    lines: Arc<Lines>,
}

thread_local! {
    /// That of the last scenario.
    static COPIED: RefCell<Option<Copied>> = const { RefCell::new(None) };
}

impl Copied {
    fn new(of: &Arc<Scenario>) -> Self {
        let scenario = Arc::new(Scenario::clone(of));
        Copied {
            of: Arc::clone(of),
            names: Arc::new(Names::of(of)),
            lines: Arc::new(Lines::of(&scenario)),
            scenario,
        }
    }
}

impl ScenarioProgram {
    /// Prepares a scenario.
    pub fn new(scenario: Scenario) -> Self {
        ScenarioProgram {
            scenario: Arc::new(scenario),
        }
    }

    /// What is run.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }
}

impl Program for ScenarioProgram {
    type Handles = Rc<Stage>;
    type Outcome = Outcome;

    fn start(&self) -> Rc<Stage> {
        let (scenario, names, lines) = COPIED.with_borrow_mut(|copied| {
            let copied = match copied {
                Some(copied) if Arc::ptr_eq(&copied.of, &self.scenario) => copied,
                _ => copied.insert(Copied::new(&self.scenario)),
            };
            (
                Arc::clone(&copied.scenario),
                Arc::clone(&copied.names),
                Arc::clone(&copied.lines),
            )
        });
        interpret::start(scenario, names, lines)
    }

    fn finish(&self, stage: Rc<Stage>, verdict: Verdict) -> Outcome {
        stage.look_for_stranded_waiters();
        let outcome = Outcome::of(&stage);
        judge::judge(&stage, &outcome, verdict);
        outcome
    }

    fn has_lines(&self) -> bool {
        false
    }

    fn expects(&self, verdict: Verdict) -> bool {
        let expected = self
            .scenario
            .expect
            .iter()
            .find_map(|expectation| match expectation {
                Expectation::Verdict(verdict) => Some(*verdict),
                _ => None,
            });
        matches!(
            (expected.unwrap_or(ast::Verdict::Done), verdict),
            (ast::Verdict::Done, Verdict::Done)
                | (ast::Verdict::Stuck, Verdict::Stuck)
                | (ast::Verdict::Limit, Verdict::Limit(_))
                | (ast::Verdict::Failed, Verdict::Failed)
        )
    }
}
