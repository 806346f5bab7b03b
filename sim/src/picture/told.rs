//! What is known of a run that is to be drawn.

use crate::invariant::Violation;
use crate::record::{Explained, PanicReport, Pending, Run, Trace};

/// What is known of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) trace: &'a Trace,
    /// How late timers may be, beyond what they are asked for.
    pub(super) late: i64,
    pub(super) at: Option<i64>,
    pub(super) departures: &'a [Explained],
    pub(super) pending: &'a [Pending],
    pub(super) violations: &'a [Violation],
    pub(super) panic: Option<&'a PanicReport>,
}

impl<'a> Told<'a> {
    pub(super) fn of_run(run: &'a Run) -> Self {
        Told {
            trace: run.trace(),
            late: run.token.bounds.late_ns(),
            at: Some(run.at.as_nanos()),
            departures: &run.departures,
            pending: &run.pending,
            violations: &run.violations,
            panic: run.panic.as_ref(),
        }
    }

    /// A run of which there is a trace and nothing else.
    pub(super) fn of_trace(trace: &'a Trace, late: i64) -> Self {
        Told {
            trace,
            late,
            at: None,
            departures: &[],
            pending: &[],
            violations: &[],
            panic: None,
        }
    }
}
