//! What a setting may be, wherever it comes from.

use std::time::Duration;

use crate::search::sampler::{Sampler, UnknownScheduler};

/// How long the watchdog waits for a step of a run, in real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// For so long.
    For(Duration),
    /// For ever: there is no watchdog.
    Forever,
}

/// Who takes the decisions of a test's runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schedule {
    Portfolio,
    Only(Sampler),
}

/// Reads the name of a scheduler; an error says what is accepted.
pub(super) fn schedule(text: &str) -> Result<Schedule, String> {
    match text {
        "portfolio" => Ok(Schedule::Portfolio),
        _ => match text.parse() {
            Ok(sampler) => Ok(Schedule::Only(sampler)),
            Err(error) => {
                let error: UnknownScheduler = error;
                Err(format!("{error}, or portfolio"))
            }
        },
    }
}
