//! What a simulator is told: the life of scopes and of cancel requests, as typed events.
//!
//! The numbers in the events come from [`Clock::next_id`](crate::Clock::next_id). An event is told
//! at the moment it takes effect, in the order in which effects happen.

use crate::state::State;

/// One step in the life of a scope or of a cancel request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<I> {
    /// A scope was entered and, if it has a deadline, armed.
    ScopeEntered {
        /// The scope.
        scope: u64,
        /// The task that owns it; none in the Rust-native form.
        owner: Option<u64>,
        /// Its deadline.
        deadline: Option<I>,
    },
    /// A scope's deadline moved.
    ScopeRescheduled {
        /// The scope.
        scope: u64,
        /// The new deadline.
        deadline: Option<I>,
    },
    /// A scope's deadline was reached: it is now `Expiring`.
    ScopeExpiring {
        /// The scope.
        scope: u64,
    },
    /// A scope's body ended, or was dropped.
    ScopeExited {
        /// The scope.
        scope: u64,
        /// The state it is left in.
        state: State,
        /// What came out.
        end: ScopeEnd,
    },
    /// A task was asked to cancel.
    CancelRequested {
        /// The task.
        task: u64,
        /// Who asked.
        by: Requester,
    },
    /// A request was delivered, as `Cancelled`, at a wait or before the first turn.
    CancelDelivered {
        /// The task.
        task: u64,
    },
    /// A task began to wait for another one, to which its requests are passed on from now on.
    Joining {
        /// The task that waits.
        task: u64,
        /// The task it waits for.
        on: u64,
    },
    /// One request was taken back with `uncancel`.
    Uncancelled {
        /// The task.
        task: u64,
        /// How many remain.
        remaining: u32,
    },
    /// A task ended.
    TaskEnded {
        /// The task.
        task: u64,
        /// How.
        end: TaskEnd,
    },
}

/// Who asked a task to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requester {
    /// A scope, whose deadline was reached.
    Scope(u64),
    /// A task that was asked to cancel while it waited for this one.
    Waiter(u64),
    /// Anybody else, through a handle.
    Outside,
}

/// What came out of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeEnd {
    /// The body's value.
    Value,
    /// `Cancelled`.
    Cancelled,
    /// `Elapsed`, made of the body's `Cancelled`.
    Elapsed,
    /// Another error of the body.
    Error,
    /// Nothing: the scope was dropped while its body ran.
    Dropped,
}

/// How a cancellable task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskEnd {
    /// With a value.
    Returned,
    /// With `Cancelled`, or because its future was dropped.
    Cancelled,
    /// With another error.
    Failed,
}
