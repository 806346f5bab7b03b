//! The catalogue of timeout patterns, as they are used in the field.
//!
//! 1. Each pattern is a scenario file that says in its comment what it is, where it is met and what must
//!    hold; its `expect` says the same to the machine.
//! 2. Beside many a pattern stands its twin, `NAME-bug`: the same with one realistic mistake, that plain
//!    FIFO on time does not show.
//! 3. The default exploration finds each planted bug within 1000 runs, whatever the seed; what must hold
//!    survives a hundred times as many, also with timers that are up to 10 ms late.
//!
//! Bugs that real projects shipped are not here but in the museum.

use crate::{ParseError, ScenarioProgram, parse};

/// One scenario of the catalogue.
#[derive(Debug)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// The scenario file.
    pub text: &'static str,
    /// What bug is planted in it; none: it must hold.
    pub planted: Option<&'static str>,
    /// The name of the entry with, or without, the bug.
    pub twin: Option<&'static str>,
}

/// Every entry, by name; a planted bug follows its twin.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Watch, explore};
/// use deadheat_scenarios::catalogue;
///
/// for entry in catalogue::entries() {
///     let exploration = explore(&entry.program()?, &Config::new(), &Watch::default());
///     assert_eq!(exploration.failure().is_some(), entry.planted.is_some(), "{}", entry.name);
/// }
/// # Ok::<(), deadheat_scenarios::ParseError>(())
/// ```
pub fn entries() -> &'static [Entry] {
    ENTRIES
}

/// The entry of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.name == name)
}

impl Entry {
    /// The scenario, ready to run.
    ///
    /// # Errors
    ///
    /// None in practice: every file of the catalogue parses.
    pub fn program(&self) -> Result<ScenarioProgram, ParseError> {
        parse(self.name, self.text).map(ScenarioProgram::new)
    }
}

/// A pattern, and its twin if a bug is named.
macro_rules! entry {
    ($name:literal, $summary:literal) => {
        Entry {
            name: $name,
            summary: $summary,
            text: include_str!(concat!("../catalogue/", $name, ".kdl")),
            planted: None,
            twin: None,
        }
    };
    ($name:literal, $summary:literal, twin) => {
        Entry {
            twin: Some(concat!($name, "-bug")),
            ..entry!($name, $summary)
        }
    };
    ($name:literal, $summary:literal, $bug:literal) => {
        Entry {
            name: concat!($name, "-bug"),
            summary: $summary,
            text: include_str!(concat!("../catalogue/", $name, "-bug.kdl")),
            planted: Some($bug),
            twin: Some($name),
        }
    };
}

static ENTRIES: &[Entry] = &[
    entry!(
        "bulkhead",
        "at most two calls at once, and nobody queues for long"
    ),
    entry!(
        "connection-pool",
        "a connection pool with an acquire timeout",
        twin
    ),
    entry!(
        "connection-pool",
        "a connection pool with an acquire timeout",
        "the deadline cuts the ping short, and nobody gives the connection back"
    ),
    entry!("debounce", "search when nobody has typed for 300 ms", twin),
    entry!(
        "debounce",
        "search when nobody has typed for 300 ms",
        "the timer is cancelled, the value that it has posted is not"
    ),
    entry!(
        "extended-deadline",
        "a deadline that is extended in time",
        twin
    ),
    entry!(
        "extended-deadline",
        "a deadline that is extended in time",
        "the extension is a flag, granted between the look and the stop"
    ),
    entry!(
        "graceful-shutdown",
        "graceful shutdown with a deadline to drain",
        twin
    ),
    entry!(
        "graceful-shutdown",
        "graceful shutdown with a deadline to drain",
        "a clean-up that catches too much swallows the cancel, and the server serves on"
    ),
    entry!(
        "handover",
        "wait_for with a value handed over at the deadline",
        twin
    ),
    entry!(
        "handover",
        "wait_for with a value handed over at the deadline",
        "the fetch has ended in a value, and the timeout drops it"
    ),
    entry!(
        "heartbeat",
        "heartbeats that re-arm a deadline of silence",
        twin
    ),
    entry!(
        "heartbeat",
        "heartbeats that re-arm a deadline of silence",
        "the deadline is re-armed after the handling, which counts as silence"
    ),
    entry!(
        "hedged-request",
        "hedged requests, of which one answer counts",
        twin
    ),
    entry!(
        "hedged-request",
        "hedged requests, of which one answer counts",
        "the loser answers before its cancel comes, and counts as well"
    ),
    entry!(
        "idle-connection",
        "closing a connection that has been idle for too long",
        twin
    ),
    entry!(
        "idle-connection",
        "closing a connection that has been idle for too long",
        "it says goodbye first and leaves the pool second: somebody takes it in between"
    ),
    entry!(
        "late-deadline",
        "a deadline that becomes known late, as in asyncio's documentation"
    ),
    entry!(
        "lease-renewal",
        "lease renewal, counted from the asking",
        twin
    ),
    entry!(
        "lease-renewal",
        "lease renewal, counted from the asking",
        "the holder counts from the reply, and two hold the lease"
    ),
    entry!(
        "load-shedding",
        "a full queue pushes back, and not for long"
    ),
    entry!(
        "nested-deadlines",
        "a call with a fallback inside a request with a deadline"
    ),
    entry!(
        "rate-limiter",
        "a rate limiter whose callers do not wait for ever",
        twin
    ),
    entry!(
        "rate-limiter",
        "a rate limiter whose callers do not wait for ever",
        "a token is granted to a call that leaves in the same moment"
    ),
    entry!("relay", "a relay that polls with a deadline", twin),
    entry!(
        "relay",
        "a relay that polls with a deadline",
        "a message is taken, and the deadline comes before it is sent on"
    ),
    entry!(
        "retry-budget",
        "retry with back-off inside a total budget",
        twin
    ),
    entry!(
        "retry-budget",
        "retry with back-off inside a total budget",
        "the deadline comes while the reply travels, and the retry charges again"
    ),
    entry!("rollback", "rollback after a deadline", twin),
    entry!(
        "rollback",
        "rollback after a deadline",
        "a second cancel ends the rollback half-way"
    ),
    entry!("shared-deadline", "one deadline shared by several stages"),
    entry!(
        "single-flight",
        "several callers wait for one fetch, each with its own patience",
        twin
    ),
    entry!(
        "single-flight",
        "several callers wait for one fetch, each with its own patience",
        "the hasty caller's timeout cancels the fetch for all"
    ),
    entry!("watchdog", "a watchdog that is re-armed by progress", twin),
    entry!(
        "watchdog",
        "a watchdog that is re-armed by progress",
        "it kills work that moved while it wrote down what hung"
    ),
];
