//! What happened in a run, as an invariant sees it: with numbers for names.

use std::time::Duration;

use deadheat_timeout as lib;

use crate::base::time::Instant;
use crate::base::verdict::Verdict;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Event<'a> {
    /// When.
    pub at: Instant,
    /// In whose turn, if in one: the task's number, in the order of spawning from 0.
    pub task: Option<u32>,
    /// What.
    pub what: Happened<'a>,
}

impl<'a> Event<'a> {
    /// An event of a history of one's own, for a test of an invariant.
    pub fn new(at: Instant, task: Option<u32>, what: Happened<'a>) -> Self {
        Event { at, task, what }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Happened<'a> {
    /// A task was spawned.
    Spawned(u32),
    /// A task takes its turn.
    Turn(u32),
    /// A task was woken.
    Woken(u32),
    /// A timer was armed. Without lateness it fires at its deadline, or, if it is a latency, until `until`.
    Armed {
        /// Its number, which goes up with each arming.
        timer: u64,
        /// When it is due.
        deadline: Instant,
        /// The last moment at which it may fire if it is a latency; else its deadline.
        until: Instant,
    },
    /// A timer fired.
    Fired(u64),
    /// An armed timer was dropped, or armed anew.
    Disarmed(u64),
    /// A woken task takes its turn only at a later moment.
    LateTurn {
        /// The task.
        task: u32,
        /// The moment.
        to: Instant,
    },
    /// A due timer fires only at a later moment.
    LateFire {
        /// The timer.
        timer: u64,
        /// The moment.
        to: Instant,
    },
    /// The running task let time pass without giving way.
    Busy(Duration),
    /// A task has ended.
    Ended(u32),
    /// The program drew a number.
    Drew {
        /// The number.
        value: u64,
        /// It is below this.
        options: u64,
    },
    /// An event of the program's own.
    Logged(&'a str),
    /// Something went wrong: the fault and its way.
    Fault(&'a str),
    /// An event of the timeout library. Its numbers of tasks and scopes are its own.
    Library(lib::Event<Instant>),
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct End {
    /// When.
    pub at: Instant,
    /// How it ended, as far as it is known before its tasks are dropped.
    pub verdict: Verdict,
}
