//! What came of one run.

use std::fmt;

use crate::base::bounds::Bounds;
use crate::base::line::Line;
use crate::base::time::Instant;
use crate::base::verdict::Verdict;
use crate::decide::scheduler::Divergence;
use crate::decide::tape::Tape;
use crate::decide::token::Token;
use crate::invariant::{Check, Violation};
use crate::record::asked::Told;
use crate::record::await_place::AwaitPlace;
use crate::record::coverage::Relation;
use crate::record::departures::Explained;
use crate::record::foreign::Escape;
use crate::record::held::{Held, Holder};
use crate::record::leaks::Leak;
use crate::record::panic::PanicReport;
use crate::record::starved::Sightings;
use crate::record::timeline::Timeline;
use crate::record::trace::Trace;
use crate::record::wait::Wait;

/// What is kept of a run, next to what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    Nothing,
    /// In which order timers and turns came.
    Relations,
    /// What its sleeps came to.
    Sleeps,
    /// When its timers were armed and went.
    Times,
    /// Its trace.
    Trace,
}

static NOTHING_KEPT: Trace = Trace {
    events: Vec::new(),
    truncated: true,
};

/// A task that had not ended when a run was stuck or at a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its name.
    pub task: String,
    /// Where it was spawned.
    pub spawned_at: String,
    /// What it waits for, if that is known: a thing, or at a socket something to do (`to read from 10.0.0.2:80 (db)`).
    pub waits_for: Option<String>,
    /// Since when.
    pub since: Instant,
    /// Where in the sources, if that was found out.
    pub wait: Option<Wait>,
    /// Its number, and how many events were recorded before its last turn.
    pub(crate) last_turn: Option<(u32, usize)>,
}

impl Pending {
    /// A hint for a run in which nothing can happen any more and a task waits for something unknown.
    pub(crate) const UNKNOWN_HINT: &str = "what deadheat does not know may come from a real thread, a socket \
         or another runtime, and a run does not wait for those: do the work in a task of the run \
         (deadheat::spawn), or replace its source by a simulated one; deadheat::program::waiting_for names a wait";

    /// What is said of a task that was seen to suspend without anybody to wake it.
    const NO_WAKER: &str = "nothing that can wake it (no waker is kept, as in `future::pending()`)";

    /// Its number, if it ever had a turn.
    pub(crate) fn number(&self) -> Option<u32> {
        self.last_turn.map(|(number, _)| number)
    }

    /// Whether it is not known what it waits for.
    pub(crate) fn is_unknown(&self) -> bool {
        self.waits_for.is_none() && self.awaited().is_none()
    }

    /// Who keeps it waiting, a line each.
    pub(crate) fn held(&self) -> Vec<String> {
        match &self.wait {
            Some(wait) if self.waits_for.is_none() => wait.held.lines(),
            _ => Vec::new(),
        }
    }

    /// Whether it waits for something of others, and it is not known who has that.
    pub(crate) fn is_kept_by_unknown(&self) -> bool {
        let wait = self.wait.as_ref().filter(|_| self.waits_for.is_none());
        wait.is_some_and(|wait| wait.keeps_waker && wait.held == Held::Unknown)
    }

    /// All others were dropped before it: if nobody was found who keeps it waiting, it is nobody else.
    pub(crate) fn is_kept_by_no_other(&mut self, all_were_dropped: bool) {
        let is_for_a_lock = |wait: &&mut Wait| {
            let locks = ["Mutex", "RwLock", "Semaphore"];
            wait.on
                .iter()
                .any(|on| locks.iter().any(|lock| on.contains(lock)))
        };
        if !all_were_dropped || !self.is_kept_by_unknown() {
            return;
        }
        if let Some(wait) = self.wait.as_mut().filter(is_for_a_lock) {
            wait.held = Held::ByNoOther;
        }
    }

    /// What it awaits, as its stack has it, or who keeps it waiting.
    fn awaited(&self) -> Option<String> {
        let wait = self.wait.as_ref()?;
        match wait.keeps_waker {
            true if wait.on.is_empty() => match &wait.held {
                Held::By(holders) => Some(format!("what {} has", holders.first()?.task)),
                _ => None,
            },
            true => Some(wait.on.join(" or ")),
            false => Some(Self::NO_WAKER.to_owned()),
        }
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pending {
            task,
            spawned_at,
            since,
            ..
        } = self;
        let what = self.waits_for.clone().or_else(|| self.awaited());
        let what = what
            .as_deref()
            .unwrap_or("something that deadheat does not know");
        // What a socket is waited for reads on by itself.
        let is_verb = what.starts_with("to ");
        let preposition = if is_verb { "" } else { "for " };
        write!(f, "{task} waits {preposition}{what} since {since}")?;
        let places = self.wait.iter().flat_map(|wait| &wait.places);
        let mut places = places.filter(|place| place.line.is_some());
        let innermost = places.next();
        let Some(AwaitPlace {
            file: Some(file),
            line: Some((line, column)),
            ..
        }) = innermost
        else {
            // Without a line of its own, where it was spawned says most.
            return match spawned_at.is_empty() {
                true => Ok(()),
                false => write!(f, ", spawned at {spawned_at}"),
            };
        };
        write!(f, ", at {file}:{line}:{column}")?;
        match innermost.map_or("", AwaitPlace::short_function) {
            "" => {}
            function => write!(f, " in {function}")?,
        }
        if let Some(AwaitPlace {
            file: Some(file),
            line: Some((line, _)),
            ..
        }) = places.next()
        {
            // The attribute of a test awaits its body, and says so as where it was spawned.
            let outer = format!("{file}:{line}");
            if !spawned_at.starts_with(&outer) {
                write!(f, " (awaited at {outer})")?;
            }
        }
        Ok(())
    }
}

/// Why a run did not take place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unmade {
    /// It was asked for inside another run.
    Nested,
    /// Its scheduler had none.
    NoMore,
    /// Its scheduler panicked, so that it counts for nothing.
    NoScheduler,
    /// What was asked for cannot be done, and this is why: a file of regressions cannot be read, a setting is out of range.
    Refused(String),
}

impl fmt::Display for Unmade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unmade::Nested => {
                "a run was started inside another run: only one can be under way on a thread"
            }
            Unmade::NoMore => "nothing was run: the scheduler has no run left",
            Unmade::NoScheduler => "the scheduler panicked: this run says nothing of the program",
            Unmade::Refused(why) => why,
        })
    }
}

/// One run.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Verdict, run, sleep};
/// use std::time::Duration;
///
/// let run = run(&Config::new(), || sleep(Duration::from_secs(1))).unwrap();
/// assert_eq!((run.verdict, run.at.as_nanos()), (Verdict::Done, 1_000_000_000));
/// assert!(run.token.to_string().starts_with("dh1:0"));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Run {
    /// How it ended.
    pub verdict: Verdict,
    /// The scheduler's name.
    pub scheduler: &'static str,
    /// When it ended.
    pub at: Instant,
    /// Turns taken and timers fired.
    pub steps: u64,
    /// Decisions that had more than one option.
    pub decisions: u64,
    /// What reproduces it.
    pub token: Token,
    /// A hash of all its events.
    pub fingerprint: u64,
    /// The checks that did not hold.
    pub violations: Vec<Violation>,
    /// How many more there were: of each check the first is kept, and of all a few.
    pub more_violations: u64,
    /// What was stated to hold sometimes, and whether it did.
    pub statements: Vec<(&'static str, bool)>,
    /// The tasks that had not ended, unless all had.
    pub pending: Vec<Pending>,
    /// The panic that ended it.
    pub panic: Option<PanicReport>,
    /// The line of the program above the place where that panic was raised, if it was raised in code of others.
    pub panic_line: Option<Line>,
    /// The panic of another task that this one tells of, as the `unwrap` of a joined task's error does.
    pub panicked_first: Option<PanicReport>,
    /// How something outside took part.
    pub escapes: Vec<Escape>,
    /// What it took from outside without a word (real clocks, real chance, threads, processes, sockets), and what its own
    /// clock did without being asked to.
    pub leaks: Vec<Leak>,
    /// Its trace, if one was asked for.
    pub trace: Option<Trace>,
    /// Its departures from "FIFO and on time" in words, if a trace was asked for.
    pub departures: Vec<Explained>,
    /// For each decision about what happens next, how many events of the trace came before it.
    pub(crate) marks: Vec<usize>,
    /// In which order timers and turns came, if that was looked at.
    pub(crate) relations: Vec<Relation>,
    /// When its timers were armed and went, if that was looked at.
    pub(crate) timeline: Option<Box<Timeline>>,
    /// What its sleeps came to, if they were looked at or are worth it.
    pub(crate) sleeps: Option<Box<Sightings>>,
    /// What was asked to go wrong around the program, if anything was.
    pub(crate) asked: Option<Box<Told>>,
    /// Why it did not take place, if it did not.
    pub unmade: Option<Unmade>,
    /// It was repeated and did not do the same: in which way, and the first difference.
    pub nondeterminism: Option<String>,
    /// Where the program did not fit the token it was replayed from.
    pub divergence: Option<Divergence>,
    /// It is a replay whose fingerprint is not the token's.
    pub stale: bool,
}

impl Run {
    /// The seed of the program's own draws.
    ///
    /// # Examples
    ///
    /// ```
    /// let run = deadheat::run(&deadheat::Config::new().seed(7), || async {}).unwrap();
    /// assert_eq!(run.seed(), 7);
    /// ```
    pub fn seed(&self) -> u64 {
        self.token.seed
    }

    /// Its trace, for a snapshot: `insta::assert_snapshot!(run.trace())`. If none was asked for (see
    /// [`Config::trace`](crate::Config::trace)), one that says that nothing was kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, run, sleep};
    /// use std::time::Duration;
    ///
    /// let run = run(&Config::new().trace(true), || async {
    ///     sleep(Duration::from_secs(1)).await;
    /// });
    /// let text = run.unwrap().trace().of_task("main").to_string();
    /// assert!(text.contains("arm #1 deadline=1.000s"));
    /// ```
    pub fn trace(&self) -> &Trace {
        self.trace.as_ref().unwrap_or(&NOTHING_KEPT)
    }

    /// Why it failed, in a line.
    pub(crate) fn reason(&self) -> String {
        let violation = self
            .violations
            .first()
            .map(|violation| violation.text.clone());
        let panic = || self.panic.as_ref().map(|panic| panic.message.clone());
        violation
            .or_else(panic)
            .unwrap_or_else(|| self.verdict.to_string())
    }

    /// A run that did not take place.
    #[inline]
    pub(crate) fn unmade(seed: u64, bounds: Bounds, scheduler: &'static str) -> Run {
        let token = Token {
            seed,
            bounds,
            tape: Tape::new(),
            fingerprint: None,
        };
        Run {
            verdict: Verdict::Failed,
            scheduler,
            at: Instant::START,
            steps: 0,
            decisions: 0,
            token,
            fingerprint: 0,
            violations: Vec::new(),
            more_violations: 0,
            statements: Vec::new(),
            pending: Vec::new(),
            panic: None,
            panic_line: None,
            panicked_first: None,
            escapes: Vec::new(),
            leaks: Vec::new(),
            trace: None,
            departures: Vec::new(),
            marks: Vec::new(),
            relations: Vec::new(),
            timeline: None,
            sleeps: None,
            asked: None,
            unmade: None,
            nondeterminism: None,
            divergence: None,
            stale: false,
        }
    }

    /// A task that has not ended is kept waiting.
    pub(crate) fn is_held(&mut self, waits: u32, holder: Holder) {
        let is_it = |pending: &&mut Pending| pending.number() == Some(waits);
        let pending = self.pending.iter_mut().find(is_it);
        if let Some(wait) = pending.and_then(|pending| pending.wait.as_mut()) {
            wait.held.add(holder);
        }
    }

    pub(crate) fn left_behind(&mut self, timers: usize) {
        let text = format!("{timers} still armed after every task was dropped");
        self.has_violated(Check::NoTimerLeftBehind, text);
    }

    /// Something did not hold, as is known once the run is over.
    pub(crate) fn has_violated(&mut self, check: Check, text: String) {
        self.violations.push(Violation {
            check,
            at: self.at,
            text,
            place: None,
            events_before: None,
        });
    }

    /// A run in which something did not hold has failed, however it ended.
    pub(crate) fn settle(&mut self) {
        let failed = !self.violations.is_empty()
            || self.panic.is_some()
            || !self.escapes.is_empty()
            || self.nondeterminism.is_some();
        if failed {
            self.verdict = Verdict::Failed;
        }
    }
}
