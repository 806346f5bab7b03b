//! Makes a scenario that a file could hold, and whose checks hold, of one that was made at random.
//!
//! 1. Every index points at something. Scopes are numbered as they appear, events by first mention.
//! 2. A task waits only for tasks after it, so no tasks wait for each other in a ring.
//! 3. Every `raise` stands inside an `on`, every `try` has an `on` or a `finally`, no kind twice.
//! 4. Every `check` is of a scope about which something is certain: the one just entered, or one that
//!    the task has yet to enter.
//! 5. Two of three steps that move a deadline move that of a scope they stand in, if there is one.
//! 6. A step that cannot be made to fit is taken out.

use crate::ast::{
    Deadline, EventId, Expectation, Handler, Scenario, ScopeId, ScopeState, Step, When,
};

/// Makes a valid scenario of one whose indices are any numbers.
///
/// Names of tasks, semaphores and queues are kept; those of scopes (`s0`, `s1`, …) and events (`e0`, …)
/// are given here. Expectations that speak of tasks or scopes are taken out.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::ast::{Places, Scenario, Step, Task, TaskId};
/// use deadheat_scenarios::{fuzzing::settle, parse};
///
/// let task = |name: &str, steps| Task { name: name.to_owned(), steps };
/// let mut scenario = Scenario {
///     name: "loose".to_owned(),
///     semaphores: Vec::new(),
///     queues: Vec::new(),
///     events: Vec::new(),
///     scopes: Vec::new(),
///     tasks: vec![
///         task("a", vec![Step::Cancel(TaskId(7)), Step::Raise]),
///         task("b", Vec::new()),
///     ],
///     expect: Vec::new(),
///     places: Places::default(),
/// };
/// settle(&mut scenario);
/// assert_eq!(scenario.tasks[0].steps, [Step::Cancel(TaskId(1))]);
/// assert_eq!(parse("settled.kdl", &scenario.to_string()).unwrap(), scenario);
/// ```
pub fn settle(scenario: &mut Scenario) {
    let mut settler = Settler {
        task: 0,
        tasks: scenario.tasks.len(),
        scopes: scenario
            .tasks
            .iter()
            .map(|task| count_scopes(&task.steps))
            .sum(),
        entered: 0,
        last_of_task: 0,
        semaphores: scenario.semaphores.len(),
        queues: scenario.queues.len(),
        events: Vec::new(),
        inside: Vec::new(),
        handlers: 0,
    };
    for (index, task) in scenario.tasks.iter_mut().enumerate() {
        settler.task = index;
        settler.last_of_task += count_scopes(&task.steps);
        settler.steps(&mut task.steps, None);
    }
    scenario.scopes = (0..settler.entered).map(|n| format!("s{n}")).collect();
    scenario.events = settler.events.iter().map(|n| format!("e{n}")).collect();
    scenario.expect.retain(|expectation| {
        !matches!(
            expectation,
            Expectation::Task { .. } | Expectation::Scope { .. }
        )
    });
}

/// How many events there are to choose from.
const EVENTS: usize = 2;

struct Settler {
    /// The present task, and how many there are.
    task: usize,
    tasks: usize,
    /// How many scopes there are, have appeared so far, and will have by the end of the present task.
    scopes: usize,
    entered: usize,
    last_of_task: usize,
    semaphores: usize,
    queues: usize,
    /// The events so far, in order of first mention.
    events: Vec<usize>,
    /// The scopes that the present step stands in.
    inside: Vec<ScopeId>,
    /// How many `on` the present step stands in.
    handlers: usize,
}

/// A scope of which nothing has happened but its enter.
type Fresh = Option<(ScopeId, Deadline)>;

impl Settler {
    fn steps(&mut self, steps: &mut Vec<Step>, mut fresh: Fresh) {
        steps.retain_mut(|step| {
            let fits = self.step(step, fresh);
            if fits && !matches!(step, Step::Check { .. }) {
                fresh = None;
            }
            fits
        });
    }

    /// Makes a step fit; false if that cannot be done.
    fn step(&mut self, step: &mut Step, fresh: Fresh) -> bool {
        match step {
            Step::Timeout {
                scope,
                deadline,
                body,
            } => {
                *scope = ScopeId(self.entered);
                self.entered += 1;
                self.inside.push(*scope);
                self.steps(body, Some((*scope, *deadline)));
                self.inside.pop();
                true
            }
            Step::WaitForSteps { body, .. } => {
                self.steps(body, None);
                true
            }
            Step::Acquire { semaphore, body } => {
                let fits = fit(&mut semaphore.0, 0, self.semaphores);
                if !fits {
                    // Its scopes have been counted, so they have to appear: as what stands alone.
                    *step = Step::WaitForSteps {
                        after: None,
                        body: std::mem::take(body),
                    };
                    return self.step(step, None);
                }
                self.steps(body, None);
                true
            }
            Step::Try { .. } => {
                self.attempt(step);
                true
            }
            Step::WaitForTask { task, .. } | Step::Await { task, .. } => {
                fit(&mut task.0, self.task + 1, self.tasks)
            }
            Step::Cancel(task) => fit(&mut task.0, 0, self.tasks),
            Step::Raise => self.handlers > 0,
            Step::Reschedule { scope, .. }
            | Step::Shift { scope, .. }
            | Step::Update { scope, .. }
            | Step::Reject(scope) => self.moved(scope),
            Step::Check { .. } => self.check(step, fresh),
            Step::Set(event) | Step::Clear(event) | Step::Wait(event) => {
                self.event(event);
                true
            }
            Step::Send { queue, .. } | Step::Recv(queue) => fit(&mut queue.0, 0, self.queues),
            Step::Sleep(_)
            | Step::Yield
            | Step::Busy(_)
            | Step::Log(_)
            | Step::Uncancel
            | Step::Fail(_) => true,
        }
    }

    fn attempt(&mut self, step: &mut Step) {
        let Step::Try {
            body,
            handlers,
            finally,
        } = step
        else {
            return;
        };
        join_equal_kinds(handlers);
        if handlers.is_empty() && finally.is_none() {
            *finally = Some(Vec::new());
        }
        self.steps(body, None);
        for handler in handlers {
            self.handlers += 1;
            self.steps(&mut handler.steps, None);
            self.handlers -= 1;
        }
        if let Some(finally) = finally {
            self.steps(finally, None);
        }
    }

    /// Makes a check hold. It keeps its choice of what to say, and says at least `expired`.
    fn check(&self, step: &mut Step, fresh: Fresh) -> bool {
        let Step::Check {
            scope,
            expired,
            state,
            when,
        } = step
        else {
            return false;
        };
        *expired = Some(false);
        let ahead = fit(&mut scope.0, self.entered, self.last_of_task);
        let (certain, deadline) = match fresh {
            Some((entered, deadline)) if !ahead || when.is_some() => {
                *scope = entered;
                (ScopeState::Active, Some(deadline))
            }
            _ if ahead => (ScopeState::Created, None),
            _ => return false,
        };
        *state = state.map(|_| certain);
        *when = when.and(match deadline {
            Some(Deadline::None) => Some(When::None),
            Some(Deadline::At(at)) => Some(When::At(at)),
            Some(Deadline::After(_)) | None => None,
        });
        true
    }

    fn moved(&self, scope: &mut ScopeId) -> bool {
        let of_these = (scope.0 / 3).checked_rem(self.inside.len());
        match of_these.filter(|_| !scope.0.is_multiple_of(3)) {
            Some(index) => {
                *scope = self.inside[index];
                true
            }
            None => fit(&mut scope.0, 0, self.scopes),
        }
    }

    fn event(&mut self, event: &mut EventId) {
        let raw = event.0 % EVENTS;
        let known = self.events.iter().position(|known| *known == raw);
        event.0 = known.unwrap_or_else(|| {
            self.events.push(raw);
            self.events.len() - 1
        });
    }
}

/// Brings a number into `from..to`; false if that is empty.
fn fit(number: &mut usize, from: usize, to: usize) -> bool {
    let Some(offset) = number.checked_rem(to.saturating_sub(from)) else {
        return false;
    };
    *number = from + offset;
    true
}

/// Handlers of one kind become one, with the steps of all.
fn join_equal_kinds(handlers: &mut Vec<Handler>) {
    let mut joined: Vec<Handler> = Vec::new();
    for mut handler in handlers.drain(..) {
        match joined.iter_mut().find(|known| known.kind == handler.kind) {
            Some(known) => known.steps.append(&mut handler.steps),
            None => joined.push(handler),
        }
    }
    *handlers = joined;
}

fn count_scopes(steps: &[Step]) -> usize {
    let one = |step: &Step| match step {
        Step::Timeout { body, .. } => 1 + count_scopes(body),
        Step::WaitForSteps { body, .. } | Step::Acquire { body, .. } => count_scopes(body),
        Step::Try {
            body,
            handlers,
            finally,
        } => {
            let handlers = handlers.iter().map(|handler| count_scopes(&handler.steps));
            count_scopes(body)
                + handlers.sum::<usize>()
                + finally.as_deref().map_or(0, count_scopes)
        }
        _ => 0,
    };
    steps.iter().map(one).sum()
}
