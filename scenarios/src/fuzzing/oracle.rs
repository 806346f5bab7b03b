//! What must hold in the trace of every run of a scenario, judged from its events alone.
//!
//! 1. The invariants of the harness are judged from what the trace says (`invariants`). The rules beside them go
//!    beyond: each is a fold over a trace, written from the contract, so that an invariant that is itself broken is
//!    found too.
//! 2. A trace that was truncated, or of a program that aborts tasks, is not what these rules are for.
//!
//! | file | rules |
//! |---|---|
//! | `invariants` | what the harness holds in every run |
//! | `scopes` | who is asked by an expired scope, nothing after the exit, nesting |
//! | `requests` | count, baseline and delivery of cancel requests; what comes out of a scope |
//! | `timers` | never early, within the bound, once; a scope's timer goes with the scope |
//! | `turns` | a turn for every wake, in time; time goes forward |
//! | `fifo` | the order of asyncio's loop, where nothing departs from it |

mod fifo;
mod invariants;
mod requests;
mod scopes;
mod timers;
mod turns;

use deadheat::record::{CancelledBy, EventKind, TraceEvent};
use deadheat::{Bounds, Trace};

pub use fifo::fifo_order;
pub use invariants::built_in_invariants;
pub use requests::requests_add_up;
pub use scopes::{correct_nesting, expired_implies_cancelled_by_us, no_reschedule_after_exit};
pub use timers::{scope_timers_follow_their_scopes, timers_fire_in_time_and_once};
pub use turns::turns_follow_wakes;

/// Every rule that holds under every scheduler.
///
/// # Errors
///
/// The first rule that does not hold, and where.
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Trace};
/// use deadheat::search::Single;
/// use deadheat_scenarios::{ScenarioProgram, fuzzing::oracle, parse};
///
/// let text = r#"scenario "s"; task "m" { timeout "t" after="1s" { sleep "2s" } }"#;
/// let program = ScenarioProgram::new(parse("s.kdl", text).unwrap());
/// let (run, _) = Single::of(&program, &Config::new().trace(true)).fifo();
/// let trace = run.trace.unwrap();
/// assert_eq!(oracle::check(&trace, Bounds::EXACT), Ok(()));
///
/// let without = trace.to_string().replace("m         cancel by=scope t", "m         turn");
/// let fault = oracle::check(&Trace::parse(&without).unwrap(), Bounds::EXACT).unwrap_err();
/// assert!(fault.starts_with("expired implies cancelled by us"), "{fault}");
/// ```
pub fn check(trace: &Trace, bounds: Bounds) -> Result<(), String> {
    expired_implies_cancelled_by_us(trace)?;
    no_reschedule_after_exit(trace)?;
    correct_nesting(trace)?;
    requests_add_up(trace)?;
    timers_fire_in_time_and_once(trace)?;
    scope_timers_follow_their_scopes(trace)?;
    turns_follow_wakes(trace, bounds)?;
    built_in_invariants(trace)
}

/// A rule that is broken at an event.
fn fault(rule: &str, event: &TraceEvent, why: &str) -> String {
    format!("{rule}: {why}, at `{}`", event.to_string().trim_start())
}

/// The scope that an event is about.
fn scope_of(event: &TraceEvent) -> Option<&str> {
    match &event.what {
        EventKind::Enter { scope, .. }
        | EventKind::Reschedule { scope, .. }
        | EventKind::Expire { scope }
        | EventKind::Exit { scope, .. }
        | EventKind::Cancel(CancelledBy::Scope(scope)) => Some(scope),
        _ => None,
    }
}

fn task_of(event: &TraceEvent) -> &str {
    event.task.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests;
