//! What a program under test calls inside a run.

pub(crate) mod draw;
pub(crate) mod here;
pub(crate) mod macros;
pub(crate) mod spawn;
pub(crate) mod state;
pub(crate) mod wait;

pub use draw::{UserRng, pick, random, rng};
pub use here::{clock, current_task, in_run, now, run_id, stands_in_here};
pub use spawn::{name_scope, spawn, spawn_named, spawn_task};
pub use state::{always, log, never, reaches_line, sometimes, violate, violate_at};
pub use wait::{Sleep, YieldNow, busy, interval_made, sleep, sleep_until, waiting_for, yield_now};

pub use crate::engine::abort::AbortHandle;
pub use crate::engine::aside::{Aside, aside};
pub use crate::engine::block_on::block_on;
pub use crate::engine::caught::{Caught, catch, forgive_unseen_panics};
pub use crate::engine::clock::{Latency, SimClock, SimTimer};
pub use crate::engine::join::{JoinError, JoinHandle};
pub use crate::engine::plain::{as_async, is_async};
pub use crate::engine::program::{Main, MainHandle, Program};
pub use crate::engine::threads::{
    becomes_multi_thread, is_multi_thread, let_others_go_first, others_went_first,
};
