//! What explorations found, as text and as JSON.

use std::io;

use deadheat::Failure;
use deadheat::report::Printable;
use deadheat::search::Exploration;
use deadheat_scenarios::Outcome;
use serde::Serialize;

use crate::input::Input;
use crate::interrupt;
use crate::output::Output;
use crate::table::Table;

/// A scenario and what was found of it.
pub(crate) struct Explored {
    pub(crate) input: Input,
    /// Without the outcomes themselves, which may be large.
    pub(crate) exploration: Exploration<Outcome>,
    /// How many outcomes are kept.
    pub(crate) outcomes: usize,
    /// The outcomes as lines of JSON, if they were asked for, until they are written.
    pub(crate) lines: Vec<u8>,
    /// How many runs were made of it before, which are not made again.
    pub(crate) before: u64,
    pub(crate) failure: Option<Failure>,
    /// What is to be said of what was kept.
    pub(crate) notes: Vec<String>,
    /// What could not be saved that was to be.
    pub(crate) unsaved: Option<String>,
}

impl Explored {
    /// The bugs of the catalogue and the museum are to be found, everything else is to hold.
    pub(crate) fn is_as_it_should_be(&self) -> bool {
        let is_found = self.failure.is_some();
        is_found == self.input.bug.is_some() && !self.is_unshown()
    }

    /// The failure, unless it was to be found.
    pub(crate) fn unexpected(&self) -> Option<&Failure> {
        let failure = self.failure.as_ref();
        failure.filter(|_| self.input.bug.is_none())
    }

    /// Whether no run says anything, neither one of now nor one of before.
    pub(crate) fn is_unshown(&self) -> bool {
        self.failure.is_none() && self.exploration.runs == 0 && self.before == 0
    }

    /// Whether there were more outcomes than are kept.
    fn is_cut(&self) -> bool {
        self.exploration.unlisted > 0
    }

    fn verdict(&self) -> String {
        let (runs, before) = (self.exploration.runs, self.before);
        match (self.input.bug, self.failure.is_some()) {
            (Some(bug), true) => format!("{bug} found"),
            (None, true) => "FAILED".to_owned(),
            _ if self.is_unshown() => "nothing was shown".to_owned(),
            (Some(bug), false) => format!("{bug} NOT found"),
            (None, false) if runs == 0 => format!("held before, in {before} runs"),
            (None, false) if before > 0 => format!("holds, as in {before} runs before"),
            (None, false) if self.exploration.orders.is_exhausted() => {
                format!("holds in {}", self.exploration.orders)
            }
            (None, false) => "holds".to_owned(),
        }
    }
}

/// The last line: what came of each scenario, in short.
pub(crate) fn summary(all: &[Explored], output: &mut Output) -> io::Result<()> {
    output.json(&Last {
        summary: Summary {
            runs: all.iter().map(|explored| explored.exploration.runs).sum(),
            failed: all
                .iter()
                .filter(|explored| explored.failure.is_some())
                .count(),
            interrupted: interrupt::interrupted(),
            scenarios: all.iter().map(ScenarioSummary::of).collect(),
        },
    })
}

#[derive(Serialize)]
struct Last<'a> {
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    runs: u64,
    failed: usize,
    interrupted: bool,
    scenarios: Vec<ScenarioSummary<'a>>,
}

#[derive(Serialize)]
struct ScenarioSummary<'a> {
    scenario: &'a str,
    input: &'a str,
    runs: u64,
    outcomes: usize,
    complete: bool,
    covered: Option<String>,
    unlisted: u64,
    verdict: String,
    first_failing_run: Option<u64>,
    replay: Option<String>,
    runs_before: u64,
    notes: Vec<&'a String>,
}

impl<'a> ScenarioSummary<'a> {
    fn of(explored: &'a Explored) -> Self {
        let Explored {
            input,
            exploration,
            failure,
            ..
        } = explored;
        let number = failure.as_ref().and_then(|failure| failure.number);
        let orders = exploration.orders;
        ScenarioSummary {
            scenario: input.name(),
            input: &input.argument,
            runs: exploration.runs,
            outcomes: explored.outcomes,
            complete: exploration.complete,
            covered: orders.is_exhausted().then(|| orders.to_string()),
            unlisted: exploration.unlisted,
            verdict: explored.verdict(),
            first_failing_run: number.map(|(number, _)| number + 1),
            replay: failure
                .as_ref()
                .map(|failure| failure.run.token.to_string()),
            runs_before: explored.before,
            notes: (explored.notes.iter())
                .chain(failure.iter().flat_map(|failure| &failure.notes))
                .collect(),
        }
    }
}

/// What is not listed of a search that came to more outcomes than are kept.
fn unlisted(explored: &Explored) -> String {
    let (name, outcomes) = (&explored.input.argument, explored.outcomes);
    let unlisted = explored.exploration.unlisted;
    format!(
        "{name}: the {outcomes} outcomes that came first are kept; {unlisted} runs came to others, which are not listed"
    )
}

/// What a search that went on until it was quiet has and has not seen.
fn quiet(explored: &Explored) -> String {
    let exploration = &explored.exploration;
    let covered = exploration.coverage;
    format!(
        "{}: nothing new since run {}; of {} pairs of a timer and a turn {} met, and {} were seen both ways round and never met",
        explored.input.argument,
        exploration.last_new,
        covered.pairs,
        covered.tied,
        covered.never_tied
    )
}

pub(crate) fn as_text(
    all: &[Explored],
    everything: bool,
    until_quiet: bool,
    output: &mut Output,
) -> io::Result<()> {
    for explored in all {
        // Whoever names a bug wants to see it.
        let failure = match everything {
            true => explored.unexpected(),
            false => explored.failure.as_ref(),
        };
        if let Some(failure) = failure {
            output.report(failure)?;
            output.line("")?;
        }
    }
    let mut table = Table::new(&[
        "scenario",
        "runs",
        "outcomes",
        "verdict",
        "first",
        "reproduce with",
    ]);
    for explored in all {
        let failure = explored.failure.as_ref();
        table.row([
            explored.input.argument.clone(),
            explored.exploration.runs.to_string(),
            explored.outcomes.to_string(),
            in_short(&explored.verdict()).to_owned(),
            first_seen(failure),
            failure.map_or_else(String::new, |failure| failure.replay.join(" ")),
        ]);
    }
    // After an error of the input there is none to tell of.
    if !all.is_empty() {
        output.text(Printable(table))?;
    }
    for explored in all {
        let verdict = explored.verdict();
        if in_short(&verdict) != verdict {
            output.line(format_args!("{}: {verdict}", explored.input.argument))?;
        }
        for note in &explored.notes {
            output.line(format_args!("{}: {note}", explored.input.argument))?;
        }
    }
    for explored in all.iter().filter(|explored| explored.is_cut()) {
        output.line(unlisted(explored))?;
    }
    for explored in all.iter().filter(|_| until_quiet) {
        output.line(quiet(explored))?;
    }
    if interrupt::interrupted() {
        output.line("interrupted: this is what was found so far")?;
    }
    Ok(())
}

/// A verdict without its provisos, which are told below the table: a cell as long as them would push all others away.
fn in_short(verdict: &str) -> &str {
    verdict
        .split_once(", but ")
        .map_or(verdict, |(short, _)| short)
}

/// In which run a failure was seen first; one that was kept is from an earlier exploration.
fn first_seen(failure: Option<&Failure>) -> String {
    match failure.map(|failure| failure.number) {
        Some(Some((number, _))) => format!("run {}", number + 1),
        Some(None) => "kept".to_owned(),
        None => String::new(),
    }
}
