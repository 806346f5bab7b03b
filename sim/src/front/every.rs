//! `check` for every order of a program's events, in the place of some that are drawn.

use std::future::Future;

use crate::base::bounds::Bounds;
use crate::engine::program::{Main, Unit};
use crate::front::check::checked;
use crate::report::failure::Failure;
use crate::search::config::Config;
use crate::search::orders::Orders;

/// [`check`](crate::check) for every order of events within `bounds`, in the place of runs that are drawn: see
/// [`explore_exhaustive`](crate::explore_exhaustive). Gives which orders were seen, with the provisos; on an exact clock
/// ([`Bounds::EXACT`]) all that the latencies allow.
///
/// No more than `config.runs` runs are made. Where that is not enough, [`Orders::is_exhausted`] says so: what is given
/// then is [`Orders::Some`]. Jobs and schedulers are not asked: one thread enumerates.
///
/// # Errors
///
/// The [`Failure`] of the first run that is not as it should be, shrunk, as [`check`](crate::check) gives it.
///
/// # Panics
///
/// Never: a panic of the program is told in the [`Failure`]. So is a call from inside another run.
///
/// # Examples
///
/// Two replies that may tie, which a test of a few runs seldom sees:
///
/// ```
/// use deadheat::{Bounds, Config, check_exhaustive, clock, sleep, spawn};
/// use deadheat_timeout::timeout;
/// use std::time::Duration;
///
/// let (least, most) = (Duration::from_millis(10), Duration::from_millis(90));
/// let replies = move || async move {
///     let (one, other) = (spawn(sleep(least..=most)), spawn(sleep(least..=most)));
///     one.await.unwrap();
///     other.await.unwrap();
/// };
/// let config = Config::new().runs(100_000);
/// let orders = check_exhaustive(&config, Bounds::EXACT, replies).unwrap();
/// assert_eq!(orders.to_string(), "every order and tie that the ranges allow");
///
/// let failure = check_exhaustive(&config, Bounds::EXACT, move || async move {
///     let reply = timeout(&clock(), most, sleep(least..=most)).await;
///     assert!(reply.is_ok(), "the timeout came first");
/// });
/// assert!(failure.unwrap_err().to_string().contains("the timeout came first"));
/// ```
#[track_caller]
pub fn check_exhaustive<F, Fut>(
    config: &Config,
    bounds: Bounds,
    program: F,
) -> Result<Orders, Box<Failure>>
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let program = Unit(Main::new(program));
    checked(&program, config, Some(bounds), &|| false).map(|checked| checked.orders)
}
