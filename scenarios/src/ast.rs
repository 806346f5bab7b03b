//! A scenario as data: tasks made of steps, and what must hold at the end of every run.
//!
//! 1. Names are resolved: a step holds an index into a vector of its [`Scenario`], so an interpreter
//!    never looks up a string.
//! 2. Times are whole nanoseconds since the start of the run, durations whole nanoseconds; a scenario
//!    that was read from a file keeps both within `i64`.
//! 3. [`Scenario::scopes`] and [`Scenario::events`] are in order of first mention in the tasks;
//!    [`Scenario::semaphores`] and [`Scenario::queues`] hold the declared ones first, then those that
//!    are only used, in order of first use. Tasks are in file order.
//!
//! Reading is in [`parse()`](crate::parse()), writing is `Display for Scenario`; what a step *does* is the
//! interpreter's business.

mod places;
mod words;

pub(crate) use places::each_step;
pub use places::{At, Places};

/// One scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// What the scenario is called in reports.
    pub name: String,
    /// Every semaphore that is declared or used.
    pub semaphores: Vec<Semaphore>,
    /// Every queue that is declared or used.
    pub queues: Vec<Queue>,
    /// The name of every event.
    pub events: Vec<String>,
    /// The name of every timeout scope, in order of appearance.
    pub scopes: Vec<String>,
    /// The tasks, which all start at time 0, in this order.
    pub tasks: Vec<Task>,
    /// What is checked at the end of every run.
    pub expect: Vec<Expectation>,
    /// Where its parts stand in the file that it was read from. Two scenarios that differ only there are equal.
    pub places: Places,
}

/// A semaphore; one that is used without a declaration has one permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Semaphore {
    /// Its name.
    pub name: String,
    /// How many may hold it at once, at least 1.
    pub permits: u32,
}

/// A queue of text values; one that is used without a declaration is unbounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How many values it holds before `send` waits, at least 1; `None` is unbounded.
    pub capacity: Option<u32>,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// What it does, in order.
    pub steps: Vec<Step>,
}

/// An index into [`Scenario::tasks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub usize);

/// An index into [`Scenario::scopes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub usize);

/// An index into [`Scenario::events`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub usize);

/// An index into [`Scenario::queues`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(pub usize);

/// An index into [`Scenario::semaphores`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SemaphoreId(pub usize);

/// How long a `sleep` or a `busy` takes, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// Exactly this long.
    Exact(u64),
    /// Decided in each run; the dullest choice is the low end.
    Range {
        /// The least it takes.
        low_ns: u64,
        /// The most it takes, not below the least.
        high_ns: u64,
    },
}

/// When a timeout scope fires, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// Never.
    None,
    /// This long after the step begins (`after=`).
    After(u64),
    /// At this time of the run (`at=`).
    At(u64),
}

/// One step of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `sleep D`: wait.
    Sleep(Latency),
    /// `yield`: wait for one turn.
    Yield,
    /// `busy D`: let time pass without yielding.
    Busy(Latency),
    /// `log TEXT`: a user event.
    Log(String),
    /// `timeout NAME [after=D | at=T] { … }`: a scope.
    Timeout {
        /// The scope.
        scope: ScopeId,
        /// Its first deadline.
        deadline: Deadline,
        /// What runs inside it.
        body: Vec<Step>,
    },
    /// `wait-for [after=D] { … }`: wait for these steps, at most so long.
    WaitForSteps {
        /// The limit in nanoseconds; `None` is no limit.
        after: Option<u64>,
        /// What is waited for.
        body: Vec<Step>,
    },
    /// `wait-for TASK [after=D]`: wait for another task, at most so long.
    WaitForTask {
        /// What is waited for.
        task: TaskId,
        /// The limit in nanoseconds; `None` is no limit.
        after: Option<u64>,
    },
    /// `await TASK [shield=#true]`: wait for another task.
    Await {
        /// What is waited for.
        task: TaskId,
        /// Whether the wait can be cancelled without cancelling the task.
        shield: bool,
    },
    /// `cancel TASK`: request that it is cancelled.
    Cancel(TaskId),
    /// `uncancel`: take back one request from the running task.
    Uncancel,
    /// `reschedule NAME [after=D | at=T]`: move a deadline, or take it away.
    Reschedule {
        /// The scope.
        scope: ScopeId,
        /// Its new deadline.
        deadline: Deadline,
    },
    /// `shift NAME by=D`: move a deadline by this much.
    Shift {
        /// The scope.
        scope: ScopeId,
        /// How far in nanoseconds; negative is earlier.
        by: i64,
    },
    /// `update NAME at=T`: move a deadline to this time.
    Update {
        /// The scope.
        scope: ScopeId,
        /// The new deadline in nanoseconds.
        at: u64,
    },
    /// `reject NAME`: take a deadline away.
    Reject(ScopeId),
    /// `set EVENT`.
    Set(EventId),
    /// `clear EVENT`.
    Clear(EventId),
    /// `wait EVENT`: wait until it is set.
    Wait(EventId),
    /// `send QUEUE VALUE`.
    Send {
        /// The queue.
        queue: QueueId,
        /// What is put into it.
        value: String,
    },
    /// `recv QUEUE`: wait for a value and log it.
    Recv(QueueId),
    /// `acquire SEM { … }`: hold one permit for the block.
    Acquire {
        /// The semaphore.
        semaphore: SemaphoreId,
        /// What runs while the permit is held.
        body: Vec<Step>,
    },
    /// `try { body { … } on KIND { … } … finally { … } }`.
    Try {
        /// What is tried.
        body: Vec<Step>,
        /// What is caught, in file order, each kind once.
        handlers: Vec<Handler>,
        /// What runs in any case.
        finally: Option<Vec<Step>>,
    },
    /// `raise`: raise again what the enclosing `on` caught.
    Raise,
    /// `fail NAME`: raise this error; `timeout` raises a timeout error.
    Fail(String),
    /// `check NAME [expired=B] [state=S] [when=T]`: what must hold now.
    Check {
        /// The scope.
        scope: ScopeId,
        /// Whether it has expired.
        expired: Option<bool>,
        /// The state it is in.
        state: Option<ScopeState>,
        /// Its deadline.
        when: Option<When>,
    },
}

/// One `on KIND { … }` of a `try`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// What it catches.
    pub kind: HandlerKind,
    /// What it does then.
    pub steps: Vec<Step>,
}

/// What an `on` catches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlerKind {
    /// A delivered cancel request.
    Cancelled,
    /// A timeout error.
    Timeout,
    /// Any other error.
    Error,
}

/// The state of a timeout scope, with CPython's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeState {
    /// Not entered yet.
    Created,
    /// Entered.
    Active,
    /// Fired, while the body still runs.
    Expiring,
    /// Left after it fired.
    Expired,
    /// Left without having fired.
    Finished,
}

/// The deadline that a check asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// No deadline, written `when=#null`.
    None,
    /// This time in nanoseconds, written `when="3s"`.
    At(u64),
}

/// One line of `expect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// `task NAME [ends=E] [at=T]`.
    Task {
        /// The task.
        task: TaskId,
        /// How it ends.
        ends: Option<End>,
        /// When it ends, in nanoseconds.
        at: Option<u64>,
    },
    /// `scope NAME [expired=B] [state=S] [when=T]`, at the end of the run.
    Scope {
        /// The scope.
        scope: ScopeId,
        /// Whether it has expired.
        expired: Option<bool>,
        /// The state it is in.
        state: Option<ScopeState>,
        /// Its deadline.
        when: Option<When>,
    },
    /// `log TEXT [count=N]`.
    Log {
        /// The text, in full.
        text: String,
        /// How many times it is logged; `None` is at least once.
        count: Option<u32>,
    },
    /// `never TEXT`: this text is not logged.
    Never(String),
    /// `verdict V`: how the run as a whole ends.
    Verdict(Verdict),
}

/// How a task ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its steps came to their end.
    Returned,
    /// In a cancellation.
    Cancelled,
    /// In a timeout error.
    Timeout,
    /// In the error of this name, written `error:NAME`.
    Error(String),
    /// Not at all.
    Pending,
}

/// How a run as a whole ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every task has ended.
    Done,
    /// Nothing can ever happen again, and a task is pending.
    Stuck,
    /// A limit was reached.
    Limit,
    /// A check or an expectation does not hold.
    Failed,
}
