//! How deadheat reads what users write: durations, seeds, counts, the patience of a watchdog, names of
//! schedulers, whether there are to be colours, and which known word was meant by an unknown one.
//!
//! The attribute `#[deadheat::test]`, the variables `DEADHEAT_…`, the command and the scenario files all read by
//! this package, so that a word means the same in each. What only some of them accept has a function of its own,
//! whose documentation says for whom it is. A number is digits alone in each, with no
//! plus before it; a minus belongs to durations that may be below zero ([`duration::parse_signed_ns`]).
//!
//! Everything here is a pure function of the text. What cannot be read is a [`WordError`].
//!
//! # Examples
//!
//! ```
//! use deadheat_words::{Problem, duration};
//!
//! assert_eq!(duration::parse_ns("1.5s"), Ok(1_500_000_000));
//!
//! let error = duration::parse_ns("5").unwrap_err();
//! assert_eq!(error.to_string(), "\"5\" has no unit");
//! assert_eq!(error.problem(), Problem::NoUnit);
//! ```

pub mod colour;
pub mod count;
mod digits;
pub mod duration;
mod error;
pub mod near;
pub mod patience;
pub mod scheduler;
pub mod seed;

pub use error::{Problem, WordError};
