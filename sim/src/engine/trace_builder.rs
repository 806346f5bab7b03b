//! Makes a trace of what was recorded.

use std::collections::BTreeSet;

use deadheat_timeout as lib;
use deadheat_timeout::{Requester, TaskEnd};

use crate::base::time::Instant;
use crate::record::events::{Finish, Raw, Recorded, Words};
use crate::record::panic::PanicReport;
use crate::state::names::{Named, Told};
use crate::state::world::World;

use crate::record::trace::{CancelledBy, EventKind, TaskOutcome, Trace, TraceEvent};

impl World {
    /// The trace of this run, as far as it was recorded, and which of the recorded events are not in it.
    pub(crate) fn trace(&self) -> (Trace, Vec<usize>) {
        let mut builder = Builder {
            world: self,
            names: self.names.told(),
            ended: BTreeSet::new(),
        };
        let mut trace = Trace {
            events: Vec::new(),
            truncated: self.recorder.truncated,
        };
        let mut left_out = Vec::new();
        for (index, event) in self.recorder.events.iter().enumerate() {
            match builder.event(event) {
                Some(event) => trace.events.push(event),
                None => left_out.push(index),
            }
        }
        (trace, left_out)
    }
}

struct Builder<'a> {
    world: &'a World,
    names: Told<'a>,
    /// Tasks whose end the library told: the simulator's own event would say it again.
    ended: BTreeSet<u32>,
}

impl Builder<'_> {
    /// The name of what the library gave this number.
    fn name_of(&self, id: u64) -> String {
        match self.world.names.ids.get(id as usize) {
            Some(Named::Task(task)) => self.names.of_task(*task),
            Some(Named::Scope(name)) => name.to_string(),
            _ => format!("scope-{id}"),
        }
    }

    fn event(&mut self, recorded: &Recorded) -> Option<TraceEvent> {
        let at = Instant::from_nanos(recorded.at);
        let current = recorded.task.map(|task| self.names.of_task(task));
        let (task, what) = match recorded.raw {
            Raw::Spawn(task) => (self.task(task), EventKind::Spawn),
            Raw::Turn(task) => (self.task(task), EventKind::Turn),
            Raw::Wake(task) => (self.task(task), EventKind::Wake),
            Raw::Arm {
                number,
                deadline,
                until,
            } => {
                let (deadline, until) = (Instant::from_nanos(deadline), Instant::from_nanos(until));
                (
                    current,
                    EventKind::Arm {
                        timer: number,
                        deadline,
                        until,
                    },
                )
            }
            Raw::Fire(number) => (None, EventKind::Fire(number)),
            Raw::Disarm(number) => (current, EventKind::Disarm(number)),
            Raw::LateTurn { task, to } => {
                let to = Instant::from_nanos(to);
                (self.task(task), EventKind::Late { timer: None, to })
            }
            Raw::LateFire { number, to } => {
                let (timer, to) = (Some(number), Instant::from_nanos(to));
                (None, EventKind::Late { timer, to })
            }
            Raw::Busy(by) => (current, EventKind::Busy(Instant::from_nanos(by))),
            Raw::End(task, _) if self.ended.contains(&task) => return None,
            Raw::End(task, finish) => (self.task(task), EventKind::End(self.how(task, finish))),
            Raw::Draw { value, options } => (current, EventKind::Draw { value, options }),
            Raw::Log(index, _) => {
                let text = self.world.recorder.texts.get(index as usize)?;
                (current, EventKind::Log(text.clone()))
            }
            Raw::Fault(index, _) => {
                let text = self.world.recorder.texts.get(index as usize)?;
                (current, EventKind::Fault(text.clone()))
            }
            Raw::Told(of, index) => (current, self.told(of, index as usize)?),
            Raw::Library(event) => self.observed(&event, recorded.task, current)?,
        };
        let origins = &self.world.recorder.origins;
        Some(TraceEvent {
            at,
            task,
            what,
            origin: recorded
                .from
                .and_then(|from| origins.of(from, recorded.above)),
            panic: self.panic(&recorded.raw),
        })
    }

    fn told(&self, of: Words, index: usize) -> Option<EventKind> {
        let text = |index: usize| self.world.recorder.texts.get(index).cloned();
        let first = text(index)?;
        Some(match of {
            Words::Socket => EventKind::Socket(first),
            Words::Packet => EventKind::Packet(first),
            Words::File => EventKind::File(first),
            Words::Errand => EventKind::Errand {
                what: first,
                now: text(index + 1)?,
                then: text(index + 2)?,
            },
        })
    }

    fn task(&self, task: u32) -> Option<String> {
        Some(self.names.of_task(task))
    }

    /// What a task panicked with that ended by it, and whose panic was caught.
    fn panic(&self, raw: &Raw) -> Option<Box<PanicReport>> {
        let Raw::End(task, _) = raw else {
            return None;
        };
        let panic = self.world.findings.caught.get(task);
        panic.cloned().map(Box::new)
    }

    /// How a task ended. One whose panic was caught, and is its output, has returned as far as the executor knows.
    fn how(&self, task: u32, finish: Finish) -> TaskOutcome {
        match finish {
            Finish::Returned if self.world.findings.caught.contains_key(&task) => {
                TaskOutcome::Panicked
            }
            Finish::Returned => TaskOutcome::Returned,
            Finish::Aborted => TaskOutcome::Aborted,
            Finish::Panicked => TaskOutcome::Panicked,
        }
    }

    fn observed(
        &mut self,
        event: &lib::Event<Instant>,
        running: Option<u32>,
        current: Option<String>,
    ) -> Option<(Option<String>, EventKind)> {
        let name = |id: u64| self.name_of(id);
        Some(match *event {
            lib::Event::ScopeEntered {
                scope,
                owner,
                deadline,
            } => (
                owner.map(name).or(current),
                EventKind::Enter {
                    scope: name(scope),
                    deadline,
                },
            ),
            lib::Event::ScopeRescheduled { scope, deadline } => (
                current,
                EventKind::Reschedule {
                    scope: name(scope),
                    deadline,
                },
            ),
            lib::Event::ScopeExpiring { scope } => {
                (current, EventKind::Expire { scope: name(scope) })
            }
            lib::Event::ScopeExited { scope, state, end } => (
                current,
                EventKind::Exit {
                    scope: name(scope),
                    state,
                    end,
                },
            ),
            lib::Event::CancelRequested { task, by } => {
                let by = match by {
                    Requester::Scope(scope) => CancelledBy::Scope(name(scope)),
                    Requester::Waiter(task) => CancelledBy::Waiter(name(task)),
                    Requester::Outside => current.map_or(CancelledBy::Outside, CancelledBy::Task),
                };
                (Some(name(task)), EventKind::Cancel(by))
            }
            lib::Event::CancelDelivered { task } => (Some(name(task)), EventKind::Deliver),
            lib::Event::Joining { task, on } => (Some(name(task)), EventKind::Join(name(on))),
            lib::Event::Uncancelled { task, remaining } => {
                (Some(name(task)), EventKind::Uncancel { remaining })
            }
            lib::Event::TaskEnded { task, end } => {
                let named = name(task);
                self.ended.extend(running);
                (Some(named), EventKind::End(how_of(end)))
            }
            _ => return None,
        })
    }
}

fn how_of(end: TaskEnd) -> TaskOutcome {
    match end {
        TaskEnd::Returned => TaskOutcome::Returned,
        TaskEnd::Cancelled => TaskOutcome::Cancelled,
        TaskEnd::Failed => TaskOutcome::Failed,
    }
}
