//! deadheat tests timeout logic: it runs asynchronous code on a virtual clock, decides the order and
//! the lateness of everything that happens, checks what must always hold, and gives back each failure
//! as one line that reproduces it.
//!
//! A *dead heat* is a race that ends in a tie. Timeout bugs live there: the result and the deadline,
//! the deadline and an outside cancel, a cancel and its clean-up, all at (nearly) the same moment.
//! So **time is part of the schedule** here: lateness and order are recorded, bounded, replayable and
//! shrinkable decisions.
//!
//! # Where to begin
//!
//! The names of the first week are here, at the root; all others are in the modules.
//!
//! | to | there is |
//! |---|---|
//! | make an `async fn` a test that is explored, kept and replayed | [`#[deadheat::test]`](mod@testing) |
//! | explore a future in a test of one's own; run it once; replay a token | [`check`], [`run`], [`replay`] |
//! | say how many runs, how late, in which orders, within which limits | [`Config`], [`Bounds`], [`Mix`], [`Limits`] |
//! | spawn, sleep, read the clock and draw inside a run | [`spawn`], [`sleep`], [`now`], [`clock`], [`random`]; more in [`program`] |
//! | state what must hold | [`always!`], [`never!`], [`sometimes!`]; for all runs [`invariant`] |
//! | let something go wrong, each a decision | [`fault()`](fn@fault); links, processes and clocks in [`fault`](mod@fault) |
//! | let a scheduler or an invariant of one's own take part | [`search::Lane::own`], [`Config::invariant`] |
//! | read what a report says | [`Failure`], [`report`](mod@report) |
//! | keep failing runs, and snapshot traces | [`Regressions`], [`Trace`] |
//! | draw a run | [`picture`](mod@picture) |
//! | cancel a future at each place where it waits | [`assert_cancel_safe`] |
//! | see that what was asked to go wrong on the network does | [`assert_faults_bite`] |
//!
//! [`Program`] and [`explore`] are the same for programs that are not one future. `tokio::sync` channels, locks,
//! semaphores and notifies work unchanged inside a run (but in which order a `watch` wakes its receivers, tokio draws);
//! the package `deadheat-tokio` stands for tokio in the code under test, and keeps crates that use tokio's clock and
//! timers themselves in time with a run ([`beside`](mod@beside)). With the feature `proptest` there is a strategy for the
//! decisions of a run (`property`), with `state-machine` an adapter for `proptest-state-machine`.
//! [`prelude`] is for `use deadheat::prelude::*`, which leaves `#[test]` and `tokio::` what they are.
//!
//! # The model
//!
//! One run is a pure function of (program, seed, scheduler, bounds), on one thread. What can happen
//! next is that a woken task takes a **turn**, that a due timer **fires**, or that the first of them is
//! **late** within its bound; time passes when nothing can happen. Each choice among them is a
//! **decision**; choice 0 is the dullest: FIFO, on time. A **tape** holds
//! the **departures** from that, a [`Token`] is a tape on one line.
//!
//! ```
//! use deadheat::{Config, check, clock, sleep};
//! use deadheat_timeout::timeout;
//! use std::time::Duration;
//!
//! // The reply comes after 1 to 5 s, the deadline after 3 s: both ends are reached.
//! let late = check(&Config::new().name("reply"), || async {
//!     let reply = sleep(Duration::from_secs(1)..=Duration::from_secs(5));
//!     timeout(&clock(), Duration::from_secs(3), reply).await.expect("a reply in time");
//! });
//! let report = late.unwrap_err().to_string();
//! assert!(report.starts_with("FAILED  reply"));
//! ```

mod base;
pub mod decide;
mod engine;
pub mod fault;
mod front;
pub mod invariant;
pub mod net;
pub mod picture;
pub mod program;
pub mod record;
pub mod report;
pub mod search;
mod state;
pub mod witness;

pub use base::bounds::{Bounds, Limits};
pub use base::time::Instant;
pub use base::verdict::Verdict;
#[cfg(feature = "macros")]
pub use deadheat_macros::{outside, test};
pub use decide::token::Token;
pub use engine::beside;
pub use engine::block_on::block_on;
pub use engine::join::{JoinError, JoinHandle};
pub use engine::program::{Main, Program};
pub use fault::point::fault;
pub use front::cancel_safe::assert_cancel_safe;
pub use front::check::{
    ReplayError, check, check_blocking, check_program, replay, run, run_blocking,
};
pub use front::drill::assert_faults_bite;
pub use front::every::check_exhaustive;
#[cfg(feature = "proptest")]
pub use front::property;
pub use front::{cancel_safe, drill, prelude, testing};
pub use program::draw::random;
pub use program::here::{clock, now};
pub use program::spawn::{spawn, spawn_named};
pub use program::state::{always, log, never, sometimes};
pub use program::wait::{sleep, sleep_until, yield_now};
pub use record::run::Run;
pub use record::trace::Trace;
pub use report::failure::Failure;
pub use search::config::Config;
pub use search::explore::{Watch, explore, explore_future};
pub use search::mix::Mix;
pub use search::regressions::Regressions;
pub use search::sampler::Sampler;
pub use search::systematic::explore_exhaustive;

// Names that lived here before they had a module: programs that use them still build. They go with the first release.
#[doc(hidden)]
pub use {
    cancel_safe::{
        AwaitPlace, CancelEverywhere, CancelFailure, CancelMoment, CancelPoint, CancelReport,
        CancelWay, assert_task_cancel_safe, cancel_everywhere, cancel_task_everywhere,
    },
    decide::{
        Bounded, Bytes, Choice, Decision, DecisionKind, Delay, Departure, Divergence, Exhaustive,
        Fifo, Naive, Pct, Pos, Purpose, Random, Replay, Scheduler, Stream, Tape, TokenError,
    },
    fault::{
        Coarse, Link, NodeClock, Process, Receiver, Rounding, Sender, ShiftedTimer, WallClock,
        fault_of,
    },
    front::old::{replay_program, run_fifo, run_with},
    invariant::{Check, Violation},
    program::{
        AbortHandle, Caught, Latency, MainHandle, SimClock, SimTimer, Sleep, UserRng, YieldNow,
        as_async, busy, catch, current_task, forgive_unseen_panics, in_run, is_async, name_scope,
        pick, rng, run_id, spawn_task, violate, violate_at, waiting_for,
    },
    record::{
        CancelledBy, Covered, Escape, EventKind, Explained, LimitReached, PanicReport, Pending,
        TaskOutcome, TraceError, TraceEvent,
    },
    report::{Fate, Nearest, Printable, Slack, report, report_kept, shrunk},
    search::{
        Exploration, Failing, Found, Orders, RegressionError, UnknownScheduler, explore_bounded,
        write_whole, write_whole_unlocked,
    },
};
