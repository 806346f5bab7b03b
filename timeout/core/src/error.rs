//! The errors: a delivered cancel, and what is wrong with a reschedule.

use std::error::Error;
use std::fmt;

use crate::state::State;

/// A cancel request, delivered.
///
/// Pass it on (`?`), after whatever clean-up is due. A body that drops it has refused the request,
/// as in asyncio.
///
/// It converts into any error that can hold it. A scope recognises it there by the chain of
/// [`Error::source`], so keep it as the source (`#[from]` of `thiserror` does).
///
/// # Examples
///
/// ```
/// use deadheat_timeout::{Cancelled, Elapsed};
///
/// #[derive(Debug, thiserror::Error)]
/// enum QueryError {
///     #[error("given up")]
///     Cancelled(#[from] Cancelled), // `#[from]` keeps it as the source, so a scope recognises it
///     #[error("took too long")]
///     Elapsed(#[from] Elapsed),
/// }
/// assert!(matches!(Cancelled::new().into(), QueryError::Cancelled(_)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cancelled {
    /// Set once a scope has turned it into an [`Elapsed`](crate::Elapsed): it is history then, not on its way out.
    translated: bool,
}

impl Cancelled {
    /// A `Cancelled` of one's own making, as `raise CancelledError` makes one.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Cancelled, Interrupted, TaskEnd, TokioClock, task};
    ///
    /// // A body may end as if it had been cancelled.
    /// let (work, handle) = task(&TokioClock, async |_| Err::<(), _>(Interrupted::from(Cancelled::new())));
    /// work.await;
    /// assert_eq!(handle.end(), Some(TaskEnd::Cancelled));
    /// # });
    /// ```
    pub fn new() -> Self {
        Cancelled { translated: false }
    }

    /// One that a scope has turned into an [`Elapsed`](crate::Elapsed).
    pub(crate) const fn translated() -> Self {
        Cancelled { translated: true }
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled")
    }
}

impl Error for Cancelled {
    /// A mark, so that a `Cancelled` is still found in a chain behind `#[error(transparent)]`.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if self.translated { None } else { Some(&Mark) }
    }
}

/// The root of every `Cancelled` that is on its way out.
#[derive(Debug)]
struct Mark;

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task was asked to cancel")
    }
}

impl Error for Mark {}

/// A scope in this state cannot be entered or rescheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateError {
    state: State,
}

impl StateError {
    pub(crate) fn new(state: State) -> Self {
        StateError { state }
    }

    /// The state that was found.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{State, Timeout, TokioClock};
    ///
    /// let timeout = Timeout::never(&TokioClock);
    /// let refused = timeout.handle().reject().unwrap_err();
    /// assert_eq!(refused.state(), State::Created);
    /// # drop(timeout);
    /// # });
    /// ```
    pub fn state(&self) -> State {
        self.state
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state {
            State::Created => f.write_str("the timeout has not been entered"),
            state => write!(f, "cannot change the deadline of a timeout that is {state}"),
        }
    }
}

impl Error for StateError {}

/// Why a deadline could not be shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShiftError {
    /// The scope is not active.
    State(StateError),
    /// The scope has no deadline to shift.
    NoDeadline,
}

impl fmt::Display for ShiftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShiftError::State(error) => error.fmt(f),
            ShiftError::NoDeadline => f.write_str("cannot shift a timeout without a deadline"),
        }
    }
}

impl Error for ShiftError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ShiftError::State(error) => Some(error),
            ShiftError::NoDeadline => None,
        }
    }
}

impl From<StateError> for ShiftError {
    fn from(error: StateError) -> Self {
        ShiftError::State(error)
    }
}

/// Whether a [`Cancelled`] that is on its way out is `error` or stands behind it.
pub(crate) fn is_cancelled(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(cancelled) = error.downcast_ref::<Cancelled>() {
            return !cancelled.translated;
        }
        if error.is::<Mark>() {
            return true;
        }
        next = error.source();
    }
    false
}
