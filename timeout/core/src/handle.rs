//! Reading and moving the deadline of a scope, from anywhere.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, deadline_after};
use crate::error::{ShiftError, StateError};
use crate::machine::State;
use crate::scope::Shared;

/// A handle on a [`Timeout`](crate::Timeout): `Clone + Send + Sync + 'static`, and good after the
/// scope's exit, too.
///
/// # Timing
///
/// A reschedule takes effect in the call. A deadline at or before now fires on the next turn (T8).
/// Whether a reschedule or the deadline came first is decided under one lock: a reschedule that
/// returned `Ok` is what counts.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use deadheat_timeout::{Timeout, TokioClock};
/// use std::time::Duration;
///
/// let timeout = Timeout::after(&TokioClock, Duration::from_secs(1));
/// let deadline = timeout.handle();
/// let work = timeout.run(tokio::time::sleep(Duration::from_secs(5)));
/// // Somebody else sees that there is progress, and gives more time.
/// let more = async { deadline.shift(Duration::from_secs(9)) };
/// let (work, more) = tokio::join!(work, more);
/// assert_eq!((work, more), (Ok(()), Ok(())));
/// # });
/// ```
pub struct Handle<C: Clock> {
    pub(crate) shared: Arc<Shared<C>>,
}

impl<C: Clock> Handle<C> {
    pub(crate) fn new(shared: Arc<Shared<C>>) -> Self {
        Handle { shared }
    }

    /// The deadline, or none (T9).
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// let earlier = deadline.when().unwrap();
    /// timeout.run(async { deadline.shift(Duration::from_secs(1)) }).await.unwrap().unwrap();
    /// assert_eq!(deadline.when(), Some(earlier + Duration::from_secs(1)));
    /// # });
    /// ```
    pub fn when(&self) -> Option<C::Instant> {
        self.shared.deadline()
    }

    /// async-timeout's name for [`when`](Self::when).
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// assert_eq!(deadline.deadline(), deadline.when());
    /// # drop(timeout);
    /// # });
    /// ```
    pub fn deadline(&self) -> Option<C::Instant> {
        self.when()
    }

    /// Whether the deadline was reached (T4): true also while the body still cleans up.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// assert!(timeout.run(std::future::pending::<()>()).await.is_err());
    /// assert!(deadline.expired());
    /// # });
    /// ```
    pub fn expired(&self) -> bool {
        self.state().is_expired()
    }

    /// Where the scope is in its life (T9).
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{State, Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// assert_eq!(deadline.state(), State::Created);
    /// timeout.run(async {}).await.unwrap();
    /// assert_eq!(deadline.state(), State::Finished);
    /// # });
    /// ```
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// Moves the deadline to an instant, or takes it away (T8).
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// let work = async {
    ///     deadline.reschedule(None).unwrap();
    ///     tokio::time::sleep(Duration::from_secs(5)).await;
    /// };
    /// assert_eq!(timeout.run(work).await, Ok(()));
    /// assert!(deadline.reschedule(None).is_err(), "it is over");
    /// # });
    /// ```
    #[track_caller]
    pub fn reschedule(&self, deadline: Option<C::Instant>) -> Result<(), StateError> {
        self.shared.reschedule(|scope| scope.reschedule(deadline))
    }

    /// Moves the deadline to an instant.
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// let work = async {
    ///     let sooner = tokio::time::Instant::now() + Duration::from_secs(1);
    ///     deadline.reschedule_at(sooner).unwrap();
    ///     tokio::time::sleep(Duration::from_millis(1500)).await;
    /// };
    /// assert!(timeout.run(work).await.is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn reschedule_at(&self, deadline: C::Instant) -> Result<(), StateError> {
        self.reschedule(Some(deadline))
    }

    /// Moves the deadline to `delay` from now; a sum that overflows the clock is no deadline.
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// let work = async {
    ///     for _chunk in 0..3 {
    ///         tokio::time::sleep(Duration::from_millis(1500)).await;
    ///         deadline.reschedule_after(Duration::from_secs(2)).unwrap();
    ///     }
    /// };
    /// assert_eq!(timeout.run(work).await, Ok(()));
    /// # });
    /// ```
    #[track_caller]
    pub fn reschedule_after(&self, delay: Duration) -> Result<(), StateError> {
        self.reschedule(deadline_after(&self.shared.clock, delay))
    }

    /// async-timeout's name for [`reschedule_at`](Self::reschedule_at).
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// let at = tokio::time::Instant::now() + Duration::from_secs(9);
    /// assert_eq!(timeout.run(async { deadline.update(at) }).await, Ok(Ok(())));
    /// assert_eq!(deadline.when(), Some(at));
    /// # });
    /// ```
    #[track_caller]
    pub fn update(&self, deadline: C::Instant) -> Result<(), StateError> {
        self.reschedule_at(deadline)
    }

    /// Takes the deadline away.
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// let work = async {
    ///     deadline.reject().unwrap(); // from here on it takes as long as it takes
    ///     tokio::time::sleep(Duration::from_secs(60)).await;
    /// };
    /// assert_eq!(timeout.run(work).await, Ok(()));
    /// # });
    /// ```
    #[track_caller]
    pub fn reject(&self) -> Result<(), StateError> {
        self.reschedule(None)
    }

    /// Moves the deadline later, counted from the deadline. A sum that overflows is no deadline.
    ///
    /// # Errors
    ///
    /// [`ShiftError::NoDeadline`] if it has none, in every state; else [`ShiftError::State`] unless the
    /// scope is active.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{ShiftError, Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// let work = async {
    ///     deadline.shift(Duration::from_secs(4)).unwrap();
    ///     tokio::time::sleep(Duration::from_secs(5)).await;
    /// };
    /// assert_eq!(timeout.run(work).await, Ok(()));
    ///
    /// let never = Timeout::never(&TokioClock);
    /// assert_eq!(never.handle().shift(Duration::ZERO), Err(ShiftError::NoDeadline));
    /// # });
    /// ```
    #[track_caller]
    pub fn shift(&self, by: Duration) -> Result<(), ShiftError> {
        self.shift_with(|clock, at| clock.checked_add(at, by))
    }

    /// Moves the deadline earlier, counted from the deadline; a difference that the clock cannot
    /// represent is now.
    ///
    /// # Errors
    ///
    /// [`ShiftError::NoDeadline`] if it has none, in every state; else [`ShiftError::State`] unless the
    /// scope is active.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// let work = async {
    ///     deadline.shift_earlier(Duration::from_secs(1)).unwrap();
    ///     tokio::time::sleep(Duration::from_millis(1500)).await;
    /// };
    /// assert!(timeout.run(work).await.is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn shift_earlier(&self, by: Duration) -> Result<(), ShiftError> {
        self.shift_with(|clock, at| clock.checked_sub(at, by).or_else(|| Some(clock.now())))
    }

    #[track_caller]
    fn shift_with(
        &self,
        sum: impl FnOnce(&C, C::Instant) -> Option<C::Instant>,
    ) -> Result<(), ShiftError> {
        let sum = |at| sum(&self.shared.clock, at);
        self.shared.reschedule(|scope| scope.shift(sum))
    }

    /// The number of the scope in [`Event`](crate::Event)s.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// assert_eq!(deadline.id(), 0, "tokio's clock numbers nothing; a simulator's does");
    /// # drop(timeout);
    /// # });
    /// ```
    pub fn id(&self) -> u64 {
        self.shared.id
    }
}

impl<C: Clock> Clone for Handle<C> {
    fn clone(&self) -> Self {
        Handle {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C: Clock> fmt::Debug for Handle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("state", &self.state())
            .field("when", &self.when())
            .finish_non_exhaustive()
    }
}
