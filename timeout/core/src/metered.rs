//! A clock that tells whoever is given to it how close each deadline came.
//!
//! 1. There is no global state: the meter is a part of the clock.
//! 2. On every other clock nothing of it is compiled in ([`Clock::IS_TOLD`]).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::clock::{Clock, Place, Timer};
use crate::elapsed::Elapsed;
use crate::observe::Event;
use crate::told::{Deadline, Told};

/// What is to be done with what a [`Metered`] clock has measured: to fill a histogram, to log, to count.
///
/// It is called in the turn in which the timeout ends, so it ought to be quick.
pub trait Meter: Clone + Send + Sync + 'static {
    /// Something ended by itself, and so much was left of its deadline: zero for a scope whose body ended after it.
    fn ended(&self, deadline: &Deadline<'_>, left: Duration);

    /// A deadline was reached.
    fn elapsed(&self, elapsed: &Elapsed);
}

/// A clock that tells a [`Meter`] of each deadline: what was left of it when the work was done, or that it was reached.
///
/// So a service sees which of its deadlines are nearly missed. It works on any clock, in production and in a simulation.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use deadheat_timeout::{Deadline, Elapsed, Meter, Metered, TokioClock, timeout};
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// #[derive(Clone, Default)]
/// struct NearlyMissed(Arc<Mutex<Vec<String>>>);
///
/// impl Meter for NearlyMissed {
///     fn ended(&self, deadline: &Deadline<'_>, left: Duration) {
///         if left < Duration::from_millis(100) {
///             self.0.lock().unwrap().push(format!("{}: {} ms were left", deadline.name.unwrap(), left.as_millis()));
///         }
///     }
///
///     fn elapsed(&self, elapsed: &Elapsed) {
///         self.0.lock().unwrap().push(format!("{}: none was left", elapsed.name().unwrap()));
///     }
/// }
///
/// let nearly = NearlyMissed::default();
/// let clock = Metered::new(TokioClock, nearly.clone());
/// let work = async |millis| {
///     let work = tokio::time::sleep(Duration::from_millis(millis));
///     timeout(&clock, Duration::from_secs(1), work).named("the query").await
/// };
/// assert!(work(10).await.is_ok() && work(950).await.is_ok() && work(2000).await.is_err());
/// let seen = nearly.0.lock().unwrap().clone();
/// assert_eq!(seen.len(), 2);
/// assert!(seen[0].ends_with("ms were left") && seen[1] == "the query: none was left", "{seen:?}");
/// # });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Metered<C, M> {
    clock: C,
    meter: M,
}

impl<C: Clock, M: Meter> Metered<C, M> {
    /// The same clock, and a meter.
    pub fn new(clock: C, meter: M) -> Self {
        Metered { clock, meter }
    }

    /// The clock.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// The meter.
    pub fn meter(&self) -> &M {
        &self.meter
    }
}

impl<C: Clock, M: Meter> Clock for Metered<C, M> {
    type Instant = C::Instant;
    type Timer = MeteredTimer<C, M>;

    const IS_TOLD: bool = true;

    fn now(&self) -> C::Instant {
        self.clock.now()
    }

    fn timer(&self, deadline: C::Instant) -> Self::Timer {
        MeteredTimer {
            timer: self.clock.timer(deadline),
            clock: self.clone(),
            deadline,
        }
    }

    fn timer_made_at(&self, deadline: C::Instant, made: Place) -> Self::Timer {
        MeteredTimer {
            timer: self.clock.timer_made_at(deadline, made),
            clock: self.clone(),
            deadline,
        }
    }

    fn checked_add(&self, at: C::Instant, by: Duration) -> Option<C::Instant> {
        self.clock.checked_add(at, by)
    }

    fn checked_sub(&self, at: C::Instant, by: Duration) -> Option<C::Instant> {
        self.clock.checked_sub(at, by)
    }

    fn between(&self, earlier: C::Instant, later: C::Instant) -> Option<Duration> {
        self.clock.between(earlier, later)
    }

    fn deadline_won(made: Place, cx: &Context<'_>) -> Poll<()> {
        C::deadline_won(made, cx)
    }

    fn deadline_stands() -> bool {
        C::deadline_stands()
    }

    fn next_id(&self) -> u64 {
        self.clock.next_id()
    }

    fn name(&self, id: u64, name: &str) {
        self.clock.name(id, name);
    }

    fn tell(&self, told: &Told<'_, C::Instant>) {
        self.clock.tell(told);
        match told {
            Told::Ended { deadline, at } => {
                let Some(at) = *at else { return };
                let left = self.clock.between(self.clock.now(), at);
                self.meter.ended(deadline, left.unwrap_or_default());
            }
            Told::Elapsed(elapsed) => self.meter.elapsed(elapsed),
        }
    }

    fn observe(&self, event: Event<C::Instant>) {
        self.clock.observe(event);
    }

    fn observe_at(&self, event: Event<C::Instant>, at: Place) {
        self.clock.observe_at(event, at);
    }
}

pin_project! {
    /// A timer of a [`Metered`] clock.
    ///
    /// # Cancel safety
    ///
    /// Dropping it disarms it.
    #[must_use = "futures do nothing unless awaited"]
    pub struct MeteredTimer<C: Clock, M> {
        #[pin]
        timer: C::Timer,
        clock: Metered<C, M>,
        deadline: C::Instant,
    }
}

impl<C: Clock, M: Meter> Future for MeteredTimer<C, M> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().timer.poll(cx)
    }
}

impl<C: Clock, M: Meter> Timer<C::Instant> for MeteredTimer<C, M> {
    fn reset(self: Pin<&mut Self>, deadline: C::Instant) {
        let this = self.project();
        *this.deadline = deadline;
        this.timer.reset(deadline);
    }

    fn poll_for(self: Pin<&mut Self>, deadline: C::Instant, cx: &mut Context<'_>) -> Poll<()> {
        self.project().timer.poll_for(deadline, cx)
    }

    fn postpone(self: Pin<&mut Self>, deadline: C::Instant) -> bool {
        let this = self.project();
        let is_postponed = this.timer.postpone(deadline);
        if is_postponed {
            *this.deadline = deadline;
        }
        is_postponed
    }

    fn hasten(self: Pin<&mut Self>, deadline: C::Instant) {
        let this = self.project();
        *this.deadline = deadline;
        this.timer.hasten(deadline);
    }

    fn disarm(self: Pin<&mut Self>) {
        self.project().timer.disarm();
    }

    fn lateness(&self) -> Option<Duration> {
        self.timer.lateness()
    }

    fn tell(&self, told: &Told<'_, C::Instant>) {
        match *told {
            Told::Ended { deadline, at } => {
                let at = at.or(Some(self.deadline));
                self.clock.tell(&Told::Ended { deadline, at });
            }
            told => self.clock.tell(&told),
        }
    }
}
