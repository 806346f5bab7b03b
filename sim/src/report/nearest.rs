//! The nearest passing run beside the failing one, from the first event that differs.
//!
//! Nearest is the run with all departures but one, that passes; if none does, the run with none.

use std::fmt;

use crate::base::printable;
use crate::decide::tape::Tape;
use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::run::Run;
use crate::record::trace::{Trace, TraceEvent};
use crate::report::trials::Trials;
use crate::report::words;
use crate::search::config::Config;
use crate::search::single::Single;

/// Events that both runs have, before the first that differs.
const COMMON: usize = 1;
/// Events from the first that differs on.
const DIFFERENT: usize = 8;

/// How wide a cell of the table is.
const CELL: usize = 52;

/// A passing run beside a failing one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Nearest {
    /// The passing run.
    pub token: Token,
    /// The events of the failing run, around the first that differs.
    pub failing: Vec<TraceEvent>,
    /// The events of the passing run, from the same one on.
    pub passing: Vec<TraceEvent>,
    /// All of the passing run.
    pub trace: Trace,
}

/// The passing run that is nearest to a failing one, if one is near. `decisive` says which of its
/// departures make it pass when they are taken away.
pub(crate) fn nearest<P: Program>(
    program: &P,
    config: &Config,
    run: &Run,
    decisive: &[bool],
) -> Option<Nearest> {
    let mut departures = run.token.tape.departures().to_vec();
    match decisive.iter().position(|decisive| *decisive) {
        Some(index) => drop(departures.remove(index)),
        None if departures.is_empty() => return None,
        None => departures.clear(),
    }
    let token = Token {
        tape: Tape::of(departures),
        fingerprint: None,
        ..run.token.clone()
    };
    let mut trials = Trials::new(program, config, 1);
    let passing = trials.replay(&token)?;
    if trials.fails(&passing) {
        return None;
    }
    let (passing, _) = Single::runs_of(program, config).replay(&passing.token);
    if trials.fails(&passing) {
        return None;
    }
    Nearest::of(run.trace.as_ref()?, &passing)
}

impl Nearest {
    fn of(failing: &Trace, run: &Run) -> Option<Self> {
        let passing = run.trace.as_ref()?;
        let pairs = failing.events.iter().zip(&passing.events);
        let same = pairs.take_while(|(one, other)| one == other).count();
        let start = same.saturating_sub(COMMON);
        let part = |trace: &Trace| {
            let events = trace.events.iter().skip(start).take(COMMON + DIFFERENT);
            events.cloned().collect()
        };
        Some(Nearest {
            token: run.token.clone(),
            failing: part(failing),
            passing: part(passing),
            trace: passing.clone(),
        })
    }
}

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |events: &[TraceEvent]| -> Vec<String> { events.iter().map(plain).collect() };
        let (left, right) = (text(&self.failing), text(&self.passing));
        let width = left.iter().map(|line| line.chars().count()).max();
        let width = width.unwrap_or(0).clamp(16, CELL + 1);
        writeln!(f, "  {:width$}     the nearest run that passes", "This run")?;
        for row in 0..left.len().max(right.len()) {
            let cell = |lines: &[String]| lines.get(row).cloned().unwrap_or_default();
            let (one, other) = (cell(&left), cell(&right));
            let mark = if one == other { ' ' } else { '|' };
            writeln!(
                f,
                "{}",
                format!("    {one:width$} {mark} {other}").trim_end()
            )?;
        }
        Ok(())
    }
}

/// An event in one cell.
fn plain(event: &TraceEvent) -> String {
    let text = format!("{}  {}", event.at, words::sentence(event));
    let text = printable::line(&text).into_owned();
    match text.char_indices().nth(CELL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
