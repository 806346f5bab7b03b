//! Writes a scenario as canonical KDL: one step a line, four spaces a level, no comments.
//!
//! 1. A scenario that was read from a file is read back as an equal one.
//! 2. Semaphores and queues are always declared, so that their order survives.
//! 3. Whatever a text contains, it is written on one line, without a code point that KDL forbids.
//! 4. Nothing here panics: an index that points nowhere, which only a scenario built by hand can hold,
//!    is written as its number.

mod quoted;

use std::fmt::{self, Display, Formatter};

use deadheat_words::duration::{write_ns, write_signed_ns};

pub(crate) use self::quoted::{Quoted, is_unprintable};
use crate::ast::{
    Deadline, EventId, Expectation, Queue, QueueId, Scenario, ScopeId, ScopeState, Semaphore,
    SemaphoreId, Step, Task, TaskId, When,
};
use crate::latency::write_latency;

/// Canonical KDL, which [`parse()`](crate::parse()) reads back as an equal scenario.
///
/// # Examples
///
/// ```
/// let text = "scenario tidy; task main { sleep \"90s\"; log hello }";
/// let scenario = deadheat_scenarios::parse("tidy.kdl", text)?;
/// assert_eq!(
///     scenario.to_string(),
///     "scenario \"tidy\"\ntask \"main\" {\n    sleep \"90s\"\n    log \"hello\"\n}\n"
/// );
/// # Ok::<(), deadheat_scenarios::ParseError>(())
/// ```
impl Display for Scenario {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "scenario {}", Quoted(&self.name))?;
        self.semaphores
            .iter()
            .try_for_each(|one| semaphore(f, one))?;
        self.queues.iter().try_for_each(|one| queue(f, one))?;
        let mut printer = Printer {
            scenario: self,
            f,
            depth: 0,
        };
        self.tasks.iter().try_for_each(|one| printer.task(one))?;
        printer.expect()
    }
}

fn semaphore(f: &mut Formatter<'_>, semaphore: &Semaphore) -> fmt::Result {
    writeln!(
        f,
        "semaphore {} permits={}",
        Quoted(&semaphore.name),
        semaphore.permits
    )
}

fn queue(f: &mut Formatter<'_>, queue: &Queue) -> fmt::Result {
    write!(f, "queue {}", Quoted(&queue.name))?;
    if let Some(capacity) = queue.capacity {
        write!(f, " capacity={capacity}")?;
    }
    writeln!(f)
}

/// Where the output stands.
struct Printer<'a, 'f> {
    scenario: &'a Scenario,
    f: &'a mut Formatter<'f>,
    depth: usize,
}

impl Printer<'_, '_> {
    fn task(&mut self, task: &Task) -> fmt::Result {
        self.block(&format!("task {}", Quoted(&task.name)), &task.steps)
    }

    fn step(&mut self, step: &Step) -> fmt::Result {
        let head = self.scenario.head(step);
        match step {
            Step::Timeout { body, .. }
            | Step::WaitForSteps { body, .. }
            | Step::Acquire { body, .. } => self.block(&head, body),
            Step::Try { .. } => {
                self.open(&head)?;
                self.parts_of_try(step)?;
                self.close()
            }
            _ => self.line(&head),
        }
    }

    fn parts_of_try(&mut self, step: &Step) -> fmt::Result {
        let Step::Try {
            body,
            handlers,
            finally,
        } = step
        else {
            return Ok(());
        };
        self.block("body", body)?;
        for handler in handlers {
            self.block(&format!("on \"{}\"", handler.kind), &handler.steps)?;
        }
        finally
            .iter()
            .try_for_each(|steps| self.block("finally", steps))
    }

    fn expect(&mut self) -> fmt::Result {
        if self.scenario.expect.is_empty() {
            return Ok(());
        }
        self.open("expect")?;
        for expectation in &self.scenario.expect {
            self.line(&self.scenario.expectation(expectation))?;
        }
        self.close()
    }

    fn block(&mut self, head: &str, steps: &[Step]) -> fmt::Result {
        self.open(head)?;
        steps.iter().try_for_each(|step| self.step(step))?;
        self.close()
    }

    fn open(&mut self, head: &str) -> fmt::Result {
        self.line(&format!("{head} {{"))?;
        self.depth += 1;
        Ok(())
    }

    fn close(&mut self) -> fmt::Result {
        self.depth -= 1;
        self.line("}")
    }

    fn line(&mut self, text: &str) -> fmt::Result {
        writeln!(self.f, "{:indent$}{text}", "", indent = self.depth * 4)
    }
}

/// The lines of a file, without indentation and without the block that may follow.
impl Scenario {
    fn head(&self, step: &Step) -> String {
        match step {
            Step::Sleep(latency) => format!("sleep \"{}\"", write_latency(*latency)),
            Step::Yield => "yield".to_owned(),
            Step::Busy(latency) => format!("busy \"{}\"", write_latency(*latency)),
            Step::Log(text) => format!("log {}", Quoted(text)),
            Step::Timeout { .. }
            | Step::Reschedule { .. }
            | Step::Shift { .. }
            | Step::Update { .. }
            | Step::Reject(_)
            | Step::Check { .. } => self.head_on_a_scope(step),
            Step::WaitForSteps { after, .. } => format!("wait-for{}", time("after", *after)),
            Step::WaitForTask { task, after } => {
                format!("wait-for {}{}", self.task(*task), time("after", *after))
            }
            Step::Await {
                task,
                shield: false,
            } => format!("await {}", self.task(*task)),
            Step::Await { task, shield: true } => {
                format!("await {} shield=#true", self.task(*task))
            }
            Step::Cancel(task) => format!("cancel {}", self.task(*task)),
            Step::Uncancel => "uncancel".to_owned(),
            Step::Set(event) => format!("set {}", self.event(*event)),
            Step::Clear(event) => format!("clear {}", self.event(*event)),
            Step::Wait(event) => format!("wait {}", self.event(*event)),
            Step::Send { queue, value } => {
                format!("send {} {}", self.queue(*queue), Quoted(value))
            }
            Step::Recv(queue) => format!("recv {}", self.queue(*queue)),
            Step::Acquire { semaphore, .. } => format!("acquire {}", self.semaphore(*semaphore)),
            Step::Try { .. } => "try".to_owned(),
            Step::Raise => "raise".to_owned(),
            Step::Fail(name) => format!("fail {}", Quoted(name)),
        }
    }

    /// The line of a step that names a scope: its verb, the scope, and what is said of it.
    fn head_on_a_scope(&self, step: &Step) -> String {
        let (verb, scope, rest) = match step {
            Step::Timeout {
                scope, deadline, ..
            } => ("timeout", scope, moment(*deadline)),
            Step::Reschedule { scope, deadline } => ("reschedule", scope, moment(*deadline)),
            Step::Shift { scope, by } => {
                ("shift", scope, format!(" by=\"{}\"", write_signed_ns(*by)))
            }
            Step::Update { scope, at } => ("update", scope, time("at", Some(*at))),
            Step::Reject(scope) => ("reject", scope, String::new()),
            Step::Check {
                scope,
                expired,
                state,
                when,
            } => ("check", scope, facts(*expired, *state, *when)),
            _ => return String::new(),
        };
        format!("{verb} {}{rest}", self.scope(*scope))
    }

    fn expectation(&self, expectation: &Expectation) -> String {
        match expectation {
            Expectation::Task { task, ends, at } => {
                let ends = ends
                    .as_ref()
                    .map(|end| format!(" ends={}", Quoted(&end.to_string())));
                format!(
                    "task {}{}{}",
                    self.task(*task),
                    ends.unwrap_or_default(),
                    time("at", *at)
                )
            }
            Expectation::Scope {
                scope,
                expired,
                state,
                when,
            } => {
                format!(
                    "scope {}{}",
                    self.scope(*scope),
                    facts(*expired, *state, *when)
                )
            }
            Expectation::Log { text, count } => {
                let count = count
                    .map(|count| format!(" count={count}"))
                    .unwrap_or_default();
                format!("log {}{count}", Quoted(text))
            }
            Expectation::Never(text) => format!("never {}", Quoted(text)),
            Expectation::Verdict(verdict) => format!("verdict \"{verdict}\""),
        }
    }

    fn task(&self, id: TaskId) -> String {
        name(self.tasks.get(id.0).map(|task| &task.name), id.0)
    }

    fn scope(&self, id: ScopeId) -> String {
        name(self.scopes.get(id.0), id.0)
    }

    fn event(&self, id: EventId) -> String {
        name(self.events.get(id.0), id.0)
    }

    fn queue(&self, id: QueueId) -> String {
        name(self.queues.get(id.0).map(|queue| &queue.name), id.0)
    }

    fn semaphore(&self, id: SemaphoreId) -> String {
        name(
            self.semaphores.get(id.0).map(|semaphore| &semaphore.name),
            id.0,
        )
    }
}

fn name(known: Option<&String>, index: usize) -> String {
    known.map_or_else(|| format!("\"#{index}\""), |name| Quoted(name).to_string())
}

fn moment(deadline: Deadline) -> String {
    match deadline {
        Deadline::None => String::new(),
        Deadline::After(ns) => time("after", Some(ns)),
        Deadline::At(ns) => time("at", Some(ns)),
    }
}

/// A property that holds a duration or a time, when there is one.
fn time(property: &str, ns: Option<u64>) -> String {
    ns.map(|ns| format!(" {property}=\"{}\"", write_ns(ns)))
        .unwrap_or_default()
}

/// What a `check` or an expectation says about a scope.
fn facts(expired: Option<bool>, state: Option<ScopeState>, when: Option<When>) -> String {
    let expired = expired
        .map(|expired| format!(" expired=#{expired}"))
        .unwrap_or_default();
    let state = state
        .map(|state| format!(" state=\"{state}\""))
        .unwrap_or_default();
    let when = match when {
        None => String::new(),
        Some(When::None) => " when=#null".to_owned(),
        Some(When::At(ns)) => time("when", Some(ns)),
    };
    expired + &state + &when
}
