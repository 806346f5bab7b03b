//! Scenario files and what reads and writes them.
//!
//! A scenario is data: tasks made of steps ([`ast`]). [`parse()`] reads its text, a dialect of KDL 2, and
//! `Display` for [`Scenario`](ast::Scenario) writes it.

#[macro_use]
pub mod museum;

pub mod ast;
pub mod catalogue;
pub mod derived;
pub mod families;
pub mod fuzzing;
pub mod goker;
mod interpret;
mod judge;
pub mod latency;
mod outcome;
mod parse;
mod print;
mod program;
#[cfg(feature = "proptest")]
pub mod strategy;
mod subject;

pub use interpret::stage::Stage;
pub use outcome::{LogLine, Outcome, ScopeOutcome, TaskOutcome};
pub use parse::{MAX_DEPTH, MAX_FILE_BYTES, Mistake, ParseError, parse, read};
pub use program::ScenarioProgram;
pub use subject::{Started, Subject};
