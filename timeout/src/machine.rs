//! The timeout contract as plain functions over plain data: no future, no clock, no lock.
//!
//! 1. `Created → Active → Expiring → Expired` and `Active → Finished`; nothing else (the states).
//! 2. A scope requests a cancel at most once, at `Active → Expiring` (T4).
//! 3. What a scope requested, and only that, it takes back at its exit (T6).
//! 4. A scope ends in `Elapsed` only if its own request is the last one that counts (T6, T7).
//!
//! Source: CPython 3.13, `Lib/asyncio/timeouts.py` and `tasks.py`; the clause numbers are those of
//! this crate's documentation.

use crate::error::{ShiftError, StateError};
use crate::observe::ScopeEnd;
pub use crate::state::State;

/// The cancel requests of one task: how many count, and whether one waits to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requests {
    count: u32,
    undelivered: bool,
}

impl Requests {
    /// No request.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many requests count: made, and not taken back.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether a request waits to be delivered.
    pub fn is_undelivered(&self) -> bool {
        self.undelivered
    }

    /// T5: one more request counts. Nothing is to be delivered yet: see [`mark`](Self::mark).
    pub fn add(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    /// T5: there is a request to deliver. Two before one delivery are delivered once.
    pub fn mark(&mut self) {
        self.undelivered = true;
    }

    /// T5: delivers what waits; true if there was something.
    pub fn deliver(&mut self) -> bool {
        std::mem::take(&mut self.undelivered)
    }

    /// T14: takes one request back and returns how many remain. At zero an undelivered one goes too.
    pub fn uncancel(&mut self) -> u32 {
        if self.count > 0 {
            self.count -= 1;
            if self.count == 0 {
                self.undelivered = false;
            }
        }
        self.count
    }

    /// T2: what a scope that is entered now remembers.
    ///
    /// DIFFERENCE: CPython takes the whole count. A request that still waits to be delivered would
    /// then be part of the baseline, and a zero timeout would swallow it (gh-134471).
    pub fn baseline(&self) -> u32 {
        self.count.saturating_sub(u32::from(self.undelivered))
    }
}

/// How the body of a scope ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyEnd {
    /// With a value.
    Value,
    /// With `Cancelled`.
    Cancelled,
    /// With another error.
    Error,
}

/// One timeout scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<I> {
    state: State,
    deadline: Option<I>,
    baseline: u32,
}

impl<I: Copy> Scope<I> {
    /// A scope that was not entered, with its deadline or none (T1).
    pub fn new(deadline: Option<I>) -> Self {
        Scope {
            state: State::Created,
            deadline,
            baseline: 0,
        }
    }

    /// Where it is in its life (T9).
    pub fn state(&self) -> State {
        self.state
    }

    /// Its deadline (T9).
    pub fn deadline(&self) -> Option<I> {
        self.deadline
    }

    /// T2: enters the scope, once.
    ///
    /// # Errors
    ///
    /// [`StateError`] in every state but `Created`.
    pub fn enter(&mut self, requests: &Requests) -> Result<(), StateError> {
        self.expect(State::Created)?;
        self.state = State::Active;
        self.baseline = requests.baseline();
        Ok(())
    }

    /// T8: moves the deadline, or takes it away.
    ///
    /// # Errors
    ///
    /// [`StateError`] in every state but `Active`.
    pub fn reschedule(&mut self, deadline: Option<I>) -> Result<(), StateError> {
        self.expect(State::Active)?;
        self.deadline = deadline;
        Ok(())
    }

    /// T8: moves the deadline by what `sum` makes of it; none if it makes none. That there is a deadline is
    /// looked at before the state, as async-timeout does.
    ///
    /// # Errors
    ///
    /// [`ShiftError::NoDeadline`] if it has none, in every state; else [`ShiftError::State`] in every state
    /// but `Active`.
    pub fn shift(&mut self, sum: impl FnOnce(I) -> Option<I>) -> Result<(), ShiftError> {
        let deadline = self.deadline.ok_or(ShiftError::NoDeadline)?;
        self.expect(State::Active)?;
        self.deadline = sum(deadline);
        Ok(())
    }

    /// T4: the deadline was reached. True if the owner is to get its one request.
    pub fn fire(&mut self) -> bool {
        let active = self.state == State::Active;
        if active {
            self.state = State::Expiring;
        }
        active
    }

    /// T6, T7: the body has ended; what comes out of the scope.
    ///
    /// A scope that was not entered, or has ended before, lets the body's end pass.
    pub fn exit(&mut self, requests: &mut Requests, body: BodyEnd) -> ScopeEnd {
        match self.state {
            State::Active => self.state = State::Finished,
            State::Expiring => {
                self.state = State::Expired;
                let ours_is_the_last = requests.uncancel() <= self.baseline;
                if ours_is_the_last && body == BodyEnd::Cancelled {
                    return ScopeEnd::Elapsed;
                }
            }
            State::Created | State::Expired | State::Finished => {}
        }
        match body {
            BodyEnd::Value => ScopeEnd::Value,
            BodyEnd::Cancelled => ScopeEnd::Cancelled,
            BodyEnd::Error => ScopeEnd::Error,
        }
    }

    /// The error of an operation that only `Active` (or, to enter, `Created`) allows.
    pub fn expect(&self, state: State) -> Result<(), StateError> {
        if self.state == state {
            Ok(())
        } else {
            Err(StateError::new(self.state))
        }
    }
}
