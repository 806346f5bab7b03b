//! What the command runs: a scenario file, or a piece of the museum.

use deadheat::{Program, Verdict};

use crate::Outcome;
use crate::museum::Variant;
use crate::program::ScenarioProgram;

/// A program that has an [`Outcome`].
#[derive(Debug)]
pub enum Subject {
    /// A scenario file.
    Scenario(ScenarioProgram),
    /// A variant of an exhibit of the museum.
    Museum(&'static Variant),
}

impl Subject {
    /// What reports call it.
    pub fn name(&self) -> &str {
        match self {
            Subject::Scenario(program) => &program.scenario().name,
            Subject::Museum(variant) => variant.name,
        }
    }
}

/// What a [`Subject`] started.
#[derive(Debug)]
pub enum Started {
    /// The stage of a scenario.
    Scenario(<ScenarioProgram as Program>::Handles),
    /// The main task of a piece of the museum.
    Museum(<Variant as Program>::Handles),
}

impl Program for Subject {
    type Handles = Started;
    type Outcome = Outcome;

    fn start(&self) -> Started {
        match self {
            Subject::Scenario(program) => Started::Scenario(program.start()),
            Subject::Museum(variant) => Started::Museum(variant.start()),
        }
    }

    fn finish(&self, started: Started, verdict: Verdict) -> Outcome {
        match (self, started) {
            (Subject::Scenario(program), Started::Scenario(stage)) => {
                program.finish(stage, verdict)
            }
            (Subject::Museum(variant), Started::Museum(main)) => variant.finish(main, verdict),
            _ => unreachable!("a subject is given what it started"),
        }
    }

    fn has_lines(&self) -> bool {
        matches!(self, Subject::Museum(_))
    }

    fn expects(&self, verdict: Verdict) -> bool {
        match self {
            Subject::Scenario(program) => program.expects(verdict),
            Subject::Museum(variant) => variant.expects(verdict),
        }
    }
}
