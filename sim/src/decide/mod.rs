//! Decisions: the schedulers that take them, the tape that keeps them, the token that is a tape on one line.

pub(crate) mod scheduler;
pub(crate) mod tape;
pub(crate) mod token;

pub use scheduler::{
    Bounded, Bytes, Choice, Decision, Delay, Divergence, Exhaustive, Fifo, Naive, Pct, Pos, Random,
    Replay, Scheduler, Seen,
};
pub use tape::{DecisionKind, Departure, Tape};
pub use token::{Token, TokenError};

pub use crate::base::rng::{Purpose, Stream};
