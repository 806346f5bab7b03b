//! What tests use, and the programs in them, for `use deadheat::prelude::*`.
//!
//! It is what the crate's root has, but for the attribute `test` and what only schedulers and drivers need. By
//! `use deadheat::*` one gets the attribute, too, and then the compiler cannot tell whether `#[test]` is that or the
//! standard library's; with `use tokio::*` it is the same. `#[deadheat::test]` works either way.
//!
//! ```
//! use deadheat::prelude::*;
//!
//! let checked = check(&Config::new().runs(20), || async {
//!     sleep(std::time::Duration::from_millis(1)).await;
//!     always!(now() > Instant::START);
//! });
//! assert_eq!(checked.unwrap(), 20);
//! ```

pub use crate::cancel_safe::CancelEverywhere;
pub use crate::cancel_safe::{assert_task_cancel_safe, cancel_everywhere, cancel_task_everywhere};
pub use crate::fault::fault_of;
pub use crate::fault::{Coarse, Link, NodeClock, Process, Receiver, Rounding, Sender, WallClock};
pub use crate::program::{AbortHandle, Latency, SimClock, Sleep};
pub use crate::program::{
    busy, catch, current_task, in_run, name_scope, pick, rng, run_id, spawn_task, violate,
    waiting_for,
};
pub use crate::record::{EventKind, TraceEvent};
pub use crate::search::Exploration;
pub use crate::{
    Bounds, Config, Failure, Instant, JoinError, JoinHandle, Limits, Mix, Program, Regressions,
    ReplayError, Run, Sampler, Token, Trace, Verdict, Watch,
};
pub use crate::{always, never, sometimes, trace};
pub use crate::{
    assert_cancel_safe, block_on, check, check_blocking, check_program, clock, explore,
    explore_future, fault, log, now, random, replay, run, run_blocking, sleep, sleep_until, spawn,
    spawn_named, yield_now,
};
