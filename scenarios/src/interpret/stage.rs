//! What the tasks of one run share: the scopes, events, queues, semaphores and the log.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use deadheat::Instant;
use deadheat::invariant::Check;
use deadheat::program::SimClock;
use deadheat_timeout::{Handle, TaskHandle};

use crate::ast::{At, EventId, QueueId, Scenario, ScopeId, SemaphoreId, Step, TaskId};

use super::sync::{Event, Queue, Semaphore};
use super::{Lines, Raised};

pub(crate) type Task = TaskHandle<SimClock, Result<(), Raised>>;

/// The names of a scenario as the simulator takes them, made once for all runs.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) tasks: Vec<Arc<str>>,
    pub(crate) scopes: Vec<Arc<str>>,
    events: Vec<Arc<str>>,
    queues: Vec<(Arc<str>, Arc<str>)>,
    semaphores: Vec<Arc<str>>,
}

impl Names {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let label = |kind: &str, name: &str| Arc::from(format!("{kind} {name}"));
        let queue = |name: &str| {
            (
                label("a value in queue", name),
                label("room in queue", name),
            )
        };
        Names {
            tasks: scenario
                .tasks
                .iter()
                .map(|task| Arc::from(&*task.name))
                .collect(),
            scopes: scenario
                .scopes
                .iter()
                .map(|name| Arc::from(&**name))
                .collect(),
            events: scenario
                .events
                .iter()
                .map(|name| label("event", name))
                .collect(),
            queues: scenario.queues.iter().map(|of| queue(&of.name)).collect(),
            semaphores: scenario
                .semaphores
                .iter()
                .map(|of| label("semaphore", &of.name))
                .collect(),
        }
    }
}

/// One line of the log.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) at: Instant,
    pub(crate) task: usize,
    pub(crate) text: String,
}

/// The state that the tasks of a run share.
#[derive(Debug)]
pub struct Stage {
    pub(crate) scenario: Arc<Scenario>,
    names: Arc<Names>,
    lines: Arc<Lines>,
    tasks: RefCell<Vec<Task>>,
    ended_at: Vec<Cell<Option<Instant>>>,
    scopes: Vec<RefCell<Option<Handle<SimClock>>>>,
    events: Vec<Event>,
    queues: Vec<Queue>,
    semaphores: Vec<Semaphore>,
    pub(crate) log: RefCell<Vec<Line>>,
}

impl Stage {
    pub(crate) fn new(scenario: Arc<Scenario>, names: Arc<Names>, lines: Arc<Lines>) -> Rc<Self> {
        let queue = |of: &crate::ast::Queue| of.capacity.map_or(usize::MAX, |limit| limit as usize);
        Rc::new(Stage {
            tasks: RefCell::default(),
            ended_at: scenario.tasks.iter().map(|_| Cell::new(None)).collect(),
            scopes: scenario.scopes.iter().map(|_| RefCell::new(None)).collect(),
            events: names
                .events
                .iter()
                .map(|name| Event::new(name.clone()))
                .collect(),
            queues: (scenario.queues.iter().zip(&names.queues))
                .map(|(of, (value, room))| Queue::new(value.clone(), room.clone(), queue(of)))
                .collect(),
            semaphores: (scenario.semaphores.iter().zip(&names.semaphores))
                .map(|(of, name)| Semaphore::new(name.clone(), of.permits))
                .collect(),
            log: RefCell::default(),
            scenario,
            names,
            lines,
        })
    }

    /// The running task has come to this step.
    pub(crate) fn reaches_step(&self, step: &Step) {
        self.reaches(|stage| stage.lines.at(step));
    }

    /// The running task has come to this place of the file, which is looked for only if a trace is kept.
    pub(crate) fn reaches(&self, at: impl FnOnce(&Self) -> Option<At>) {
        deadheat::program::reaches_line(|| {
            let at = at(self)?;
            Some((self.scenario.places.file.clone(), at.line, at.column))
        });
    }

    pub(crate) fn add_task(&self, task: Task) {
        self.tasks.borrow_mut().push(task);
    }

    pub(crate) fn task(&self, id: TaskId) -> Task {
        self.tasks.borrow()[id.0].clone()
    }

    pub(crate) fn event(&self, id: EventId) -> &Event {
        &self.events[id.0]
    }

    pub(crate) fn queue(&self, id: QueueId) -> &Queue {
        &self.queues[id.0]
    }

    pub(crate) fn semaphore(&self, id: SemaphoreId) -> &Semaphore {
        &self.semaphores[id.0]
    }

    /// The scope of this name, once it has been entered.
    pub(crate) fn scope(&self, id: ScopeId) -> Option<Handle<SimClock>> {
        self.scopes[id.0].borrow().clone()
    }

    pub(crate) fn enter(&self, id: ScopeId, handle: Handle<SimClock>) {
        deadheat::program::name_scope(&handle, Arc::clone(&self.names.scopes[id.0]));
        *self.scopes[id.0].borrow_mut() = Some(handle);
    }

    pub(crate) fn log(&self, task: usize, text: String) {
        deadheat::log(&text);
        self.log.borrow_mut().push(Line {
            at: deadheat::beside::present().unwrap_or_default(),
            task,
            text,
        });
    }

    pub(crate) fn ended_at(&self, task: usize) -> Option<Instant> {
        self.ended_at[task].get()
    }

    /// Nobody may wait for what is there for the taking, once nothing moves any more.
    pub(crate) fn look_for_stranded_waiters(&self) {
        let events = self.events.iter().filter_map(Event::stranded);
        let queues = self.queues.iter().filter_map(Queue::stranded);
        let semaphores = self.semaphores.iter().filter_map(Semaphore::stranded);
        for what in events.chain(queues).chain(semaphores) {
            deadheat::program::violate(Check::NoStrandedWaiter, what);
        }
    }
}

/// Notes when a task ended: it goes with the task's body, also if that never ran.
#[derive(Debug)]
pub(crate) struct TaskEnding {
    stage: Rc<Stage>,
    task: usize,
}

impl TaskEnding {
    pub(crate) fn of(stage: &Rc<Stage>, task: usize) -> Self {
        TaskEnding {
            stage: Rc::clone(stage),
            task,
        }
    }
}

impl Drop for TaskEnding {
    fn drop(&mut self) {
        self.stage.ended_at[self.task].set(deadheat::beside::present());
    }
}
