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
//! - [`check`] runs a future many times, each time in another order, and reports the first failure;
//!   [`run`] runs it once, [`replay`] runs it as a token says.
//! - [`#[deadheat::test]`](mod@testing) makes an `async fn` a test that is explored, keeps what fails, and prints
//!   the line that replays it.
//! - Inside a run: [`spawn`], [`sleep`], [`now`], [`random`], [`trace!`], [`always!`], [`never!`], [`sometimes!`]; and
//!   [`clock`], for code that is generic over [`deadheat_timeout::Clock`].
//! - What may go wrong, each a decision: [`fault`], [`Link`], [`Process`], [`WallClock`], [`NodeClock`],
//!   [`Coarse`].
//! - [`Config::regressions`] keeps failing runs and makes them first; with the feature `proptest` there is a
//!   strategy for the decisions of a run (`property`), with `state-machine` an adapter for
//!   `proptest-state-machine`.
//! - `tokio::sync` channels, locks, semaphores and notifies work unchanged inside a run (but in which order a `watch`
//!   wakes its receivers, tokio draws); with the feature `tokio`, tokio's clock and timers do in crates that use
//!   them (`tokio_time`), and the package `deadheat-tokio` stands for tokio in the code under test.
//! - [`assert_cancel_safe`] cancels a future at each place where it waits.
//! - [`Program`] and [`explore`] are the same for programs that are not one future.
//! - [`prelude`] is for `use deadheat::prelude::*`, which leaves `#[test]` and `tokio::` what they are.
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
mod decide;
mod engine;
mod fault;
mod front;
pub mod invariant;
mod program;
mod record;
mod report;
mod search;
mod state;
pub mod witness;

pub use base::bounds::{Bounds, Limit, Limits};
pub use base::printable::Printable;
pub use base::rng::{Purpose, Stream};
pub use base::time::Instant;
pub use base::verdict::Verdict;
#[cfg(feature = "macros")]
pub use deadheat_macros::test;
pub use decide::scheduler::{
    Bounded, Bytes, Choice, Decision, Delay, Divergence, Exhaustive, Fifo, Naive, Pct, Pos, Random,
    Replay, Scheduler, Seen,
};
pub use decide::tape::{Departure, Kind, Tape};
pub use decide::token::{Token, TokenError};
pub use engine::abort::AbortHandle;
pub use engine::block_on::block_on;
pub use engine::caught::{Caught, catch, forgive_unseen_panics};
pub use engine::clock::{Latency, SimClock, SimTimer};
pub use engine::join::{JoinError, JoinHandle};
pub use engine::plain::{as_async, is_async};
pub use engine::program::{Main, MainHandle, Program};
pub use fault::clocks::{Coarse, NodeClock, Rounding, ShiftedTimer, WallClock};
pub use fault::link::{Link, Receiver, Sender};
pub use fault::point::{fault, fault_of};
pub use fault::process::Process;
pub use front::cancel_safe::{
    AwaitPlace, CancelEverywhere, CancelFailure, CancelMoment, CancelPoint, CancelReport,
    CancelWay, assert_cancel_safe, assert_task_cancel_safe, cancel_everywhere,
    cancel_task_everywhere,
};
pub use front::check::{
    ReplayError, check, check_blocking, check_program, replay, run, run_blocking,
};
#[cfg(feature = "proptest")]
pub use front::property;
#[cfg(feature = "tokio")]
pub use front::tokio_time;
pub use front::{prelude, testing};
pub use invariant::{Check, Violation};
pub use program::draw::{UserRng, rng};
pub use program::draw::{pick, random};
pub use program::here::{clock, current_task, in_run, now, run_id};
pub use program::spawn::{name_scope, spawn, spawn_named, spawn_task};
pub use program::state::{always, log, never, sometimes, violate, violate_at};
pub use program::wait::{Sleep, YieldNow, busy, sleep, sleep_until, waiting_for, yield_now};
pub use record::coverage::Covered;
pub use record::departures::Explained;
pub use record::foreign::Escape;
pub use record::panic::PanicReport;
pub use record::run::{Pending, Run, Unmade};
pub use record::trace::{By, How, Trace, TraceError, TraceEvent, What};
pub use report::dullest::shrunk;
pub use report::failure::Failure;
pub use report::fate::Fate;
pub use report::nearest::Nearest;
pub use report::slack::Slack;
pub use report::whole::{report, report_kept};
pub use search::config::Config;
pub use search::exploration::{Exploration, Found};
pub use search::explore::{Watch, explore, explore_future};
pub use search::maker::Made;
pub use search::mix::{Lane, Mix};
pub use search::orders::Orders;
pub use search::regressions::{RegressionError, Regressions, write_whole};
pub use search::sampler::{Sampler, UnknownScheduler};
pub use search::single::{replay as replay_program, run_fifo, run_next, run_with};
pub use search::systematic::{explore_bounded, explore_exhaustive};
