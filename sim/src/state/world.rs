//! The state of the run that is under way on this thread, and how the rest of the crate reaches it.
//!
//! 1. There is at most one run on a thread. Its state lives in a thread-local and is borrowed only
//!    between calls of user code: never while a future is polled or dropped, or a foreign waker wakes.
//! 2. Its memory (task slots, queues, timers) serves the next run again.
//!
//! Deliberately not here: what happens when (`step.rs`), and what is made of a run (`run.rs`).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;
use std::task::Waker;

use deadheat_timeout as lib;

use crate::base::bounds::Limit;
use crate::base::bounds::{Bounds, Limits};
use crate::base::grow;
use crate::base::rng::Stream;
use crate::base::time::Instant;
use crate::base::verdict::Verdict;
use crate::decide::scheduler::{Choice, Fifo, Scheduler};
use crate::decide::tape::{Kind, Tape};
use crate::invariant::{self, Check, Checks, End, Owns};
use crate::record::events::{Raw, Recorder};
use crate::record::panic::PanicReport;
use crate::state::ending::{Blocked, Ended};
use crate::state::held::Held;
use crate::state::instants::Instants;
use crate::state::queue::{Entry, Event, Queue};
use crate::state::reach::Reach;
use crate::state::stalls::{Group, Stalls};
use crate::state::tasks::{BoxFuture, Places, TaskEnds, TaskSlot, WaitsFor};
use crate::state::timers::{Due, Timers};
use crate::witness::Pulse;

/// What the numbers that the library drew stand for.
#[derive(Debug, Clone, Default)]
pub(crate) enum Named {
    #[default]
    Unknown,
    Task(u32),
    Scope(Arc<str>),
}

/// The run of this thread.
pub(crate) struct World {
    /// Zero when no run is under way.
    pub(crate) run: u32,
    pub(crate) now: i64,
    pub(crate) current: Option<u32>,
    pub(crate) root: Option<u32>,
    pub(crate) tasks: Vec<TaskSlot>,
    /// By task, as `tasks`.
    pub(crate) task_ends: Vec<TaskEnds>,
    pub(crate) places: Places,
    /// By task, of those that have one.
    task_names: Vec<(u32, Arc<str>)>,
    /// What tasks said they wait for, of those that did.
    pub(crate) waits_named: BTreeMap<u32, Arc<str>>,
    /// Who waits for a task's end and is no task of this run.
    pub(crate) foreign_joiners: BTreeMap<u32, Waker>,
    /// How many tasks have not ended.
    pub(crate) pending: usize,
    pub(crate) queue: Queue,
    pub(crate) timers: Timers,
    pub(crate) scratch: Vec<Due>,
    pub(crate) scheduler: Box<dyn Scheduler>,
    pub(crate) bounds: BoundsNs,
    /// Why time may pass although something could happen: timers with a span of their own that are
    /// armed or due, tasks that may stall, and one more if the bounds leave room. At zero nothing is asked.
    /// Too high a number costs time and changes nothing: each event has its own bound.
    pub(crate) slack: usize,
    /// The moments that time may pass to, while a decision is taken.
    pub(crate) instants: Instants,
    /// Of which event it was decided last how late it is, and how many timers had been armed then.
    pub(crate) asked: Option<(Event, u64)>,
    pub(crate) limits: Limits,
    pub(crate) recorder: Recorder,
    pub(crate) checks: Checks,
    /// The user's own invariants.
    pub(crate) owns: Owns,
    pub(crate) tape: Tape,
    pub(crate) labels: Vec<Label>,
    /// How many events had been recorded at each decision about what happens next, while a trace is kept.
    pub(crate) marks: Vec<usize>,
    pub(crate) numbers: [u64; Kind::ALL.len()],
    pub(crate) seed: u64,
    /// The program's own draws, by the task that draws; none is the program's start and end.
    pub(crate) draws: Vec<(Option<u32>, Stream)>,
    /// How many things went wrong.
    pub(crate) faults: u64,
    /// Which tasks may stall.
    pub(crate) stalls: Stalls,
    pub(crate) held: Held,
    pub(crate) names: Vec<Named>,
    /// What was stated to hold sometimes, and whether it did in this run.
    pub(crate) statements: Vec<(&'static str, bool)>,
    pub(crate) steps: u64,
    /// How far it may go on.
    pub(crate) reach: Reach,
    /// The last moment of the run.
    pub(crate) time_end: i64,
    /// The run is over: what happens while it is torn down is no part of it.
    pub(crate) closing: bool,
    /// The tasks that block (`block_on.rs`), the innermost last.
    pub(crate) blocked: Vec<Blocked>,
    /// Tasks that were gone on with while they blocked, and so may have lost a wake.
    pub(crate) resumed: Vec<u32>,
    /// How the run ended, if it did so while a task blocked.
    pub(crate) ended: Option<Box<Ended>>,
    /// Panics that were caught on behalf of tasks, and that nobody has seen.
    pub(crate) unseen: Vec<PanicReport>,
    /// Those do not count.
    pub(crate) forgiving: bool,
    /// Where it is told how the run goes on, if somebody watches.
    pub(crate) pulse: Option<Arc<Pulse>>,
}

/// [`Bounds`] in the executor's unit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BoundsNs {
    pub(crate) late: i64,
    pub(crate) task_late: i64,
}

/// What a departure was, for a report: kept only while a trace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    pub(crate) at: i64,
    /// How many events had been recorded.
    pub(crate) event: usize,
    pub(crate) chosen: Choice,
    pub(crate) instead_of: Choice,
}

impl Default for World {
    fn default() -> Self {
        World {
            run: 0,
            now: 0,
            current: None,
            root: None,
            tasks: Vec::new(),
            task_ends: Vec::new(),
            places: Places::default(),
            task_names: Vec::new(),
            waits_named: BTreeMap::new(),
            foreign_joiners: BTreeMap::new(),
            pending: 0,
            queue: Queue::default(),
            timers: Timers::default(),
            scratch: Vec::new(),
            scheduler: Box::new(Fifo),
            bounds: BoundsNs::default(),
            slack: 0,
            instants: Instants::default(),
            asked: None,
            limits: Limits::default(),
            recorder: Recorder::default(),
            checks: Checks::default(),
            owns: Owns::default(),
            tape: Tape::new(),
            labels: Vec::new(),
            marks: Vec::new(),
            numbers: [0; Kind::ALL.len()],
            seed: 0,
            draws: Vec::new(),
            faults: 0,
            stalls: Stalls::default(),
            held: Held::default(),
            names: Vec::new(),
            statements: Vec::new(),
            steps: 0,
            reach: Reach::default(),
            time_end: 0,
            closing: false,
            blocked: Vec::new(),
            resumed: Vec::new(),
            ended: None,
            unseen: Vec::new(),
            forgiving: false,
            pulse: None,
        }
    }
}

thread_local! {
    static WORLD: RefCell<Option<Box<World>>> = const { RefCell::new(None) };
    static IN_RUN: Cell<u32> = const { Cell::new(0) };
}

/// Begins a run on this thread, where none is under way.
pub(crate) fn begin(setup: Setup) {
    debug_assert_eq!(IN_RUN.get(), 0, "one run at a time");
    WORLD.with_borrow_mut(|slot| {
        let world = slot.get_or_insert_with(Box::default);
        world.reset(setup);
        IN_RUN.set(world.run);
    });
}

/// Ends the run and gives the scheduler back.
pub(crate) fn end() -> Box<dyn Scheduler> {
    IN_RUN.set(0);
    with(|world| {
        world.run = 0;
        std::mem::replace(&mut world.scheduler, Box::new(Fifo))
    })
    .unwrap_or_else(|| Box::new(Fifo))
}

/// The number of the run on this thread; zero if there is none.
#[inline]
pub(crate) fn run_number() -> u32 {
    IN_RUN.get()
}

/// Looks at the state of this thread, if any run was ever here.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(&mut World) -> R) -> Option<R> {
    WORLD
        .try_with(|slot| {
            slot.try_borrow_mut()
                .ok()
                .and_then(|mut slot| slot.as_deref_mut().map(f))
        })
        .ok()
        .flatten()
}

/// Looks at the run `run`, if it is the one that is under way on this thread.
#[inline]
pub(crate) fn with_run<R>(run: u32, f: impl FnOnce(&mut World) -> R) -> Option<R> {
    with(|world| (world.run == run && run != 0).then(|| f(world))).flatten()
}

/// Looks at the run that is under way on this thread.
#[inline]
pub(crate) fn current<R>(f: impl FnOnce(&mut World) -> R) -> Option<R> {
    with(|world| (world.run != 0).then(|| f(world))).flatten()
}

/// Wakes a task; false if its run is not under way on this thread and is not known to be over.
pub(crate) fn wake(run: u32, task: u32) -> bool {
    with(|world| {
        if world.run == run {
            world.wake(task);
        }
        // A run of this thread with another number is over: a late wake is harmless.
    })
    .is_some()
}

/// How a run begins.
pub(crate) struct Setup {
    pub(crate) run: u32,
    pub(crate) seed: u64,
    pub(crate) scheduler: Box<dyn Scheduler>,
    pub(crate) bounds: Bounds,
    pub(crate) limits: Limits,
    /// How many events are kept.
    pub(crate) keep: usize,
    pub(crate) owns: Owns,
}

/// Most runs find it empty, and clearing a map costs even then.
fn empty<V>(map: &mut BTreeMap<u32, V>) {
    if !map.is_empty() {
        map.clear();
    }
}

impl World {
    fn reset(&mut self, setup: Setup) {
        let Setup {
            run,
            seed,
            scheduler,
            bounds,
            limits,
            keep,
            owns,
        } = setup;
        (self.run, self.now, self.current, self.root) = (run, 0, None, None);
        self.tasks.clear();
        self.task_ends.clear();
        self.task_names.clear();
        self.places.clear();
        empty(&mut self.waits_named);
        empty(&mut self.foreign_joiners);
        self.pending = 0;
        self.queue.clear();
        self.timers.reset(0);
        self.scheduler = scheduler;
        self.bounds = BoundsNs {
            late: bounds.late_ns(),
            task_late: bounds.task_late_ns(),
        };
        self.slack = usize::from(self.bounds.late > 0 || self.bounds.task_late > 0);
        (self.asked, self.limits) = (None, limits);
        self.recorder.reset(keep, !owns.is_empty());
        self.owns = owns;
        self.checks.reset();
        self.tape.clear();
        self.labels.clear();
        self.marks.clear();
        self.numbers = [0; Kind::ALL.len()];
        (self.seed, self.faults) = (seed, 0);
        self.draws.clear();
        self.stalls.clear();
        self.held.clear();
        self.names.clear();
        self.statements.clear();
        self.time_end = crate::base::bounds::clamp(limits.virtual_time);
        (self.steps, self.closing) = (0, false);
        self.reach.clear();
        self.blocked.clear();
        self.resumed.clear();
        (self.ended, self.forgiving) = (None, false);
        self.unseen.clear();
        self.begin_instant();
    }

    #[inline]
    pub(crate) fn instant(&self) -> Instant {
        Instant::from_nanos(self.now)
    }

    #[inline]
    pub(crate) fn record(&mut self, raw: Raw) {
        if self.recorder.record(self.now, self.current, raw) {
            self.tell_owns(&raw);
        }
    }

    /// Tells the user's own invariants what happened.
    #[cold]
    fn tell_owns(&mut self, raw: &Raw) {
        if self.owns.is_empty() {
            return;
        }
        let (at, checks) = (self.instant(), &mut self.checks);
        let event = invariant::Event::new(at, self.current, raw.happened(&self.recorder.texts));
        self.owns
            .event(&event, |check, text| checks.violate(check, at, text));
    }

    /// Tells them that the run has ended.
    pub(crate) fn end_owns(&mut self, verdict: Verdict) {
        let (at, checks) = (self.instant(), &mut self.checks);
        let end = End { at, verdict };
        self.owns
            .end(&end, |check, text| checks.violate(check, at, text));
    }

    pub(crate) fn spawn(
        &mut self,
        name: Option<Arc<str>>,
        spawned_at: &'static Location<'static>,
        group: Group,
        future: BoxFuture,
    ) -> u32 {
        let task = self.tasks.len() as u32;
        if u64::from(task) >= self.limits.tasks {
            self.cut_short(Limit::Tasks);
        }
        if group.stall > 0 {
            self.slack += 1;
            self.stalls.join(task, group);
        }
        let slot = TaskSlot {
            future: Some(future),
            since: self.now,
            waits_for: WaitsFor::UNKNOWN,
            queued: true,
            aborted: false,
            ended: false,
            detached: false,
        };
        // Not `grow::push`: a vector of aligned slots is copied each time it grows, so it grows seldom, by doubling.
        self.tasks.push(slot);
        let ends = TaskEnds {
            spawned_at: self.places.number(spawned_at),
            joiner: None,
        };
        grow::push(&mut self.task_ends, ends);
        if let Some(name) = name {
            self.task_names.push((task, name));
        }
        self.pending += 1;
        self.record(Raw::Spawn(task));
        self.enqueue(task);
        task
    }

    /// Queues a woken task, unless it is queued or has ended.
    #[inline]
    pub(crate) fn wake(&mut self, task: u32) {
        if self.held.keeps(task) {
            return;
        }
        let Some(slot) = self.tasks.get_mut(task as usize) else {
            return;
        };
        if slot.queued || slot.ended {
            return;
        }
        slot.queued = true;
        self.record(Raw::Wake(task));
        self.enqueue(task);
    }

    #[inline]
    fn enqueue(&mut self, task: u32) {
        if !self.stalls.is_empty() {
            return self.enqueue_of_process(task);
        }
        let until = self.now.saturating_add(self.bounds.task_late);
        self.queue.push(Entry::turn(task, until));
    }

    /// Asks for a task to be dropped in a turn of its own.
    pub(crate) fn abort(&mut self, task: u32) {
        if let Some(slot) = self.tasks.get_mut(task as usize)
            && !slot.ended
        {
            slot.aborted = true;
            self.wake(task);
        }
    }

    /// The library's next number for a task or a scope.
    pub(crate) fn next_id(&mut self) -> u64 {
        if self.names.is_empty() {
            self.names.push(Named::Unknown);
        }
        self.names.push(Named::Unknown);
        self.names.len() as u64 - 1
    }

    pub(crate) fn observe(&mut self, event: lib::Event<Instant>) {
        if self.closing {
            return;
        }
        self.bind(&event);
        let at = self.instant();
        self.record(Raw::Library(event));
        self.checks.observe(at, &event);
    }

    /// Learns which simulated task a cancellable task runs in, from what happens in its turn.
    fn bind(&mut self, event: &lib::Event<Instant>) {
        let id = match *event {
            lib::Event::ScopeEntered {
                owner: Some(task), ..
            }
            | lib::Event::CancelDelivered { task }
            | lib::Event::TaskEnded { task, .. }
            | lib::Event::Joining { task, .. } => task,
            _ => return,
        };
        if let (Some(current), Some(name @ Named::Unknown)) =
            (self.current, self.names.get_mut(id as usize))
        {
            *name = Named::Task(current);
        }
        if let lib::Event::Joining { on, .. } = *event
            && let Some(Named::Task(on)) = self.names.get(on as usize)
        {
            self.waits_for_task(*on);
        }
    }

    /// Notes that the running task waits for the end of another one.
    pub(crate) fn waits_for_task(&mut self, on: u32) {
        self.waits_for(WaitsFor::task(on));
    }

    /// Notes what the running task waits for.
    pub(crate) fn waits_for(&mut self, what: WaitsFor) {
        let current = self.current;
        if let Some(slot) = current.and_then(|task| self.tasks.get_mut(task as usize)) {
            slot.waits_for = what;
        }
    }

    /// The name that a task was given.
    pub(crate) fn given_name(&self, task: u32) -> Option<&str> {
        let names = &self.task_names;
        let found = names.binary_search_by_key(&task, |(named, _)| *named);
        found.ok().map(|index| &*names[index].1)
    }

    /// The name of a task.
    pub(crate) fn task_name(&self, task: u32) -> String {
        match self.given_name(task) {
            Some(name) => name.to_owned(),
            None => format!("task-{task}"),
        }
    }

    pub(crate) fn sometimes(&mut self, holds: bool, statement: &'static str) {
        match self
            .statements
            .iter_mut()
            .find(|(made, _)| *made == statement)
        {
            Some((_, held)) => *held |= holds,
            None => self.statements.push((statement, holds)),
        }
    }

    pub(crate) fn violate(&mut self, check: Check, text: String) {
        let at = self.instant();
        self.checks.violate(check, at, text);
    }
}
