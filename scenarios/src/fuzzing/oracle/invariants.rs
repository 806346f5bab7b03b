//! What must hold in every run, judged once more from what a trace says of it: the harness's own invariants, fed with
//! the events of a trace in place of those of a run.

use std::collections::BTreeMap;

use deadheat::Trace;
use deadheat::invariant::{Event, Happened, builtin};
use deadheat::record::{CancelledBy, EventKind, TaskOutcome};
use deadheat_timeout::{Event as Library, Requester, TaskEnd};

use super::fault;

/// The numbers of tasks and scopes, which a trace has by their names.
#[derive(Default)]
struct Numbers<'a>(BTreeMap<&'a str, u64>);

impl<'a> Numbers<'a> {
    fn of(&mut self, name: &'a str) -> u64 {
        let next = self.0.len() as u64 + 1;
        *self.0.entry(name).or_insert(next)
    }
}

/// Every invariant of the harness holds in the trace.
///
/// # Errors
///
/// Where one does not.
pub fn built_in_invariants(trace: &Trace) -> Result<(), String> {
    for mut invariant in builtin() {
        let (mut tasks, mut scopes) = (Numbers::default(), Numbers::default());
        for event in &trace.events {
            let task = event.task.as_deref().map(|name| tasks.of(name));
            let Some(library) = as_library(&event.what, task, &mut tasks, &mut scopes) else {
                continue;
            };
            let told = Event::new(event.at, None, Happened::Library(library));
            if let Err(text) = invariant.event(&told) {
                return Err(fault(invariant.name(), event, &text));
            }
        }
    }
    Ok(())
}

/// An event of a trace as the library told it, if it did.
fn as_library<'a>(
    what: &'a EventKind,
    task: Option<u64>,
    tasks: &mut Numbers<'a>,
    scopes: &mut Numbers<'a>,
) -> Option<Library<deadheat::Instant>> {
    Some(match what {
        EventKind::Enter { scope, deadline } => Library::ScopeEntered {
            scope: scopes.of(scope),
            owner: task,
            deadline: *deadline,
        },
        EventKind::Reschedule { scope, deadline } => Library::ScopeRescheduled {
            scope: scopes.of(scope),
            deadline: *deadline,
        },
        EventKind::Expire { scope } => Library::ScopeExpiring {
            scope: scopes.of(scope),
        },
        EventKind::Exit { scope, state, end } => Library::ScopeExited {
            scope: scopes.of(scope),
            state: *state,
            end: *end,
        },
        EventKind::Cancel(by) => Library::CancelRequested {
            task: task?,
            by: match by {
                CancelledBy::Scope(scope) => Requester::Scope(scopes.of(scope)),
                CancelledBy::Waiter(waiter) => Requester::Waiter(tasks.of(waiter)),
                CancelledBy::Task(_) | CancelledBy::Outside => Requester::Outside,
            },
        },
        EventKind::Deliver => Library::CancelDelivered { task: task? },
        EventKind::Join(on) => Library::Joining {
            task: task?,
            on: tasks.of(on),
        },
        EventKind::Uncancel { remaining } => Library::Uncancelled {
            task: task?,
            remaining: *remaining,
        },
        EventKind::End(how) => Library::TaskEnded {
            task: task?,
            end: match how {
                TaskOutcome::Returned => TaskEnd::Returned,
                TaskOutcome::Cancelled => TaskEnd::Cancelled,
                _ => TaskEnd::Failed,
            },
        },
        _ => return None,
    })
}
