//! hyper's timer and executor: time-outs and connection tasks of the run.
//!
//! Bodies and sockets are not here: hyper takes any `Read + Write`, such as an in-memory pipe
//! (`tokio::io::duplex` in `hyper_util::rt::TokioIo`).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ::hyper::rt;
use deadheat::program::SimTimer;
use deadheat::{clock, now};
use deadheat_timeout::{Clock as _, Timer as _};

use crate::{from_std, to_std};

/// The time of the run, for hyper's `timer(…)`.
///
/// # Timing
///
/// A sleep counts from the call that makes it. One that is reset keeps its place, and is exact to the
/// nanosecond.
///
/// # Panics
///
/// Outside of a run, when it is asked for a sleep or for the present.
///
/// # Examples
///
/// A client that never sends its headers is let go after 30 s:
///
/// ```
/// use deadheat::{Config, now, run};
/// use deadheat_ties::hyper::Timer;
/// use http_body_util::Empty;
/// use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
/// use hyper_util::rt::TokioIo;
/// use std::{convert::Infallible, time::Duration};
///
/// run(&Config::new(), || async {
///     let (_silent_client, pipe) = tokio::io::duplex(1024);
///     let served = http1::Builder::new()
///         .timer(Timer)
///         .header_read_timeout(Duration::from_secs(30))
///         .serve_connection(TokioIo::new(pipe), service_fn(|_| async {
///             Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
///         }))
///         .await;
///     assert!(served.unwrap_err().is_timeout());
///     assert_eq!(now().as_nanos(), 30_000_000_000);
/// })
/// .unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Timer;

impl rt::Timer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleep::until(now().saturating_add(duration)))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleep::until(from_std(deadline)))
    }

    fn now(&self) -> Instant {
        to_std(now())
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn rt::Sleep>>, deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<Sleep>() {
            Some(ours) => ours.timer().reset(from_std(deadline)),
            None => *sleep = self.sleep_until(deadline),
        }
    }
}

/// A timer of the run, as hyper asks for it.
#[derive(Debug)]
struct Sleep(SimTimer);

impl Sleep {
    #[track_caller]
    fn until(deadline: deadheat::Instant) -> Self {
        Sleep(clock().timer(deadline))
    }

    fn timer(self: Pin<&mut Self>) -> Pin<&mut SimTimer> {
        Pin::new(&mut self.get_mut().0)
    }
}

impl rt::Sleep for Sleep {}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.timer().poll(cx)
    }
}

/// Spawns what hyper wants to have run, as tasks of the run.
///
/// # Panics
///
/// Outside of a run, when it is given a future.
///
/// # Examples
///
/// ```
/// use deadheat_ties::hyper::Executor;
/// use hyper::rt::Executor as _;
///
/// deadheat::run(&deadheat::Config::new(), || async {
///     let (done, wait) = tokio::sync::oneshot::channel();
///     Executor.execute(async { done.send(7).unwrap() });
///     assert_eq!(wait.await, Ok(7));
/// })
/// .unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Executor;

impl<F> rt::Executor<F> for Executor
where
    F: Future + 'static,
    F::Output: 'static,
{
    #[track_caller]
    fn execute(&self, future: F) {
        drop(deadheat::spawn(future));
    }
}
