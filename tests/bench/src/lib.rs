//! How much of each workload is measured, which the benchmarks and the table have to agree on.
//!
//! An operation's count is the difference of two: of `high` repetitions and of `low`. So what is done once, at the
//! first repetition, does not count.

/// How often a workload is repeated, and how many operations a repetition is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// The repetitions of the first count.
    pub low: u64,
    /// The repetitions of the second count.
    pub high: u64,
    /// The operations of a repetition.
    pub operations: u64,
}

impl Size {
    const fn of(low: u64, high: u64) -> Self {
        Size {
            low,
            high,
            operations: 1,
        }
    }

    /// The operations by which the two counts differ.
    #[must_use]
    pub const fn between(self) -> u64 {
        (self.high - self.low) * self.operations
    }
}

/// Tasks that sleep.
pub const SLEEPERS: u64 = 1_000;
/// How often each of them sleeps.
pub const SLEEPS: u64 = 20;
/// How often each of three tasks gives way in a run.
pub const AWAITS: u64 = 5;

/// Runs of a small program, each from scratch.
pub const SMALL_RUN: Size = Size::of(100, 600);
/// Runs of a thousand tasks that sleep.
pub const TIMER_EVENT: Size = Size {
    low: 1,
    high: 3,
    operations: SLEEPERS * SLEEPS,
};
/// Messages from one task to another.
pub const MESSAGE: Size = Size::of(1_000, 6_000);
/// Lines over a connection, there and back.
pub const LINE: Size = Size::of(1_000, 6_000);
/// Runs of three tasks, one order each.
pub const ORDER: Size = Size::of(500, 1_500);
/// Timeouts that are made and end, and deadlines that are moved.
pub const TIMEOUT: Size = Size::of(1_000, 6_000);
