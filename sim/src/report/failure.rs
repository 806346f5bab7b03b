//! A failing run as a value: its `Display` is the whole report, and its last lines reproduce it.
//!
//! The order of the parts is part of the interface: what failed and when; what was violated; the departures; how much
//! lateness it takes and where the run was lost; what happened; the nearest run that passes; who waits for what; the
//! lines to paste.

use std::fmt::{self, Write};
use std::ops::Range;

use crate::base::bounds::{Bounds, LimitReached};
use crate::base::grouped::grouped;
use crate::base::printable::{self, Escaping};
use crate::base::verdict::Verdict;
use crate::record::departures::Explained;
use crate::record::panic::PanicReport;
use crate::record::run::{Pending, Run, Unmade};
use crate::report::columns;
use crate::report::excerpt::{self, Excerpt};
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
/// How many pending tasks a report lists.
const PENDING_SHOWN: usize = 50;
/// How many departures a report lists; mostly there are one or two.
const DEPARTURES_LISTED: usize = 32;
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

    /// What is wrong, in the words of the report, without how it was found and how it came to it.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = deadheat::check(&deadheat::Config::new(), || async { panic!("no work") }).unwrap_err();
    /// assert!(failure.problems().starts_with("panicked: main panicked at "));
    /// ```
    pub fn problems(&self) -> String {
        let mut text = String::new();
        // A string takes whatever is written.
        let _ = self.problem(&mut text);
        text.trim().to_owned()
    }

    /// The line of the program at fault, if it panicked: file, line and column.
    pub(crate) fn culprit(&self) -> Option<(String, u32, u32)> {
        let run = &self.run;
        let first = run.panicked_first.as_ref();
        if let (None, Some(line)) = (first, &run.panic_line) {
            return Some((line.file.clone(), line.line, line.column));
        }
        let panic = first.or(run.panic.as_ref())?;
        let mut parts = panic.place.rsplitn(3, ':');
        let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some((parts.next()?.to_owned(), line, column))
    }

    fn panic(&self, panic: &PanicReport, f: &mut impl Write) -> fmt::Result {
        let run = &self.run;
        let mut text = match &run.panic_line {
            Some(line) => format!(
                "{} panicked at {line}: {}\nraised at {}",
                panic.task, panic.message, panic.place
            ),
            None => panic.to_string(),
        };
        if let Some(first) = &run.panicked_first {
            text.push_str(&format!(
                "\nraised first at {}, by {}",
                first.place, first.task
            ));
        }
        writeln!(f, "  panicked: {}", printable::lines(&text, INDENT))
    }

    fn problem(&self, f: &mut impl Write) -> fmt::Result {
        let run = &self.run;
        if let Some(why) = &run.unmade {
            writeln!(f, "  {why}")?;
        }
        if let Some(panic) = &run.panic {
            self.panic(panic, f)?;
        }
        for violation in &run.violations {
            let text = violation.to_string();
            let text = printable::lines(&text, INDENT);
            write!(f, "  violated: {text}\n    at {}", violation.at)?;
            match &violation.place {
                Some(line) if violation.is_stated() => writeln!(f, ", stated at {line}")?,
                Some(line) => writeln!(f, ", caused at {line}")?,
                None => writeln!(f)?,
            }
        }
        if run.more_violations > 0 {
            writeln!(f, "  and {} violations more", run.more_violations)?;
        }
        for escape in &run.escapes {
            writeln!(f, "  outside: {escape}")?;
        }
        match run.verdict {
            Verdict::Stuck => writeln!(f, "  stuck: nothing can ever happen again")?,
            Verdict::Limit(limit) => writeln!(f, "  limit: {}", reached(limit, run.steps))?,
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
            let s = plural(taken);
            return writeln!(
                f,
                "\n  FIFO and on time, except {taken} departure{s}; of this run there is no trace"
            );
        }
        if departures.is_empty() {
            return writeln!(f, "\n  FIFO and on time");
        }
        write!(f, "\n  FIFO and on time, except")?;
        if let Some(before) = self
            .departures_before
            .filter(|before| *before != departures.len())
        {
            let (s, to) = (plural(before), departures.len());
            write!(f, "{:32}shrunk from {before} departure{s} to {to}", "")?;
        }
        writeln!(f)?;
        let steps = steps(departures);
        let all = self.decisive.len() == departures.len() && self.decisive.iter().all(|is| *is);
        let ats: Vec<String> = departures
            .iter()
            .map(|departure| departure.at.to_string())
            .collect();
        let widest = ats.iter().map(|at| at.chars().count()).max().unwrap_or(0);
        let rows = steps.iter().take(DEPARTURES_LISTED).map(|of_one| {
            let last = &departures[of_one.end - 1];
            let decides = |index| self.decisive.get(index) == Some(&true);
            let mark = match of_one.clone().any(decides) && !all {
                true => "   ← without it, it passes",
                false => "",
            };
            let place = last.origin.as_ref().map(ToString::to_string);
            let at = &ats[of_one.start];
            let text = format!("    {at:>widest$}   {}", printable::line(&last.text));
            (text, format!("{}{mark}", place.unwrap_or_default()))
        });
        columns::write(&rows.collect::<Vec<_>>(), f)?;
        if let Some(more @ 1..) = steps.len().checked_sub(DEPARTURES_LISTED) {
            writeln!(f, "    … and {more} more departure{}", plural(more))?;
        }
        match (all, steps.len()) {
            (false, _) => Ok(()),
            (true, 1) => writeln!(f, "  Without it, the program passes."),
            (true, _) => writeln!(
                f,
                "  Without any one of these, and with the others, the program passes."
            ),
        }
    }

    fn limits(&self, f: &mut impl Write) -> fmt::Result {
        if let Some(slack) = &self.slack {
            writeln!(f, "\n  slack: {slack}")?;
        }
        if let Some(fate) = &self.fate {
            writeln!(f, "\n  {fate}")?;
        }
        Ok(())
    }

    fn events(&self, f: &mut impl Write) -> fmt::Result {
        let Some(trace) = &self.run.trace else {
            return Ok(());
        };
        let departures = self.run.departures.iter();
        let excerpt = Excerpt {
            trace,
            departures: departures
                .map(|departure| departure.events_before)
                .collect(),
            lost: self.fate.as_ref().map(|fate| fate.events_before),
            violated: &self.run.violations,
            late: self.run.token.bounds.late_ns(),
        };
        excerpt::write(&excerpt, f)
    }

    fn pending(&self, f: &mut impl Write) -> fmt::Result {
        let pending = &self.run.pending;
        if pending.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n  pending")?;
        for pending in pending.iter().take(PENDING_SHOWN) {
            writeln!(f, "    {}", printable::line(&pending.to_string()))?;
            for held in pending.held() {
                writeln!(f, "      {}", printable::line(&held))?;
            }
        }
        if let Some(more @ 1..) = pending.len().checked_sub(PENDING_SHOWN) {
            writeln!(f, "    … and {more} more tasks")?;
        }
        let is_from_outside =
            |pending: &Pending| pending.waits_for.is_none() && !self.run.leaks.is_empty();
        let is_hinted = |pending: &Pending| pending.is_unknown() || is_from_outside(pending);
        if self.run.verdict == Verdict::Stuck && pending.iter().any(is_hinted) {
            writeln!(f, "  hint: {}", Pending::UNKNOWN_HINT)?;
        }
        Ok(())
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The departures that are told as one: a latency that goes on in steps is told by where it ends.
fn steps(departures: &[Explained]) -> Vec<Range<usize>> {
    let mut steps: Vec<Range<usize>> = Vec::new();
    for (index, departure) in departures.iter().enumerate() {
        match steps.last_mut() {
            Some(last)
                if departure.timer.is_some() && departures[last.start].timer == departure.timer =>
            {
                last.end = index + 1
            }
            _ => steps.push(index..index + 1),
        }
    }
    steps
}

/// Which limit was reached, and what to do about it.
fn reached(limit: LimitReached, steps: u64) -> String {
    let steps = match limit {
        LimitReached::Steps => format!(" after {} of them", grouped(steps)),
        _ => String::new(),
    };
    format!("{limit} was reached{steps}{}", advice(limit))
}

fn advice(limit: LimitReached) -> &'static str {
    match limit {
        LimitReached::Steps => {
            ": the program goes on and on, perhaps by a timer that is set again and again; if it needs\n    more, `steps = …` of the attribute, or Limits::steps, allows that"
        }
        LimitReached::StepsPerInstant => {
            ": tasks wake each other, or themselves, and time cannot pass; if it needs more\n    at one moment, `steps_per_instant = …`, or Limits::steps_per_instant, allows that"
        }
        LimitReached::Tasks => {
            ": perhaps each task spawns others, without end; Limits::tasks allows more"
        }
        LimitReached::VirtualTime => {
            ": it waits for longer than any program should; `virtual_time = …`, or\n    Limits::virtual_time, allows more"
        }
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
