//! The error of a timeout: tokio's own, or one of a run, which tells which timeout it was.

use std::error::Error;
use std::fmt;
use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use deadheat_timeout::{self as lib, Place};
use tokio::runtime::{Builder, Runtime};
use tokio::task::coop::unconstrained;
use tokio::time::error::Elapsed as Tokios;
use tokio::time::{Instant, timeout_at};

use super::Duration;

/// The deadline of a timeout was reached.
///
/// Inside a run it tells which timeout it was, behind what tokio's says. All of them are equal, as tokio's are.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let late = tokio::time::timeout(Duration::from_secs(2), std::future::pending::<()>()).await;
///     let elapsed = late.unwrap_err();
///     let place = elapsed.place().unwrap();
///     let told = format!("deadline has elapsed: timed out after 2 s (timeout made at {place})");
///     assert_eq!(elapsed.to_string(), told);
/// });
/// run.unwrap();
/// ```
pub struct Elapsed {
    inner: Inner,
}

enum Inner {
    Tokio(Tokios),
    Run(lib::Elapsed),
}

impl Elapsed {
    /// Of a timeout of this run.
    pub(super) fn in_run(elapsed: lib::Elapsed) -> Self {
        Elapsed {
            inner: Inner::Run(elapsed),
        }
    }

    /// Where the timeout was made, inside a run.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.told().map(lib::Elapsed::place)
    }

    /// How long after the timeout was made its deadline was, inside a run.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.told().and_then(lib::Elapsed::delay)
    }

    /// How long after the deadline it was noticed, inside a run.
    #[must_use]
    pub fn lateness(&self) -> Option<Duration> {
        self.told().and_then(lib::Elapsed::lateness)
    }

    fn told(&self) -> Option<&lib::Elapsed> {
        match &self.inner {
            Inner::Tokio(_) => None,
            Inner::Run(elapsed) => Some(elapsed),
        }
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Inner::Tokio(elapsed) => elapsed.fmt(f),
            Inner::Run(elapsed) => write!(f, "deadline has elapsed: {elapsed}"),
        }
    }
}

impl fmt::Debug for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Inner::Tokio(elapsed) => elapsed.fmt(f),
            Inner::Run(elapsed) => elapsed.fmt(f),
        }
    }
}

impl PartialEq for Elapsed {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Elapsed {}

impl Error for Elapsed {}

impl From<Elapsed> for std::io::Error {
    /// Inside a run the error is kept in it.
    fn from(elapsed: Elapsed) -> Self {
        match elapsed.inner {
            Inner::Tokio(elapsed) => elapsed.into(),
            Inner::Run(_) => std::io::Error::new(std::io::ErrorKind::TimedOut, elapsed),
        }
    }
}

impl From<Tokios> for Elapsed {
    fn from(elapsed: Tokios) -> Self {
        Elapsed {
            inner: Inner::Tokio(elapsed),
        }
    }
}

impl From<Elapsed> for Tokios {
    fn from(elapsed: Elapsed) -> Self {
        match elapsed.inner {
            Inner::Tokio(elapsed) => elapsed,
            Inner::Run(_) => DUE.with(Due::error).expect("a timeout that is due is due"),
        }
    }
}

/// A timeout that is due where it is made: its deadline is when the clock of its runtime, which never moves, was made.
/// Only a timeout of tokio's can make tokio's error.
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

    fn error(&self) -> Option<Tokios> {
        let _context = self.runtime.enter();
        // Unconstrained: in a turn whose budget is spent it would be pending.
        let timeout = pin!(unconstrained(timeout_at(self.at, pending::<()>())));
        match timeout.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(elapsed)) => Some(elapsed),
            _ => None,
        }
    }
}
