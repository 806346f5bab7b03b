//! The state of the run that is under way on this thread, and how the rest of the crate reaches it.
//!
//! 1. There is at most one run on a thread. Its state lives in a thread-local and is borrowed only
//!    between calls of user code: never while a future is polled or dropped, or a foreign waker wakes.
//! 2. Its memory (task slots, queues, timers) serves the next run again.
//!
//! Deliberately not here: what happens when (`engine/step.rs`), and what is made of a run (`record/run.rs`).

use std::cell::Cell;
use std::sync::Arc;

use deadheat_timeout as lib;
use deadheat_timeout::Place;

use crate::base::bounds::{Bounds, LimitReached, Limits, clamp};
use crate::base::grow;
use crate::base::time::Instant;
use crate::decide::scheduler::Scheduler;
use crate::invariant::Check;
use crate::record::events::{Raw, Recorded, Recorder};
use crate::state::beside::Neighbour;
use crate::state::decided::Decided;
use crate::state::disks::Made;
use crate::state::draws::Draws;
use crate::state::ending::{Blocking, Ending};
use crate::state::findings::Findings;
use crate::state::lateness::Lateness;
use crate::state::lent::{Freed, Lent};
use crate::state::looks::Looks;
use crate::state::names::{Named, Names};
use crate::state::network::{Asked, Network};
use crate::state::queue::{Entry, Queue};
use crate::state::reach::Reach;
use crate::state::restarts::Restarts;
use crate::state::stalls::{Group, Stalls};
use crate::state::tasks::{BoxFuture, TaskEnds, TaskSlot, Tasks, WaitsFor};
use crate::state::threads::Threads;
use crate::state::timers::{Due, Timers};
use crate::witness::Pulse;

/// The run of this thread: its parts each know how to begin anew.
#[derive(Default)]
pub(crate) struct World {
    /// Zero when no run is under way.
    pub(crate) run: u32,
    pub(crate) now: i64,
    /// The last moment of the run.
    pub(crate) time_end: i64,
    pub(crate) steps: u64,
    /// How far it may go on.
    pub(crate) reach: Reach,
    /// Whether it is to end.
    pub(crate) ending: Ending,
    pub(crate) limits: Limits,
    /// The task that takes its turn.
    pub(crate) current: Option<u32>,
    /// The task with whose end the run is over.
    pub(crate) root: Option<u32>,
    pub(crate) tasks: Tasks,
    pub(crate) names: Names,
    pub(crate) queue: Queue,
    pub(crate) timers: Timers,
    /// Sleeps that are dropped and made anew.
    pub(crate) restarts: Restarts,
    /// Timers that have come due, on their way to the queue.
    pub(crate) scratch: Vec<Due>,
    /// Which tasks may stall.
    pub(crate) stalls: Stalls,
    pub(crate) scheduler: Box<dyn Scheduler>,
    pub(crate) lateness: Lateness,
    pub(crate) decided: Decided,
    pub(crate) draws: Draws,
    /// How many things went wrong.
    pub(crate) faults: u64,
    pub(crate) recorder: Recorder,
    pub(crate) findings: Findings,
    pub(crate) blocking: Blocking,
    /// The runtime beside the run, and what it holds back.
    pub(crate) beside: Neighbour,
    /// The network, once there is one. While something happens in it, it is in the hands of who does that.
    pub(crate) network: Option<Box<Network>>,
    /// The run is over: what happens while it is torn down is no part of it.
    pub(crate) closing: bool,
    /// Which turns are looked at.
    pub(crate) looks: Looks,
    /// What several threads add, if it stands for a runtime of them.
    pub(crate) threads: Threads,
    /// Where it is told how the run goes on, if somebody watches.
    pub(crate) pulse: Option<Arc<Pulse>>,
}

thread_local! {
    static WORLD: Lent<World> = const { Lent::nothing() };
    static FREED: Freed<World> = const { Freed(&WORLD) };
    static IN_RUN: Cell<u32> = const { Cell::new(0) };
}

/// Begins a run on this thread, where none is under way.
pub(crate) fn begin(setup: Setup<'_>) {
    debug_assert_eq!(IN_RUN.get(), 0, "one run at a time");
    FREED.with(|_| WORLD.with(|place| place.make(Box::default)));
    let begun = with(|world| {
        world.begin(setup);
        IN_RUN.set(world.run);
    });
    begun.expect("a run begins while nothing is borrowed");
}

/// Ends the run and gives the scheduler back.
pub(crate) fn end() -> Box<dyn Scheduler> {
    IN_RUN.set(0);
    with(|world| {
        world.run = 0;
        std::mem::take(&mut world.scheduler)
    })
    .unwrap_or_default()
}

/// The number of the run on this thread; zero if there is none.
#[inline]
pub(crate) fn run_number() -> u32 {
    IN_RUN.get()
}

/// Looks at the state of this thread, if any run was ever here and nobody is looking at it.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(&mut World) -> R) -> Option<R> {
    WORLD.with(|place| place.with(f))
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
#[inline]
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
pub(crate) struct Setup<'a> {
    pub(crate) run: u32,
    pub(crate) seed: u64,
    pub(crate) scheduler: Box<dyn Scheduler>,
    pub(crate) bounds: &'a Bounds,
    pub(crate) limits: &'a Limits,
    /// How many events are kept.
    pub(crate) keep: usize,
    /// Whether somebody is told of each event.
    pub(crate) told: bool,
    pub(crate) threads: bool,
    /// Whether what is run has lines in the sources.
    pub(crate) lines: bool,
    pub(crate) waits: &'a [(u32, usize)],
    /// A trace is made of it.
    pub(crate) tells: bool,
}

impl World {
    fn begin(&mut self, setup: Setup<'_>) {
        let Setup {
            run,
            seed,
            scheduler,
            bounds,
            limits,
            keep,
            told,
            threads,
            lines,
            waits,
            tells,
        } = setup;
        (self.run, self.now, self.steps) = (run, 0, 0);
        self.time_end = clamp(limits.virtual_time);
        (self.current, self.root) = (None, None);
        (self.limits, self.scheduler) = (*limits, scheduler);
        (self.faults, self.closing) = (0, false);
        self.threads.begin(threads);
        self.looks.begin(waits);
        self.reach.begin();
        self.ending = Ending::Open;
        self.tasks.begin();
        self.names.begin();
        self.queue.begin();
        self.timers.begin(0);
        self.restarts.begin();
        self.stalls.begin();
        self.lateness.begin(bounds);
        self.decided.begin();
        self.draws.begin(seed);
        self.recorder.begin(keep, told, lines);
        self.recorder.tells = tells;
        self.findings.begin();
        self.blocking.begin();
        self.beside.begin();
        self.begin_instant();
    }

    #[inline]
    pub(crate) fn instant(&self) -> Instant {
        Instant::from_nanos(self.now)
    }

    /// Inlined always: where the kind of an event is known, it takes a handful of instructions, and else three dozen.
    #[inline(always)]
    pub(crate) fn record(&mut self, raw: Raw) {
        self.recorder.record(self.now, &raw);
        if self.recorder.keeps {
            // A copy: else the event would be put together in memory for this, also where nobody wants it.
            self.keep_event(&{ raw }, None);
        }
    }

    /// [`record`](Self::record) of what a place of the sources has caused, which is read only if events are kept.
    #[inline(always)]
    pub(crate) fn record_from(&mut self, raw: Raw, from: &Place) {
        self.recorder.record(self.now, &raw);
        if self.recorder.keeps {
            self.keep_event(&{ raw }, Some(*from));
        }
    }

    /// [`record_from`](Self::record_from) of what was made where it says.
    pub(crate) fn record_made(&mut self, raw: Raw, made: Made) {
        self.recorder.record(self.now, &raw);
        if self.recorder.keeps {
            let event = Recorded {
                at: self.now,
                task: self.current,
                raw,
                from: Some(made.place),
                above: made.above,
            };
            let checks = &mut self.findings.checks;
            self.recorder
                .keep_as_it_is(event, |event| checks.tell(event));
        }
    }

    /// Somebody asks now for what is not there yet.
    pub(crate) fn asked_now(&self) -> Asked {
        Asked {
            by: self.current,
            at: self.now,
            events: self.recorder.events.len(),
        }
    }

    /// Where something is done now by whoever calls this place.
    pub(crate) fn made_at(&mut self, place: Place) -> Made {
        let above = match self.recorder.keeps {
            true => {
                self.recorder.origins.stands_in(place);
                self.recorder.origins.look(place, self.current)
            }
            false => None,
        };
        Made { place, above }
    }

    #[cold]
    #[inline(never)]
    fn keep_event(&mut self, raw: &Raw, from: Option<Place>) {
        let (at, task, raw) = (self.now, self.current, *raw);
        let checks = &mut self.findings.checks;
        let event = Recorded {
            at,
            task,
            raw,
            from,
            above: None,
        };
        let before = self.recorder.events.len();
        self.recorder.keep(event, |event| checks.tell(event));
        if checks.has_unplaced() {
            checks.placed(self.recorder.origins.shown(from, task), Some(before + 1));
        }
    }

    pub(crate) fn spawn(
        &mut self,
        name: Option<Arc<str>>,
        spawned_at: Place,
        group: Group,
        mut future: BoxFuture,
    ) -> u32 {
        let task = self.tasks.slots.len() as u32;
        if let Some(network) = &mut self.network {
            future = network.take_in(task, self.current, future);
        }
        if u64::from(task) >= self.limits.tasks {
            self.cut_short(LimitReached::Tasks);
        }
        if group.stall > 0 {
            self.lateness.slack += 1;
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
        self.tasks.slots.push(slot);
        let ends = TaskEnds {
            spawned_at: self.tasks.places.number(spawned_at),
            joiner: None,
        };
        grow::push(&mut self.tasks.ends, ends);
        if let Some(name) = name {
            self.names.give(task, name);
        }
        self.tasks.pending += 1;
        self.record_from(Raw::Spawn(task), &spawned_at);
        self.enqueue(task);
        task
    }

    /// Queues a woken task, unless it is queued or has ended.
    #[inline(always)]
    pub(crate) fn wake(&mut self, task: u32) {
        if self.beside.keeps(task) {
            return;
        }
        let Some(slot) = self.tasks.slots.get_mut(task as usize) else {
            return;
        };
        if slot.queued || slot.ended {
            return;
        }
        slot.queued = true;
        if self.recorder.keeps || !self.stalls.is_empty() {
            return self.enqueue_woken(task);
        }
        self.recorder.record(self.now, &Raw::Wake(task));
        self.queue.push(Entry::turn(task, self.turn_until()));
    }

    /// Queues a woken task where somebody is told, or where tasks may stall. Apart, and as the last thing that is done,
    /// so that a wake saves no registers for it.
    #[cold]
    #[inline(never)]
    fn enqueue_woken(&mut self, task: u32) {
        self.record(Raw::Wake(task));
        self.enqueue(task);
    }

    /// The last moment at which a task may take its turn that is woken now.
    #[inline]
    fn turn_until(&self) -> i64 {
        self.now.saturating_add(self.lateness.bounds.task_late)
    }

    #[inline]
    fn enqueue(&mut self, task: u32) {
        if !self.stalls.is_empty() {
            return self.enqueue_of_process(task);
        }
        self.queue.push(Entry::turn(task, self.turn_until()));
    }

    /// [`abort`](Self::abort), as this place asks for it.
    pub(crate) fn abort_from(&mut self, task: u32, from: Place) {
        self.aborted_from(task, from);
        self.abort(task);
    }

    /// The end of a task that has not ended is the doing of this place.
    pub(crate) fn aborted_from(&mut self, task: u32, from: Place) {
        if self.recorder.keeps {
            let above = self.recorder.origins.look(from, self.current);
            self.recorder.aborts.entry(task).or_insert((from, above));
        }
    }

    /// Asks for a task to be dropped in a turn of its own.
    pub(crate) fn abort(&mut self, task: u32) {
        if let Some(slot) = self.tasks.slots.get_mut(task as usize)
            && !slot.ended
        {
            slot.aborted = true;
            self.wake(task);
        }
    }

    /// The library's next number for a task or a scope.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.names.next_id()
    }

    pub(crate) fn observe(&mut self, event: lib::Event<Instant>, from: Option<Place>) {
        if self.closing {
            return;
        }
        self.bind(&event);
        // Judged first: what is kept of the event has its place, and so what it breaks has one.
        self.findings.checks.observe(self.instant(), &event);
        match from {
            Some(from) => self.record_from(Raw::Library(event), &from),
            None => self.record(Raw::Library(event)),
        }
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
            (self.current, self.names.ids.get_mut(id as usize))
        {
            *name = Named::Task(current);
        }
        if let lib::Event::Joining { on, .. } = *event
            && let Some(Named::Task(on)) = self.names.ids.get(on as usize)
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
        if let Some(slot) = current.and_then(|task| self.tasks.slots.get_mut(task as usize)) {
            slot.waits_for = what;
        }
    }

    /// The name of a task.
    pub(crate) fn task_name(&self, task: u32) -> String {
        self.names.of_task(task)
    }

    pub(crate) fn sometimes(&mut self, holds: bool, statement: &'static str) {
        match self
            .findings
            .statements
            .iter_mut()
            .find(|(made, _)| *made == statement)
        {
            Some((_, held)) => *held |= holds,
            None => self.findings.statements.push((statement, holds)),
        }
    }

    pub(crate) fn violate(&mut self, check: Check, text: String) {
        self.violate_from(check, text, None);
    }

    /// Something does not hold now, as this place states.
    pub(crate) fn violate_from(&mut self, check: Check, text: String, from: Option<Place>) {
        let origins = &self.recorder.origins;
        let (at, from) = (self.instant(), origins.shown(from, self.current));
        let before = self.recorder.keeps.then_some(self.recorder.events.len());
        let checks = &mut self.findings.checks;
        checks.violate((check, at, text), from, before);
    }
}
