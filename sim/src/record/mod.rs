//! What is written down of a run: its events, its trace, what came of it.

pub(crate) mod asked;
pub(crate) mod await_place;
pub(crate) mod coverage;
pub(crate) mod departures;
pub(crate) mod events;
pub(crate) mod foreign;
pub(crate) mod held;
pub(crate) mod leaks;
pub(crate) mod origin;
pub(crate) mod panic;
pub(crate) mod run;
pub(crate) mod starved;
pub(crate) mod timeline;
pub(crate) mod trace;
pub(crate) mod wait;
pub(crate) mod workspace;

pub use await_place::AwaitPlace;
pub use coverage::Covered;
pub use departures::Explained;
pub use foreign::Escape;
pub use held::{Held, Holder};
pub use leaks::{Leak, LeakKind, Place};
pub use origin::Origin;
pub use panic::PanicReport;
pub use run::{Pending, Run, Unmade};
pub use trace::{CancelledBy, EventKind, TaskOutcome, Trace, TraceError, TraceEvent};
pub use wait::Wait;

pub use crate::base::bounds::LimitReached;
pub use crate::base::line::Line;
pub use crate::base::verdict::Verdict;
