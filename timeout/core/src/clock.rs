//! What the library needs from time: an instant, a sum, and a timer that can be moved.
//!
//! 1. `now` never goes back.
//! 2. A timer that was never polled is not armed: making and dropping it has no effect on others.
//! 3. A timer is never early, as a scope polls it ([`Timer::poll_for`]): once it is `Ready`, `now() >= deadline` holds.
//!
//! Deliberately not here: wall-clock time, formatting, and any way to set the clock.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::observe::Event;
pub use crate::place::Place;
use crate::told::Told;

/// A source of time, cheap to clone.
///
/// Production code uses `TokioClock`; the simulator brings its own. The last two methods exist for
/// simulators, which number and record what happens; a production clock leaves them alone and they
/// cost nothing.
///
/// # Examples
///
/// Code that is generic over the clock runs unchanged in production and in a simulation:
///
/// ```
/// use deadheat_timeout::{Clock, Elapsed, timeout};
/// use std::time::Duration;
///
/// async fn ping<C: Clock>(clock: &C) -> Result<u32, Elapsed> {
///     timeout(clock, Duration::from_millis(50), async { 7 }).await
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// assert_eq!(ping(&deadheat_timeout::TokioClock).await, Ok(7));
/// # });
/// ```
pub trait Clock: Clone + Send + Sync + 'static {
    /// A moment of this clock.
    type Instant: Copy + Ord + Debug + Send + Sync + 'static;

    /// A timer of this clock.
    type Timer: Timer<Self::Instant>;

    /// The present moment.
    fn now(&self) -> Self::Instant;

    /// A timer for `deadline`, not armed until it is polled.
    fn timer(&self, deadline: Self::Instant) -> Self::Timer;

    /// [`timer`](Self::timer) of what was made at a place of the sources, for a clock that tells of it.
    #[inline]
    fn timer_made_at(&self, deadline: Self::Instant, made: Place) -> Self::Timer {
        let _ = made;
        self.timer(deadline)
    }

    /// `at + by`, or `None` where the clock cannot represent the sum.
    fn checked_add(&self, at: Self::Instant, by: Duration) -> Option<Self::Instant>;

    /// `at - by`, or `None` where the clock cannot represent the difference.
    fn checked_sub(&self, at: Self::Instant, by: Duration) -> Option<Self::Instant>;

    /// How long after `earlier` the moment `later` is, or `None` where it is before it.
    ///
    /// What an [`Elapsed`](crate::Elapsed) tells is measured by this. Any clock can do without a method of its own: then
    /// it is found by [`checked_add`](Self::checked_add), in 64 steps.
    fn between(&self, earlier: Self::Instant, later: Self::Instant) -> Option<Duration> {
        if earlier >= later {
            return (earlier == later).then_some(Duration::ZERO);
        }
        // The longest time that ends before `later`, bit by bit.
        let is_before = |nanos| {
            let sum = self.checked_add(earlier, Duration::from_nanos(nanos));
            sum.is_some_and(|sum| sum < later)
        };
        let bits = (0..u64::BITS).rev().map(|bit| 1_u64 << bit);
        let short = bits.fold(
            0,
            |sum, bit| if is_before(sum | bit) { sum | bit } else { sum },
        );
        Some(Duration::from_nanos(short.saturating_add(1)))
    }

    /// Called when a deadline has won that was waited for, before the future that lost is dropped. On a runtime of several threads other tasks
    /// may go on in between, and hand over a value that is dropped with it. A simulator lets them by `Pending`, and sees
    /// to it that `cx` is woken.
    #[inline]
    fn deadline_won(made: Place, cx: &Context<'_>) -> Poll<()> {
        let _ = (made, cx);
        Poll::Ready(())
    }

    /// Called in the poll after [`deadline_won`](Self::deadline_won) was `Pending`: whether the future is dropped as it was
    /// left. If not, it is polled once more.
    #[inline]
    fn deadline_stands() -> bool {
        false
    }

    /// A number for a new task or scope, used in [`Event`]s. Zero where nobody records them.
    fn next_id(&self) -> u64 {
        0
    }

    /// Told of the name of a scope that has one, for a simulator that writes it down.
    fn name(&self, id: u64, name: &str) {
        let _ = (id, name);
    }

    /// Whether [`tell`](Self::tell) is to be called, here and of the clock's timers.
    const IS_TOLD: bool = false;

    /// Told how something ended that had a deadline, if [`IS_TOLD`](Self::IS_TOLD). [`Metered`](crate::Metered) makes
    /// such a clock of any other.
    fn tell(&self, told: &Told<'_, Self::Instant>) {
        let _ = told;
    }

    /// Told of every step of a task's cancel requests and of a scope's life.
    fn observe(&self, event: Event<Self::Instant>) {
        let _ = event;
    }

    /// [`observe`](Self::observe), with the place of the sources that caused it: where a scope was made, where a deadline was
    /// moved, a cancel asked for or taken back.
    fn observe_at(&self, event: Event<Self::Instant>, at: Place) {
        let _ = at;
        self.observe(event);
    }
}

/// A future that is ready at its deadline, and whose deadline can move.
///
/// # Timing
///
/// A deadline at or before now may make the timer ready at its first poll, or a turn later.
///
/// # Cancel safety
///
/// Dropping a timer disarms it.
pub trait Timer<I>: Future<Output = ()> + Send + 'static {
    /// Moves the deadline. The timer must be polled again to be armed for the new one.
    fn reset(self: Pin<&mut Self>, deadline: I);

    /// Polls a timer whose deadline is `deadline`, by the last of the calls that moved it.
    ///
    /// This is how a scope polls. A clock that keeps no second deadline for its timers looks at the scope's here: after
    /// [`postpone`](Self::postpone) and [`hasten`](Self::hasten) its timer may stand earlier, and is moved on when it is
    /// ready there.
    fn poll_for(self: Pin<&mut Self>, deadline: I, cx: &mut Context<'_>) -> Poll<()> {
        let _ = deadline;
        self.poll(cx)
    }

    /// Moves the deadline of a timer that was polled, and has not been ready, to a later one at no cost:
    /// true if the timer need not be polled again for it. Where it is false, nothing has changed, and
    /// [`hasten`](Self::hasten) is what moves it. After this, [`poll_for`](Self::poll_for) is what polls it.
    fn postpone(self: Pin<&mut Self>, deadline: I) -> bool {
        let _ = deadline;
        false
    }

    /// As [`reset`](Self::reset), of a timer for which [`postpone`](Self::postpone) has just been false, as a few times
    /// before. It may be set earlier than `deadline`, so that the next deadlines are later than where it stands.
    /// After this, [`poll_for`](Self::poll_for) is what polls it.
    fn hasten(self: Pin<&mut Self>, deadline: I) {
        self.reset(deadline);
    }

    /// Takes the deadline away: the timer wakes nobody until it is reset and polled.
    fn disarm(self: Pin<&mut Self>);

    /// How long ago its deadline was, as far as the timer can tell. Asked of a timer that has been ready.
    fn lateness(&self) -> Option<Duration> {
        None
    }

    /// [`Clock::tell`], of what has this timer and no clock any more.
    #[inline]
    fn tell(&self, told: &Told<'_, I>) {
        let _ = told;
    }
}

/// T1: `now + delay`, or none where that overflows the clock.
pub(crate) fn deadline_after<C: Clock>(clock: &C, delay: Duration) -> Option<C::Instant> {
    clock.checked_add(clock.now(), delay)
}
