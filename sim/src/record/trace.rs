//! The trace of a run: what happened, when, to whom; its text form is versioned and stable.
//!
//! 1. A trace is made of what was recorded once the run is over: names take the place of numbers.
//! 2. `Trace::parse` reads what `Display` writes, and nothing else.
//!
//! Deliberately not here: source positions and addresses, which unrelated edits would change.

mod filter;
mod text;

pub use text::TraceError;

use deadheat_timeout::{ScopeEnd, State};

use crate::base::time::Instant;
use crate::record::origin::Origin;
use crate::record::panic::PanicReport;

/// What happened in a run, in order.
///
/// Its text is made for snapshots: it has names, virtual times and numbers, and nothing of the machine, the
/// build or the sources. A snapshot of a part ([`of_task`](Trace::of_task), [`of_scope`](Trace::of_scope),
/// [`scopes`](Trace::scopes), [`cancellations`](Trace::cancellations)) does not change either with what is
/// added elsewhere in the program.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Trace, run, sleep};
/// use std::time::Duration;
///
/// let run = run(&Config::new().trace(true), || async {
///     sleep(Duration::from_secs(1)).await;
/// });
/// let trace = run.unwrap().trace.unwrap();
/// assert!(trace.to_string().starts_with("deadheat trace 1\n"));
/// assert_eq!(Trace::parse(&trace.to_string()).unwrap(), trace);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// The events.
    pub events: Vec<TraceEvent>,
    /// Whether there were more, beyond the limit on a trace's length.
    pub truncated: bool,
}

/// One event.
#[derive(Debug, Clone)]
pub struct TraceEvent {
    /// When it happened.
    pub at: Instant,
    /// The task it concerns, if it concerns one.
    pub task: Option<String>,
    /// What happened.
    pub what: EventKind,
    /// Where in the sources it was caused, if it was. It counts neither for equality nor in the text.
    pub origin: Option<Origin>,
    /// What the task panicked with, if it ended by that and whoever joins it was told. It counts neither for equality nor
    /// in the text.
    pub panic: Option<Box<PanicReport>>,
}

impl PartialEq for TraceEvent {
    fn eq(&self, other: &Self) -> bool {
        (self.at, &self.task, &self.what) == (other.at, &other.task, &other.what)
    }
}

impl Eq for TraceEvent {}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A task was spawned.
    Spawn,
    /// A task took a turn.
    Turn,
    /// A task was woken.
    Wake,
    /// A timer was armed, by its number.
    Arm {
        /// Its number.
        timer: u64,
        /// Its deadline.
        deadline: Instant,
        /// The last moment at which it may fire.
        until: Instant,
    },
    /// A timer fired.
    Fire(u64),
    /// A timer was cancelled.
    Disarm(u64),
    /// The turn of a woken task, or a due timer, is late, or takes longer: it waits until a moment.
    Late {
        /// The timer's number; none for a turn.
        timer: Option<u64>,
        /// Until when.
        to: Instant,
    },
    /// The task let time pass without yielding.
    Busy(Instant),
    /// A scope was entered.
    Enter {
        /// Its name.
        scope: String,
        /// Its deadline.
        deadline: Option<Instant>,
    },
    /// A scope's deadline moved.
    Reschedule {
        /// Its name.
        scope: String,
        /// Its deadline from now on.
        deadline: Option<Instant>,
    },
    /// A scope's deadline was reached.
    Expire {
        /// Its name.
        scope: String,
    },
    /// A scope was left.
    Exit {
        /// Its name.
        scope: String,
        /// The state it is left in.
        state: State,
        /// What came out.
        end: ScopeEnd,
    },
    /// The task was asked to cancel.
    Cancel(CancelledBy),
    /// A cancel request was delivered.
    Deliver,
    /// The task began to wait for another one, to which requests are passed on.
    Join(String),
    /// One request was taken back.
    Uncancel {
        /// How many remain.
        remaining: u32,
    },
    /// The task ended.
    End(TaskOutcome),
    /// A draw of the program's own.
    Draw {
        /// What was drawn.
        value: u64,
        /// Below this.
        options: u64,
    },
    /// Something went wrong that may.
    Fault(String),
    /// An event of the program's own.
    Log(String),
    /// The task did something at a socket: words that go on after its name.
    Socket(String),
    /// Something became of a packet: a sentence.
    Packet(String),
    /// The task did something to a file in memory: words that go on after its name.
    File(String),
    /// The task stands for something that takes time on the network.
    Errand {
        /// What it is, with who sends it to whom.
        what: String,
        /// What it does now.
        now: String,
        /// What it does as the timer of the task fires.
        then: String,
    },
}

/// Who asked a task to cancel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelledBy {
    /// A scope, at its deadline.
    Scope(String),
    /// A task, through a handle.
    Task(String),
    /// A task that waits for this one and was asked itself.
    Waiter(String),
    /// Nobody that is a task.
    Outside,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskOutcome {
    /// With a value.
    Returned,
    /// With `Cancelled`.
    Cancelled,
    /// With another error.
    Failed,
    /// It was aborted.
    Aborted,
    /// It panicked.
    Panicked,
}
