//! Parts of a trace, for snapshots that only what they are about can change.
//!
//! 1. What a filter keeps is numbered anew in the order in which it appears: timers (`#1`, `#2`), and what the
//!    program gave no name (`task.1` for `task-7`, `scope.1` for `scope-12`).
//! 2. A filter gives a trace, so filters can be put one after the other, in any order.
//!
//! Deliberately not here: redactions. There is nothing to redact.

use std::collections::BTreeSet;

use deadheat_timeout::{ScopeEnd, State};

use super::{CancelledBy, EventKind, TaskOutcome, Trace, TraceEvent};

impl Trace {
    /// The events of one task, with those of the timers that it armed.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, run, sleep, spawn_named};
    /// use std::time::Duration;
    ///
    /// let run = run(&Config::new().trace(true), || async {
    ///     let work = spawn_named("work", sleep(Duration::from_secs(2)));
    ///     sleep(Duration::from_secs(1)).await;
    ///     work.await.unwrap();
    /// });
    /// assert_eq!(
    ///     run.unwrap().trace().of_task("work").to_string(),
    ///     "deadheat trace 1
    ///       0.000s  work      spawn
    ///       0.000s  work      turn
    ///       0.000s  work      arm #1 deadline=2.000s
    ///       2.000s  -         fire #1
    ///       2.000s  work      wake
    ///       2.000s  work      turn
    ///       2.000s  work      end returned\n"
    /// );
    /// ```
    #[must_use = "a filter gives a trace, and leaves this one as it is"]
    pub fn of_task(&self, task: &str) -> Trace {
        self.of_tasks(&[task])
    }

    /// The events of several tasks, with those of the timers that they armed.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, run, spawn_named};
    ///
    /// let run = run(&Config::new().trace(true), || async {
    ///     drop(["a", "b", "c"].map(|name| spawn_named(name, async {})));
    ///     deadheat::yield_now().await;
    /// });
    /// let trace = run.unwrap().trace().of_tasks(&["a", "c"]);
    /// assert!(trace.events.iter().all(|event| event.task.as_deref() != Some("b")));
    /// assert_eq!(trace.events.len(), 6); // each is spawned, takes a turn and ends
    /// ```
    #[must_use = "a filter gives a trace, and leaves this one as it is"]
    pub fn of_tasks(&self, tasks: &[&str]) -> Trace {
        let mut armed = BTreeSet::new();
        self.kept(tasks, |event| {
            let theirs = event
                .task
                .as_deref()
                .is_some_and(|task| tasks.contains(&task));
            match event.what {
                EventKind::Arm { timer, .. } if theirs => armed.insert(timer),
                EventKind::Fire(timer)
                | EventKind::Late {
                    timer: Some(timer), ..
                } => armed.contains(&timer),
                _ => theirs,
            }
        })
    }

    /// The events of one scope: its own, the cancel requests that it made, and their deliveries.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, run, sleep};
    /// use deadheat::program::{name_scope, spawn_task};
    /// use deadheat_timeout::Interrupted;
    /// use std::time::Duration;
    ///
    /// let run = run(&Config::new().trace(true), || async {
    ///     let work = spawn_task("work", async |cx| {
    ///         cx.timeout(Duration::from_secs(1), async |cx| {
    ///             name_scope(cx.deadline(), "the request");
    ///             Ok::<_, Interrupted>(cx.wait(sleep(Duration::from_secs(5))).await?)
    ///         })
    ///         .await
    ///     });
    ///     work.ended().await.unwrap_err();
    /// });
    /// let trace = run.unwrap().trace().of_scope("the request");
    /// assert_eq!(
    ///     trace.to_string(),
    ///     "deadheat trace 1
    ///       0.000s  work      enter \"the request\" deadline=1.000s
    ///       1.000s  -         expire \"the request\"
    ///       1.000s  work      cancel by=scope \"the request\"
    ///       1.000s  work      deliver
    ///       1.000s  work      exit \"the request\" state=expired end=elapsed\n"
    /// );
    /// ```
    #[must_use = "a filter gives a trace, and leaves this one as it is"]
    pub fn of_scope(&self, scope: &str) -> Trace {
        let mut asked: BTreeSet<Option<String>> = BTreeSet::new();
        self.kept(&[scope], |event| match &event.what {
            EventKind::Cancel(CancelledBy::Scope(by)) if by == scope => {
                asked.insert(event.task.clone());
                true
            }
            EventKind::Deliver => asked.remove(&event.task),
            what => scope_of(what) == Some(scope),
        })
    }

    /// The events of all scopes: entered, rescheduled, expired, left.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, clock, run};
    /// use deadheat_timeout::Timeout;
    ///
    /// let run = run(&Config::new().trace(true), || async {
    ///     Timeout::never(&clock()).run(async {}).await.unwrap();
    /// });
    /// assert_eq!(run.unwrap().trace().scopes().events.len(), 2); // entered and left
    /// ```
    #[must_use = "a filter gives a trace, and leaves this one as it is"]
    pub fn scopes(&self) -> Trace {
        self.kept(&[], |event| scope_of(&event.what).is_some())
    }

    /// What was cancelled, and how that ended: expired scopes, cancel requests with their deliveries and what
    /// was taken back, how a scope was left that had expired or that something cancelled left, and how a
    /// task ended that was asked to cancel or was aborted.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, run, spawn_named};
    /// use deadheat::record::{TaskOutcome, EventKind};
    ///
    /// let run = run(&Config::new().trace(true), || async {
    ///     let work = spawn_named("work", std::future::pending::<()>());
    ///     work.abort();
    ///     work.await.unwrap_err();
    /// });
    /// let trace = run.unwrap().trace().cancellations();
    /// assert_eq!(trace.events.len(), 1);
    /// assert_eq!(trace.events[0].what, EventKind::End(TaskOutcome::Aborted));
    /// ```
    #[must_use = "a filter gives a trace, and leaves this one as it is"]
    pub fn cancellations(&self) -> Trace {
        let mut asked: BTreeSet<Option<String>> = BTreeSet::new();
        self.kept(&[], |event| match &event.what {
            EventKind::Cancel(_) => {
                asked.insert(event.task.clone());
                true
            }
            EventKind::Expire { .. } | EventKind::Deliver | EventKind::Uncancel { .. } => true,
            EventKind::Exit { state, end, .. } => {
                let cancelled = matches!(end, ScopeEnd::Cancelled | ScopeEnd::Elapsed);
                *state == State::Expired || cancelled
            }
            EventKind::End(how) => {
                matches!(how, TaskOutcome::Cancelled | TaskOutcome::Aborted)
                    || asked.contains(&event.task)
            }
            _ => false,
        })
    }

    /// The events that `keep` keeps, numbered anew but for the names that were asked for.
    fn kept(&self, asked: &[&str], mut keep: impl FnMut(&TraceEvent) -> bool) -> Trace {
        let mut numbers = Numbers::default();
        let events = self.events.iter().filter(|event| keep(event));
        let events = events.map(|event| numbers.renumbered(event, asked));
        Trace {
            events: events.collect(),
            truncated: self.truncated,
        }
    }
}

/// The scope that an event is of.
fn scope_of(what: &EventKind) -> Option<&str> {
    match what {
        EventKind::Enter { scope, .. }
        | EventKind::Reschedule { scope, .. }
        | EventKind::Expire { scope }
        | EventKind::Exit { scope, .. } => Some(scope),
        _ => None,
    }
}

/// What has a number, in the order in which it appeared.
#[derive(Default)]
struct Numbers {
    timers: Vec<u64>,
    tasks: Vec<String>,
    scopes: Vec<String>,
}

/// The place of what is asked for among what is known, from 1.
fn place<T: PartialEq>(known: &mut Vec<T>, one: T) -> usize {
    let found = known.iter().position(|other| *other == one);
    found.unwrap_or_else(|| {
        known.push(one);
        known.len() - 1
    }) + 1
}

/// Whether a name is one that deadheat gave, here or in the run.
fn is_given(name: &str, kind: &str) -> bool {
    let number = name
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix(['-', '.']));
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

impl Numbers {
    fn renumbered(&mut self, event: &TraceEvent, asked: &[&str]) -> TraceEvent {
        let mut event = event.clone();
        if let Some(task) = &mut event.task {
            self.name(task, asked);
        }
        match &mut event.what {
            EventKind::Arm { timer, .. }
            | EventKind::Fire(timer)
            | EventKind::Disarm(timer)
            | EventKind::Late {
                timer: Some(timer), ..
            } => {
                *timer = place(&mut self.timers, *timer) as u64;
            }
            EventKind::Enter { scope: name, .. }
            | EventKind::Reschedule { scope: name, .. }
            | EventKind::Expire { scope: name }
            | EventKind::Exit { scope: name, .. }
            | EventKind::Cancel(
                CancelledBy::Scope(name) | CancelledBy::Task(name) | CancelledBy::Waiter(name),
            )
            | EventKind::Join(name) => self.name(name, asked),
            _ => {}
        }
        event
    }

    fn name(&mut self, name: &mut String, asked: &[&str]) {
        if asked.contains(&name.as_str()) {
            return;
        }
        for (kind, known) in [("task", &mut self.tasks), ("scope", &mut self.scopes)] {
            if is_given(name, kind) {
                *name = format!("{kind}.{}", place(known, std::mem::take(name)));
                return;
            }
        }
    }
}
