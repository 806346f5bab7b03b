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
pub struct Handle<C: Clock> {
    pub(crate) shared: Arc<Shared<C>>,
}

impl<C: Clock> Handle<C> {
    pub(crate) fn new(shared: Arc<Shared<C>>) -> Self {
        Handle { shared }
    }

    /// The deadline, or none (T9).
    pub fn when(&self) -> Option<C::Instant> {
        self.shared.deadline()
    }

    /// async-timeout's name for [`when`](Self::when).
    pub fn deadline(&self) -> Option<C::Instant> {
        self.when()
    }

    /// Whether the deadline was reached (T4): true also while the body still cleans up.
    pub fn expired(&self) -> bool {
        self.state().is_expired()
    }

    /// Where the scope is in its life (T9).
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// Moves the deadline to an instant, or takes it away (T8).
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    pub fn reschedule(&self, deadline: Option<C::Instant>) -> Result<(), StateError> {
        self.shared.reschedule(|scope| scope.reschedule(deadline))
    }

    /// Moves the deadline to an instant.
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    pub fn reschedule_at(&self, deadline: C::Instant) -> Result<(), StateError> {
        self.reschedule(Some(deadline))
    }

    /// Moves the deadline to `delay` from now; a sum that overflows the clock is no deadline.
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    pub fn reschedule_after(&self, delay: Duration) -> Result<(), StateError> {
        self.reschedule(deadline_after(&self.shared.clock, delay))
    }

    /// async-timeout's name for [`reschedule_at`](Self::reschedule_at).
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    pub fn update(&self, deadline: C::Instant) -> Result<(), StateError> {
        self.reschedule_at(deadline)
    }

    /// Takes the deadline away.
    ///
    /// # Errors
    ///
    /// [`StateError`] unless the scope is active.
    pub fn reject(&self) -> Result<(), StateError> {
        self.reschedule(None)
    }

    /// Moves the deadline later, counted from the deadline. A sum that overflows is no deadline.
    ///
    /// # Errors
    ///
    /// [`ShiftError::NoDeadline`] if it has none, in every state; else [`ShiftError::State`] unless the
    /// scope is active.
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
    pub fn shift_earlier(&self, by: Duration) -> Result<(), ShiftError> {
        self.shift_with(|clock, at| clock.checked_sub(at, by).or_else(|| Some(clock.now())))
    }

    fn shift_with(
        &self,
        sum: impl FnOnce(&C, C::Instant) -> Option<C::Instant>,
    ) -> Result<(), ShiftError> {
        let sum = |at| sum(&self.shared.clock, at);
        self.shared.reschedule(|scope| scope.shift(sum))
    }

    /// The number of the scope in [`Event`](crate::Event)s.
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
