//! Where a scope is in its life.

use std::fmt;

/// Where a scope is in its life; printed as CPython prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Made, not entered yet.
    Created,
    /// Entered; the deadline, if any, is still ahead.
    Active,
    /// The deadline was reached, and the body has not ended yet.
    Expiring,
    /// The deadline was reached, and the body has ended.
    Expired,
    /// The body ended before the deadline.
    Finished,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [State; 5] = [
        State::Created,
        State::Active,
        State::Expiring,
        State::Expired,
        State::Finished,
    ];

    /// True from the moment the deadline is reached (T4).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::State;
    ///
    /// let expired = State::ALL.into_iter().filter(|state| state.is_expired());
    /// assert_eq!(expired.collect::<Vec<_>>(), [State::Expiring, State::Expired]);
    /// ```
    pub fn is_expired(self) -> bool {
        matches!(self, State::Expiring | State::Expired)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            State::Created => "created",
            State::Active => "active",
            State::Expiring => "expiring",
            State::Expired => "expired",
            State::Finished => "finished",
        })
    }
}
