//! The catalogue of timeout patterns, as they are used in the field.
//!
//! 1. Each pattern is a scenario file that says in its comment what it is, where it is met and what must
//!    hold; its `expect` says the same to the machine.
//! 2. Beside many a pattern stands its twin, `NAME-bug`: the same with one realistic mistake, that plain
//!    FIFO on time does not show.
//! 3. The default exploration finds each planted bug within 1000 runs, measured from a hundred seeds; what
//!    must hold survives a hundred times as many, also with timers that are up to 10 ms late.
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
    /// Its file, from the root of deadheat's repository: what reports name.
    ///
    /// # Examples
    ///
    /// ```
    /// let relay = deadheat_scenarios::catalogue::find("relay").unwrap();
    /// assert_eq!(relay.file(), "scenarios/catalogue/relay.kdl");
    /// ```
    pub fn file(&self) -> String {
        format!("scenarios/catalogue/{}.kdl", self.name)
    }

    /// The scenario, ready to run.
    ///
    /// # Errors
    ///
    /// None in practice: every file of the catalogue parses.
    pub fn program(&self) -> Result<ScenarioProgram, ParseError> {
        parse(&self.file(), self.text).map(ScenarioProgram::new)
    }
}

/// A list of patterns, each with the bug of its twin if it has one.
macro_rules! catalogue {
    ($($name:literal: $summary:literal $(, $planted:ident: $bug:literal)?;)*) => {
        &[$(
            Entry {
                name: $name,
                summary: $summary,
                text: include_str!(concat!("../catalogue/", $name, ".kdl")),
                planted: None,
                twin: twin!($name $($planted)?),
            },
            $(Entry {
                name: concat!($name, "-bug"),
                summary: $summary,
                text: include_str!(concat!("../catalogue/", $name, "-bug.kdl")),
                $planted: Some($bug),
                twin: Some($name),
            },)?
        )*]
    };
}

macro_rules! twin {
    ($name:literal) => {
        None
    };
    ($name:literal planted) => {
        Some(concat!($name, "-bug"))
    };
}

static ENTRIES: &[Entry] = catalogue! {
    "bulkhead": "at most two calls at once, and nobody queues for long";
    "connection-pool": "a connection pool with an acquire timeout",
        planted: "the deadline cuts the ping short, and nobody gives the connection back";
    "debounce": "search when nobody has typed for 300 ms",
        planted: "the timer is cancelled, the value that it has posted is not";
    "extended-deadline": "a deadline that is extended in time",
        planted: "the extension is a flag, granted between the look and the stop";
    "graceful-shutdown": "graceful shutdown with a deadline to drain",
        planted: "a clean-up that catches too much swallows the cancel, and the server serves on";
    "handover": "wait_for with a value handed over at the deadline",
        planted: "the fetch has ended in a value, and the timeout drops it";
    "heartbeat": "heartbeats that re-arm a deadline of silence",
        planted: "the deadline is re-armed after the handling, which counts as silence";
    "hedged-request": "hedged requests, of which one answer counts",
        planted: "the loser answers before its cancel comes, and counts as well";
    "idle-connection": "closing a connection that has been idle for too long",
        planted: "it says goodbye first and leaves the pool second: somebody takes it in between";
    "late-deadline": "a deadline that becomes known late, as in asyncio's documentation";
    "lease-renewal": "lease renewal, counted from the asking",
        planted: "the holder counts from the reply, and two hold the lease";
    "load-shedding": "a full queue pushes back, and not for long";
    "nested-deadlines": "a call with a fallback inside a request with a deadline";
    "rate-limiter": "a rate limiter whose callers do not wait for ever",
        planted: "a token is granted to a call that leaves in the same moment";
    "relay": "a relay that polls with a deadline",
        planted: "a message is taken, and the deadline comes before it is sent on";
    "retry-budget": "retry with back-off inside a total budget",
        planted: "the deadline comes while the reply travels, and the retry charges again";
    "rollback": "rollback after a deadline",
        planted: "a second cancel ends the rollback half-way";
    "shared-deadline": "one deadline shared by several stages";
    "single-flight": "several callers wait for one fetch, each with its own patience",
        planted: "the hasty caller's timeout cancels the fetch for all";
    "watchdog": "a watchdog that is re-armed by progress",
        planted: "it kills work that moved while it wrote down what hung";
};
