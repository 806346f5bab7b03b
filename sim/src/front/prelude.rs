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

pub use crate::{
    AbortHandle, Bounds, CancelEverywhere, Coarse, Config, Exploration, Failure, Instant,
    JoinError, JoinHandle, Latency, Limits, Link, Mix, NodeClock, Process, Program, Receiver,
    Regressions, ReplayError, Rounding, Run, Sampler, Sender, SimClock, Sleep, Token, Trace,
    TraceEvent, Verdict, WallClock, Watch, What,
};
pub use crate::{always, never, sometimes, trace};
pub use crate::{
    assert_cancel_safe, assert_task_cancel_safe, block_on, busy, cancel_everywhere,
    cancel_task_everywhere, catch, check, check_blocking, check_program, clock, current_task,
    explore, explore_future, fault, fault_of, in_run, log, name_scope, now, pick, random, replay,
    rng, run, run_blocking, run_id, sleep, sleep_until, spawn, spawn_named, spawn_task, violate,
    waiting_for, yield_now,
};
