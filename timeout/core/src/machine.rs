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
///
/// # Examples
///
/// ```
/// use deadheat_timeout::machine::Requests;
///
/// let mut requests = Requests::new();
/// requests.add(); // somebody asked,
/// requests.mark(); // and it is this task that the request is delivered in
/// assert!(requests.deliver());
/// assert_eq!(requests.count(), 1, "it was delivered, and still counts");
/// assert_eq!(requests.uncancel(), 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requests {
    count: u32,
    undelivered: bool,
}

impl Requests {
    /// No request.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Requests;
    ///
    /// assert_eq!(Requests::new().count(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// How many requests count: made, and not taken back.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Requests;
    ///
    /// let mut requests = Requests::new();
    /// requests.add();
    /// assert_eq!(requests.count(), 1);
    /// ```
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether a request waits to be delivered.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Requests;
    ///
    /// let mut requests = Requests::new();
    /// requests.mark();
    /// assert!(requests.is_undelivered());
    /// ```
    pub fn is_undelivered(&self) -> bool {
        self.undelivered
    }

    /// T5: one more request counts. Nothing is to be delivered yet: see [`mark`](Self::mark).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Requests;
    ///
    /// let mut requests = Requests::new();
    /// requests.add();
    /// assert!(!requests.is_undelivered());
    /// ```
    pub fn add(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    /// T5: there is a request to deliver. Two before one delivery are delivered once.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Requests;
    ///
    /// let mut requests = Requests::new();
    /// requests.mark();
    /// requests.mark();
    /// assert!(requests.deliver());
    /// assert!(!requests.deliver());
    /// ```
    pub fn mark(&mut self) {
        self.undelivered = true;
    }

    /// T5: delivers what waits; true if there was something.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Requests;
    ///
    /// let mut requests = Requests::new();
    /// assert!(!requests.deliver());
    /// requests.mark();
    /// assert!(requests.deliver());
    /// ```
    pub fn deliver(&mut self) -> bool {
        std::mem::take(&mut self.undelivered)
    }

    /// T14: takes one request back and returns how many remain. At zero an undelivered one goes too.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Requests;
    ///
    /// let mut requests = Requests::new();
    /// requests.add();
    /// requests.mark();
    /// assert_eq!(requests.uncancel(), 0);
    /// assert!(!requests.deliver());
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Requests;
    ///
    /// let mut requests = Requests::new();
    /// requests.add();
    /// assert_eq!(requests.baseline(), 1);
    /// requests.mark(); // it is on its way, and may become this scope's to see
    /// assert_eq!(requests.baseline(), 0);
    /// ```
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
///
/// # Examples
///
/// ```
/// use deadheat_timeout::ScopeEnd;
/// use deadheat_timeout::machine::{BodyEnd, Requests, Scope, State};
///
/// let mut requests = Requests::new();
/// let mut scope = Scope::new(Some(3));
/// scope.enter(&requests)?;
/// assert!(scope.fire(), "the owner is to get its one request");
/// requests.add();
/// assert_eq!(scope.exit(&mut requests, BodyEnd::Cancelled), ScopeEnd::Elapsed);
/// assert_eq!((scope.state(), requests.count()), (State::Expired, 0));
/// # Ok::<(), deadheat_timeout::StateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<I> {
    state: State,
    deadline: Option<I>,
    baseline: u32,
}

impl<I: Copy> Scope<I> {
    /// A scope that was not entered, with its deadline or none (T1).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Scope;
    ///
    /// assert_eq!(Scope::<u64>::new(None).deadline(), None);
    /// ```
    pub fn new(deadline: Option<I>) -> Self {
        Scope {
            state: State::Created,
            deadline,
            baseline: 0,
        }
    }

    /// Where it is in its life (T9).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::{Scope, State};
    ///
    /// assert_eq!(Scope::new(Some(3)).state(), State::Created);
    /// ```
    pub fn state(&self) -> State {
        self.state
    }

    /// Its deadline (T9).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::Scope;
    ///
    /// assert_eq!(Scope::new(Some(3)).deadline(), Some(3));
    /// ```
    pub fn deadline(&self) -> Option<I> {
        self.deadline
    }

    /// T2: enters the scope, once.
    ///
    /// # Errors
    ///
    /// [`StateError`] in every state but `Created`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::{Requests, Scope};
    ///
    /// let mut scope = Scope::new(Some(3));
    /// scope.enter(&Requests::new())?;
    /// assert!(scope.enter(&Requests::new()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::{Requests, Scope};
    ///
    /// let mut scope = Scope::new(Some(3));
    /// assert!(scope.reschedule(None).is_err());
    /// scope.enter(&Requests::new())?;
    /// scope.reschedule(None)?;
    /// assert_eq!(scope.deadline(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::{Requests, Scope};
    ///
    /// let mut scope = Scope::new(Some(3));
    /// scope.enter(&Requests::new())?;
    /// scope.shift(|at| Some(at + 4))?;
    /// assert_eq!(scope.deadline(), Some(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shift(&mut self, sum: impl FnOnce(I) -> Option<I>) -> Result<(), ShiftError> {
        let deadline = self.deadline.ok_or(ShiftError::NoDeadline)?;
        self.expect(State::Active)?;
        self.deadline = sum(deadline);
        Ok(())
    }

    /// T4: the deadline was reached. True if the owner is to get its one request.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::{Requests, Scope};
    ///
    /// let mut scope = Scope::new(Some(3));
    /// assert!(!scope.fire(), "it was not entered");
    /// scope.enter(&Requests::new())?;
    /// assert!(scope.fire());
    /// assert!(!scope.fire(), "once only");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::ScopeEnd;
    /// use deadheat_timeout::machine::{BodyEnd, Requests, Scope};
    ///
    /// let (mut scope, mut requests) = (Scope::new(Some(3)), Requests::new());
    /// scope.enter(&requests)?;
    /// requests.add(); // somebody else asked: that is never swallowed
    /// assert_eq!(scope.exit(&mut requests, BodyEnd::Cancelled), ScopeEnd::Cancelled);
    /// # Ok::<(), deadheat_timeout::StateError>(())
    /// ```
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
    ///
    /// # Errors
    ///
    /// [`StateError`] in every other state than `state`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_timeout::machine::{Scope, State};
    ///
    /// let scope = Scope::new(Some(3));
    /// assert!(scope.expect(State::Created).is_ok());
    /// assert!(scope.expect(State::Active).is_err());
    /// ```
    pub fn expect(&self, state: State) -> Result<(), StateError> {
        if self.state == state {
            Ok(())
        } else {
            Err(StateError::new(self.state))
        }
    }
}
