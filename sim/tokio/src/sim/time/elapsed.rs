//! tokio's error of a timeout, which only a timeout of tokio's can make.

use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Runtime};
use tokio::task::coop::unconstrained;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

/// A timeout that is due where it is made: its deadline is when the clock of its runtime, which never moves, was made.
struct Due {
    runtime: Runtime,
    at: Instant,
}

thread_local! {
    // What it takes from the system is none of the program's.
    static DUE: Due = deadheat::beside::lifted(Due::new);
}

impl Due {
    fn new() -> Due {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O asks the system for nothing");
        let at = {
            let _context = runtime.enter();
            Instant::now()
        };
        Due { runtime, at }
    }

    fn error(&self) -> Option<Elapsed> {
        let _context = self.runtime.enter();
        // Unconstrained: in a turn whose budget is spent it would be pending.
        let timeout = pin!(unconstrained(timeout_at(self.at, pending::<()>())));
        match timeout.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(elapsed)) => Some(elapsed),
            _ => None,
        }
    }
}

/// The error.
pub(super) fn elapsed() -> Elapsed {
    DUE.with(Due::error).expect("a timeout that is due is due")
}
