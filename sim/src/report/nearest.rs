//! The nearest passing run beside the failing one, from the first event that differs.
//!
//! Nearest is the run with all departures but one, that passes; if none does, the run with none. Where the failing run has
//! none itself, it is a run that was drawn at random and passes, with no departure that it does not need.

use std::fmt;

use crate::base::printable;
use crate::base::rng::mix;
use crate::decide::scheduler::{Pos, Seeded};
use crate::decide::tape::Tape;
use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::departures::Explained;
use crate::record::run::Run;
use crate::record::trace::{EventKind, Trace, TraceEvent};
use crate::report::carriers;
use crate::report::trials::{Spent, Trials};
use crate::report::words;
use crate::search::config::Config;
use crate::search::single::Single;

/// Steps that may be taken in search of a run that passes.
const STEPS: u64 = 200_000;
/// So many are drawn.
const DRAWN: u64 = 64;

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
    /// What the passing run does otherwise than in order and on time, if the failing one does nothing otherwise.
    pub departures: Vec<Explained>,
}

/// The passing run that is nearest to a failing one, if one is near. `decisive` says which of its
/// departures make it pass when they are taken away.
pub(crate) fn nearest<P: Program>(
    program: &P,
    config: &Config,
    run: &Run,
    decisive: &[bool],
) -> Result<Option<Nearest>, Spent> {
    let mut departures = run.token.tape.departures().to_vec();
    if departures.is_empty() {
        return drawn(program, config, run);
    }
    match decisive.iter().position(|decisive| *decisive) {
        Some(index) => drop(departures.remove(index)),
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
        return Ok(None);
    }
    let (passing, _) = Single::runs_of(program, config).replay(&passing.token);
    if trials.fails(&passing) {
        return Ok(None);
    }
    Ok(Nearest::of(run, passing))
}

/// The passing run that is nearest to one in order and on time: of some that are drawn the first, without the departures
/// that it does not need.
fn drawn<P: Program>(program: &P, config: &Config, run: &Run) -> Result<Option<Nearest>, Spent> {
    let mut trials = Trials::new(program, config, STEPS);
    let Some(mut token) = passing(&mut trials, run)? else {
        return Ok(None);
    };
    let mut index = 0;
    while index < token.tape.len() {
        let mut departures = token.tape.departures().to_vec();
        departures.remove(index);
        let fewer = Token {
            tape: Tape::of(departures),
            fingerprint: None,
            ..token.clone()
        };
        let Ok(run) = trials.replay(&fewer) else {
            break;
        };
        match !trials.fails(&run) && run.token.tape.len() < token.tape.len() {
            true => token = run.token,
            false => index += 1,
        }
    }
    let (passing, _) = Single::runs_of(program, config).replay(&token);
    if trials.fails(&passing) {
        return Ok(None);
    }
    Ok(Nearest::of(run, passing))
}

/// The first of some runs that passes, drawn at random.
fn passing<P: Program>(trials: &mut Trials<'_, P>, run: &Run) -> Result<Option<Token>, Spent> {
    for number in 0..DRAWN {
        let scheduler = Box::new(Seeded {
            seed: mix(number + 1),
            inner: Pos::brief(),
        });
        let made = trials.run(run.token.seed, run.token.bounds, scheduler);
        let (run, _) = made.map_err(|_| Spent)?;
        if !trials.fails(&run) {
            return Ok(Some(run.token));
        }
    }
    Ok(None)
}

impl Nearest {
    fn of(failing: &Run, run: Run) -> Option<Self> {
        let departures = match failing.token.tape.is_empty() {
            true => run.departures,
            false => Vec::new(),
        };
        let (failing, passing) = (failing.trace.as_ref()?, run.trace?);
        let (failing, shown) = (told(failing), told(&passing));
        let pairs = failing.iter().zip(&shown);
        let same = pairs.take_while(|(one, other)| one == other).count();
        let start = same.saturating_sub(COMMON);
        let part = |events: Vec<TraceEvent>| {
            let events = events.into_iter().skip(start);
            events.take(COMMON + DIFFERENT).collect()
        };
        Some(Nearest {
            token: run.token,
            failing: part(failing),
            passing: part(shown),
            trace: passing,
            departures,
        })
    }
}

/// The events of a run, without the turns of what is on its way, and with that in the place of its timers.
fn told(trace: &Trace) -> Vec<TraceEvent> {
    let silent = carriers::turns(&trace.events);
    let events = trace.events.iter().enumerate();
    let events = events.filter(|(index, _)| !silent.contains(index));
    let told = events.map(|(index, event)| match words::on_its_way(trace, index) {
        Some(told) => TraceEvent {
            what: EventKind::Packet(told),
            ..event.clone()
        },
        None => event.clone(),
    });
    told.collect()
}

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let late = self.token.bounds.late_ns();
        let all = self.failing.iter().chain(&self.passing);
        let ats = all.map(|event| event.at.to_string().chars().count());
        let of_at = ats.max().unwrap_or(0);
        let text = |events: &[TraceEvent]| -> Vec<String> {
            let plain = |event| plain(event, of_at, late);
            events.iter().map(plain).collect()
        };
        let (left, right) = (text(&self.failing), text(&self.passing));
        let width = left.iter().map(|line| line.chars().count()).max();
        let width = width.unwrap_or(0).clamp(16, CELL + of_at + 1);
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
        if let Some(first) = self.departures.first() {
            let more = match self.departures.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let text = printable::line(&first.text);
            writeln!(f, "  It passes since at {}: {text}{more}", first.at)?;
        }
        Ok(())
    }
}

/// An event in one cell.
fn plain(event: &TraceEvent, of_at: usize, late: i64) -> String {
    let at = event.at.to_string();
    let text = format!("{at:>of_at$}  {}", words::sentence(event, late));
    let text = printable::line(&text).into_owned();
    let blanks = of_at - at.chars().count();
    match text.char_indices().nth(CELL + blanks) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
