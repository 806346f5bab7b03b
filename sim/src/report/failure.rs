//! A failing run as a value: its `Display` is the whole report, and its last lines reproduce it.
//!
//! The order of the parts is part of the interface: what failed and when; what was violated; the
//! departures; the last events; who waits for what; the lines to paste.

use std::fmt::{self, Write};

use crate::base::bounds::{Bounds, LimitReached};
use crate::base::printable::{self, Escaping};
use crate::base::verdict::Verdict;
use crate::record::run::{Pending, Run, Unmade};
use crate::record::trace::{EventKind, Trace, TraceEvent};
use crate::report::fate::Fate;
use crate::report::nearest::Nearest;
use crate::report::slack::Slack;

/// A run that is not as it should be, and how to see it again.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check, random};
///
/// let failure = check(&Config::new().name("die"), || async {
///     assert!(random(6) != 3, "a four");
/// })
/// .unwrap_err();
/// assert_eq!(failure.run.panic.as_ref().unwrap().message, "a four");
/// let report = failure.to_string();
/// assert!(report.starts_with("FAILED  die   run "));
/// assert!(report.trim_end().lines().last().unwrap().starts_with("  replay   deadheat::replay("));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Failure {
    /// The program's name.
    pub name: String,
    /// The run, with a trace.
    pub run: Run,
    /// Which run it was, from 0, and of how many.
    pub number: Option<(u64, u64)>,
    /// Who took its decisions.
    pub scheduler: &'static str,
    /// How many departures it had before it was shrunk.
    pub departures_before: Option<usize>,
    /// Which departures are decisive: without that one, and with the others, the run passes.
    pub decisive: Vec<bool>,
    /// The least lateness that breaks the program, if it takes any.
    pub slack: Option<Slack>,
    /// From where on the run could not be saved.
    pub fate: Option<Fate>,
    /// The passing run that is nearest.
    pub nearest: Option<Nearest>,
    /// What else is to be said, a line each.
    pub notes: Vec<String>,
    /// The lines that reproduce it.
    pub replay: Vec<String>,
}

/// What stands below the beginning of an entry.
const INDENT: &str = "    ";
/// Why a run does not repeat, most often, and what to do about it.
const NOT_DETERMINISTIC: &str = "
  so it is not deterministic; the usual causes are a static or a thread-local that lives on from one run to the
    next, the order of a hash map, a real clock, a thread, and random numbers that are not the run's
  what to do: give each run a state of its own, take time and random numbers from the run, go through a BTreeMap or
    give the map a fixed hasher; check_determinism makes each run twice and stops at the first that differs
  shown is the run that failed; nothing was shrunk, and nothing is told from other runs";
/// How many of the last events a report shows.
const LAST_EVENTS: usize = 8;
/// How many events before and after a departure.
const EVENTS_BEFORE: usize = 2;
const EVENTS_AFTER: usize = 6;
/// How many events a report shows, at most, of those that speak for themselves (see `is_told`).
const TOLD_SHOWN: usize = 24;
/// How many pending tasks a report lists.
const PENDING_SHOWN: usize = 50;
/// How many departures a report lists; mostly there are one or two.
const DEPARTURES_LISTED: usize = 32;
/// Of how many departures a report shows the events around them.
const DEPARTURES_SHOWN: usize = 6;

impl Failure {
    /// A failure of a single run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Failure, Main};
    /// use deadheat::search::Single;
    ///
    /// let (run, _) = Single::of(&Main::new(std::future::pending::<()>), &Config::new()).fifo();
    /// let report = Failure::new("server", run).to_string();
    /// assert!(report.contains("stuck: nothing can ever happen again"));
    /// ```
    pub fn new(name: impl Into<String>, run: Run) -> Self {
        let name = name.into();
        let replay = vec![format!("deadheat::replay(&config, \"{}\", …)", run.token)];
        let scheduler = run.scheduler;
        Failure {
            name,
            run,
            number: None,
            scheduler,
            departures_before: None,
            decisive: Vec::new(),
            slack: None,
            fate: None,
            nearest: None,
            notes: Vec::new(),
            replay,
        }
    }

    /// Whether its run repeats. If not, the report is of the run as it failed: nothing is shrunk, there may be
    /// no trace, and nothing is told of other runs.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = deadheat::check(&deadheat::Config::new(), || async { panic!() }).unwrap_err();
    /// assert!(failure.repeats());
    /// ```
    pub fn repeats(&self) -> bool {
        self.run.nondeterminism.is_none()
    }

    /// Nothing could be run.
    pub(crate) fn of_problem(name: &str, problem: String) -> Self {
        let run = Run {
            unmade: Some(Unmade::Refused(problem)),
            ..Run::unmade(0, Bounds::EXACT, "none")
        };
        Failure {
            replay: Vec::new(),
            ..Failure::new(name, run)
        }
    }

    /// Why nothing could be run, if what was asked for cannot be done. All that can be told is this and the name.
    pub(crate) fn refused(&self) -> Option<&str> {
        match &self.run.unmade {
            Some(Unmade::Refused(why)) => Some(why),
            _ => None,
        }
    }

    fn headline(&self, f: &mut impl Write) -> fmt::Result {
        write!(f, "FAILED  {}   ", printable::line(&self.name))?;
        if let Some((number, of)) = self.number {
            write!(f, "run {} of {of} ", number + 1)?;
        }
        write!(
            f,
            "(seed {}, {})   at {}\n\n",
            self.run.seed(),
            self.scheduler,
            self.run.at
        )
    }

    fn problem(&self, f: &mut impl Write) -> fmt::Result {
        let run = &self.run;
        if let Some(why) = &run.unmade {
            writeln!(f, "  {why}")?;
        }
        if let Some(panic) = &run.panic {
            let panic = panic.to_string();
            writeln!(f, "  panicked: {}", printable::lines(&panic, INDENT))?;
        }
        for violation in &run.violations {
            let text = violation.to_string();
            let text = printable::lines(&text, INDENT);
            writeln!(f, "  violated: {text}\n    at {}", violation.at)?;
        }
        if run.more_violations > 0 {
            writeln!(f, "  and {} violations more", run.more_violations)?;
        }
        for escape in &run.escapes {
            writeln!(f, "  outside: {escape}")?;
        }
        match run.verdict {
            Verdict::Stuck => writeln!(f, "  stuck: nothing can ever happen again")?,
            Verdict::Limit(limit) => writeln!(f, "  limit: {limit} was reached{}", advice(limit))?,
            Verdict::Done | Verdict::Failed => {}
        }
        if let Some(how) = &run.nondeterminism {
            let how = printable::lines(how, "  ");
            writeln!(f, "  this run does not repeat: {how}{NOT_DETERMINISTIC}")?;
        }
        if let Some(divergence) = run.divergence {
            writeln!(f, "  note: {divergence}")?;
        }
        for leak in &run.leaks {
            writeln!(f, "  outside: {leak}")?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {}", printable::lines(note, INDENT))?;
        }
        if run.divergence.is_none() && run.stale {
            writeln!(
                f,
                "  note: the decisions fit, but what happened is not what the token says: the program has changed since, or is not deterministic"
            )?;
        }
        Ok(())
    }

    fn departures(&self, f: &mut impl Write) -> fmt::Result {
        let departures = &self.run.departures;
        let taken = self.run.token.tape.len();
        if self.run.trace.is_none() && taken > 0 {
            let s = if taken == 1 { "" } else { "s" };
            return writeln!(
                f,
                "\n  FIFO and on time, except {taken} departure{s}; of this run there is no trace"
            );
        }
        if departures.is_empty() {
            return writeln!(f, "\n  FIFO and on time");
        }
        write!(f, "\n  FIFO and on time, except")?;
        if let Some(before) = self.departures_before {
            let s = if before == 1 { "" } else { "s" };
            write!(
                f,
                "{:32}shrunk from {before} departure{s} to {}",
                "",
                departures.len()
            )?;
        }
        writeln!(f)?;
        for (index, departure) in departures.iter().take(DEPARTURES_LISTED).enumerate() {
            let departure = departure.to_string();
            let departure = printable::line(&departure);
            if self.decisive.get(index) == Some(&true) {
                writeln!(
                    f,
                    "    {departure:<60}   ← decisive: the other way round passes"
                )?;
            } else {
                writeln!(f, "    {departure}")?;
            }
        }
        if let Some(more @ 1..) = departures.len().checked_sub(DEPARTURES_LISTED) {
            let s = if more == 1 { "" } else { "s" };
            writeln!(f, "    … and {more} more departure{s}")?;
        }
        Ok(())
    }

    fn limits(&self, f: &mut impl Write) -> fmt::Result {
        if let Some(slack) = &self.slack {
            writeln!(f, "\n  slack: {slack}")?;
        }
        if let Some(fate) = &self.fate {
            writeln!(f, "\n  no way back from\n    {fate}")?;
        }
        Ok(())
    }

    fn events(&self, f: &mut impl Write) -> fmt::Result {
        let Some(trace) = &self.run.trace else {
            return Ok(());
        };
        writeln!(f)?;
        let shown = self.shown(trace);
        let mut hidden = 0;
        for (event, shown) in trace.events.iter().zip(shown) {
            if !shown {
                hidden += 1;
                continue;
            }
            if std::mem::take(&mut hidden) > 0 {
                writeln!(f, "  …")?;
            }
            writeln!(f, "  {event}")?;
        }
        Ok(())
    }

    /// A report shows the events around each departure, those before the first violation, the last ones,
    /// and what the program itself tells; not what was drawn.
    fn shown(&self, trace: &Trace) -> Vec<bool> {
        let events = &trace.events;
        let mut shown = vec![false; events.len()];
        let told = events
            .iter()
            .enumerate()
            .filter(|(_, event)| is_told(event));
        told.take(TOLD_SHOWN)
            .for_each(|(index, _)| shown[index] = true);
        let mut show = |from: usize, to: usize| {
            let to = to.min(events.len());
            shown[from.min(to)..to].fill(true);
        };
        for departure in self.run.departures.iter().take(DEPARTURES_SHOWN) {
            let at = departure.events_before;
            show(at.saturating_sub(EVENTS_BEFORE), at + EVENTS_AFTER);
        }
        if let Some(violation) = self.run.violations.first() {
            let after = events.partition_point(|event| event.at <= violation.at);
            show(after.saturating_sub(EVENTS_AFTER), after);
        }
        show(events.len().saturating_sub(LAST_EVENTS), events.len());
        let drawn = |event: &TraceEvent| matches!(event.what, EventKind::Draw { .. });
        let drawn = events.iter().map(drawn);
        shown
            .iter_mut()
            .zip(drawn)
            .for_each(|(shown, drawn)| *shown &= !drawn);
        shown
    }

    fn pending(&self, f: &mut impl Write) -> fmt::Result {
        let pending = &self.run.pending;
        if pending.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n  pending")?;
        let mut shown = pending.iter().take(PENDING_SHOWN);
        shown
            .try_for_each(|pending| writeln!(f, "    {}", printable::line(&pending.to_string())))?;
        if let Some(more @ 1..) = pending.len().checked_sub(PENDING_SHOWN) {
            writeln!(f, "    … and {more} more tasks")?;
        }
        if self.run.verdict == Verdict::Stuck && pending.iter().any(Pending::is_unknown) {
            writeln!(f, "  hint: {}", Pending::UNKNOWN_HINT)?;
        }
        Ok(())
    }
}

/// Whether an event is worth showing wherever it stands: logs, faults, cancels, and expired scopes.
fn is_told(event: &TraceEvent) -> bool {
    matches!(
        event.what,
        EventKind::Log(_) | EventKind::Fault(_) | EventKind::Cancel(_) | EventKind::Expire { .. }
    )
}

fn advice(limit: LimitReached) -> &'static str {
    match limit {
        LimitReached::Steps => {
            ": the program goes on and on, perhaps by a timer that is armed again and again"
        }
        LimitReached::StepsPerInstant => {
            ": tasks wake each other, or themselves, and time cannot pass"
        }
        LimitReached::Tasks => ": perhaps each task spawns others, without end",
        LimitReached::VirtualTime => ": it waits for longer than any program should",
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names, messages and logs are the program's: whatever is in them, they do not steer a terminal.
        let f = &mut Escaping(f);
        if let Some(problem) = self.refused() {
            let name = printable::line(&self.name);
            return writeln!(f, "FAILED  {name}   {}", printable::lines(problem, INDENT));
        }
        self.headline(f)?;
        self.problem(f)?;
        if self.run.unmade.is_some() {
            // There is nothing that it did, and nothing to make again.
            return Ok(());
        }
        self.departures(f)?;
        self.limits(f)?;
        self.events(f)?;
        if let Some(nearest) = &self.nearest {
            write!(f, "\n{nearest}")?;
        }
        self.pending(f)?;
        writeln!(f)?;
        for (index, line) in self.replay.iter().enumerate() {
            let label = if index == 0 { "replay" } else { "or" };
            writeln!(f, "  {label:<8} {line}")?;
        }
        if !self.repeats() && !self.replay.is_empty() {
            writeln!(f, "           the run does not repeat: this may pass")?;
        }
        Ok(())
    }
}

/// The report, so that `unwrap` and `?` in a test print it.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Failure {}
