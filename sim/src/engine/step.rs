//! What happens next: one decision, and its event.
//!
//! What can happen next is a turn of a woken task, or a due timer. Time passes when nothing can happen.
//! Where its bound leaves room, that the first of them is late, until one of the next interesting instants
//! (`state/instants.rs`), is an option too, after all others.

mod options;

use std::task::Waker;

use crate::base::bounds::LimitReached;
use crate::decide::scheduler::Decision;

use crate::decide::tape::{DecisionKind, Departure};
use crate::invariant::Check;
use crate::record::events::{Finish, Raw};
use crate::state::decided::Chosen;
use crate::state::ending::Over;
use crate::state::queue::{Entry, Event};
use crate::state::tasks::{BoxFuture, TaskSlot, WaitsFor};
use crate::state::timers::{Gone, Next, Phase, Slot, TimerKey, Timers, Whom};
use crate::state::world::World;
use crate::witness::{Doing, Pulse};

use self::options::NextOptions;

/// How long a run in which nothing can happen waits, in virtual time, for timers that are not its own.
const FORESEEN: i64 = 10 * 365 * 86_400 * 1_000_000_000;

/// A decision is among at most this many events, the first in order. So a decision among a million tasks costs no
/// more than one among these, and any of them may still come before any that is not far behind.
const OPTIONS_MAX: usize = 1 << 12;

/// What the executor is to do outside of the borrow.
pub(crate) enum Step {
    /// Poll this task.
    Turn(u32, BoxFuture),
    /// Drop this task: it was aborted.
    Drop(u32, BoxFuture),
    /// Wake whoever waited for a timer and is no task of this run.
    Wake(Waker),
    /// Go on with the task that blocks innermost: what it waits for is on the stack.
    Resume,
    /// Before time passes to this moment, let the runtime beside the run come first.
    Pass(i64),
    /// A runtime has come beside the run, which drives it from here on.
    Handover,
    /// The run is over.
    Over(Over),
}

/// What was done because nothing could happen.
enum Idle {
    /// The run is over.
    Over(Over),
    /// Time has passed, and something can happen.
    Passed,
    /// Time has passed, a timer has fired, and this is to be done about it.
    Fired(Step),
}

impl World {
    /// Decides what happens next, until it is something for the executor to do.
    #[inline(always)]
    pub(crate) fn step(&mut self) -> Step {
        if self.is_over() {
            return Step::Over(Over::Done);
        }
        loop {
            if self.steps >= self.reach.look_at
                && let Some(over) = self.look()
            {
                return Step::Over(over);
            }
            let timers = &self.timers;
            let options = self.queue.settle(|entry| is_alive(timers, entry));
            let event = match options {
                0 if self.beside.ask() => return Step::Pass(self.next_moment()),
                0 => match self.idle() {
                    Idle::Over(over) => return Step::Over(over),
                    Idle::Passed => continue,
                    Idle::Fired(step) => return step,
                },
                1 if !self.first_has_time() => self.queue.take_first(),
                _ => self.choose(options),
            };
            // Not `and_then`: its closure is not always inlined, and what happens is what a run costs.
            if let Some(event) = event
                && let Some(step) = self.happen(event)
            {
                return step;
            }
        }
    }

    /// One of several options; none if it is that the first is late.
    #[inline(never)]
    fn choose(&mut self, options: usize) -> Option<Event> {
        let options = options.min(OPTIONS_MAX);
        let late = self.may_be_late();
        let choice = match (options, late) {
            (1, 0) => 0,
            _ => self.decide(options, late),
        };
        if choice >= options {
            self.put_off(self.lateness.instants.moments()[choice - options].at);
            return None;
        }
        self.queue.take(choice).map(Entry::event)
    }

    #[inline]
    fn is_over(&self) -> bool {
        match self.root {
            Some(root) => self.tasks.slots[root as usize].ended,
            None => self.tasks.pending == 0,
        }
    }

    /// Nothing can happen now: time passes, or the run is over.
    #[inline(never)]
    fn idle(&mut self) -> Idle {
        self.beside.forget_answer();
        // A timer that is due alone, and that nothing can come before, need not be queued.
        if self.lateness.slack == 0
            && let Some(timer) = self.timers.fire_lone(self.time_end)
        {
            self.arrive(timer.deadline);
            self.count_step();
            return match self.fire_alone(timer) {
                Some(step) => Idle::Fired(step),
                None => Idle::Passed,
            };
        }
        self.pass_time()
    }

    /// Time passes to where something is late until, or to the next deadline.
    #[inline(never)]
    fn pass_time(&mut self) -> Idle {
        if let Some(over) = self.go_to_late() {
            return over;
        }
        match self.go_to_next() {
            Next::At(_) => Idle::Passed,
            Next::Never => Idle::Over(Over::Stuck),
            Next::Beyond => Idle::Over(Over::Limit(LimitReached::VirtualTime)),
        }
    }

    /// A timer fires while nothing else can happen, and nothing may be late. So the task that it wakes takes its turn
    /// next, and need not be queued for that.
    #[inline]
    fn fire_alone(&mut self, timer: Gone) -> Option<Step> {
        self.record(Raw::Fire(timer.number));
        let task = match timer.whom? {
            Whom::Task(task) => task,
            Whom::Other(waker) => return Some(self.wakes(waker)),
        };
        if self.steps >= self.reach.look_at || !self.wakes_at_once(task) {
            self.wake(task);
            return None;
        }
        self.record(Raw::Wake(task));
        self.count_step();
        self.turn(task)
    }

    /// Whether to wake this task is no more than to queue it.
    #[inline]
    fn wakes_at_once(&self, task: u32) -> bool {
        let asleep = |slot: &TaskSlot| !slot.queued && !slot.ended;
        !self.beside.holding && self.tasks.slots.get(task as usize).is_some_and(asleep)
    }

    /// When something can happen next, or until when it is worth waiting for others.
    pub(crate) fn next_moment(&self) -> i64 {
        let timer = self.timers.peek();
        let late = self.queue.late().next();
        let next = timer.into_iter().chain(late).min();
        let next = next.unwrap_or(self.now.saturating_add(FORESEEN));
        next.min(self.time_end)
    }

    /// Whether the first event may happen later than now. Of most this can be said without looking further.
    #[inline]
    fn first_has_time(&self) -> bool {
        let has_time = |first: &Entry| first.until > self.now;
        self.lateness.slack > 0 && self.queue.first().is_some_and(has_time)
    }

    /// How many moments there are until which the first event may be late.
    #[inline]
    fn may_be_late(&mut self) -> usize {
        if !self.first_has_time() {
            return 0;
        }
        self.look_for_instants()
    }

    #[inline(never)]
    fn look_for_instants(&mut self) -> usize {
        self.find_instants();
        self.lateness.instants.moments().len()
    }

    /// The first event that could happen is late.
    #[cold]
    fn put_off(&mut self, to: i64) {
        // Else it could be put off for ever, without a step and without time passing.
        assert!(
            to > self.now,
            "an event is late until a moment that has come"
        );
        let first = self.queue.first().map(|entry| entry.event());
        let raw = match first {
            Some(Event::Turn(task)) => Raw::LateTurn { task, to },
            Some(Event::Fire(key)) => Raw::LateFire {
                number: self.timers.slot(key).map_or(0, Slot::number),
                to,
            },
            None => return,
        };
        self.record(raw);
        self.queue.put_off(to);
        if let Some(Event::Turn(task)) = first {
            self.stall(task, to);
        }
        self.reach.count_late();
        self.reach.look_at = self.reach.look_at.min(self.steps + self.patience());
    }

    /// Goes to where something is late until, if that comes before every deadline. (If both come at once, what
    /// is late joins the queue first either way.)
    fn go_to_late(&mut self) -> Option<Idle> {
        let to = self.queue.late().next()?;
        if self.timers.peek().is_some_and(|deadline| deadline <= to) {
            return None;
        }
        if to > self.time_end {
            return Some(Idle::Over(Over::Limit(LimitReached::VirtualTime)));
        }
        assert!(to > self.now, "time passes to a moment that has come");
        self.go_to(to);
        Some(Idle::Passed)
    }

    #[inline]
    fn decide(&mut self, options: usize, late: usize) -> usize {
        let total = (options + late) as u64;
        let number = self.take_number(DecisionKind::Next);
        let view = NextOptions {
            queue: &self.queue,
            timers: &self.timers,
            options,
            instants: &self.lateness.instants.moments()[..late],
        };
        let decision = Decision::new(DecisionKind::Next, number, total, &view);
        let decision = decision.with_late(late as u64).at(self.now);
        let choice = self.scheduler.choose(&decision);
        let choice = choice.min(total - 1);
        if self.recorder.keeps {
            let before = self.recorder.events.len();
            self.decided.marks.push(before);
            self.decided.asked.push((before, self.now));
        }
        if choice != 0 {
            let kept = self.recorder.keeps;
            let words = kept.then(|| Chosen::among(&view, choice, total));
            let departure = Departure {
                kind: DecisionKind::Next,
                number,
                choice,
                options: total,
            };
            self.depart_in_words(departure, words);
        }
        choice as usize
    }

    #[inline(always)]
    fn happen(&mut self, event: Event) -> Option<Step> {
        self.count_step();
        match event {
            Event::Turn(task) => self.turn(task),
            Event::Fire(key) => {
                let waker = self.fire(key)?;
                Some(self.wakes(waker))
            }
        }
    }

    #[inline]
    fn count_step(&mut self) {
        self.steps += 1;
    }

    #[inline(always)]
    fn turn(&mut self, task: u32) -> Option<Step> {
        let slot = &mut self.tasks.slots[task as usize];
        slot.queued = false;
        let aborted = slot.aborted;
        if slot.ended {
            // It has ended: its slot holds no future any more, but its output.
            return None;
        }
        let Some(future) = slot.future.take() else {
            return self.resume(task);
        };
        slot.waits_for = WaitsFor::UNKNOWN;
        self.current = Some(task);
        self.record(Raw::Turn(task));
        Some(if aborted {
            self.beat(Doing::Drop(task));
            Step::Drop(task, future)
        } else {
            self.beat(Doing::Turn(task));
            Step::Turn(task, future)
        })
    }

    fn wakes(&self, waker: Waker) -> Step {
        self.beat(Doing::Wake);
        Step::Wake(waker)
    }

    /// Tells whoever watches what comes now. Nobody does in most runs.
    #[inline]
    pub(crate) fn beat(&self, doing: Doing) {
        if let Some(pulse) = &self.pulse {
            self.tell(pulse, doing);
        }
    }

    #[inline(never)]
    fn tell(&self, pulse: &Pulse, doing: Doing) {
        let unknown = pulse.unknown(self.tasks.slots.len());
        if !unknown.is_empty() {
            pulse.learn(unknown.map(|task| {
                let spawned_at = *self.tasks.places[self.tasks.ends[task].spawned_at];
                (task, self.names.given(task as u32), spawned_at)
            }));
        }
        pulse.beat(self.steps, doing);
    }

    /// Takes a task back after its turn.
    #[inline(always)]
    pub(crate) fn suspended(&mut self, task: u32, future: BoxFuture) {
        self.current = None;
        let slot = &mut self.tasks.slots[task as usize];
        slot.future = Some(future);
        slot.since = self.now;
        if !self.blocking.resumed.is_empty() {
            self.wake_again(task);
        }
    }

    /// Keeps the output of a task that ends, if there is one and somebody may ask for it. What is not
    /// kept is for the caller to drop.
    pub(crate) fn keep(&mut self, task: u32, future: BoxFuture, keep: bool) -> Option<BoxFuture> {
        let slot = &mut self.tasks.slots[task as usize];
        if !keep || slot.detached {
            return Some(future);
        }
        slot.future = Some(future);
        None
    }

    /// Takes a task that has not ended out; if it is taking its turn, asks for it to be dropped after it.
    pub(crate) fn take_unended(&mut self, task: u32) -> Option<BoxFuture> {
        let slot = self.tasks.slots.get_mut(task as usize)?;
        if slot.ended {
            return None;
        }
        let future = slot.future.take();
        if future.is_none() {
            self.abort(task);
        }
        future
    }

    /// A task has ended.
    pub(crate) fn finished(&mut self, task: u32, finish: Finish) {
        self.record(Raw::End(task, finish));
        self.tasks.slots[task as usize].ended = true;
        self.tasks.pending -= 1;
        self.current = None;
        if !self.blocking.resumed.is_empty() {
            // An ended task is not woken any more: to forget it only keeps the list short.
            self.blocking.resumed.retain(|resumed| *resumed != task);
        }
    }

    /// The first of the tasks from `next` on that are asked for and have something to be dropped.
    pub(crate) fn take_task(
        &mut self,
        next: &mut usize,
        which: impl Fn(&mut TaskSlot) -> bool,
    ) -> Option<BoxFuture> {
        while let Some(slot) = self.tasks.slots.get_mut(*next) {
            *next += 1;
            if which(slot) && slot.future.is_some() {
                return slot.future.take();
            }
        }
        None
    }

    /// A due timer fires. Its waker comes back if it is none of a task of this run.
    #[inline(never)]
    pub(crate) fn fire(&mut self, key: TimerKey) -> Option<Waker> {
        let timer = self.timers.release(key)?;
        if timer.was != Phase::Due {
            self.fired_while(timer.was, timer.number);
        }
        self.fired(timer)
    }

    /// A timer has fired. Its waker comes back if it is none of a task of this run.
    #[inline]
    fn fired(&mut self, timer: Gone) -> Option<Waker> {
        self.lateness.slack -= usize::from(timer.span > 0);
        if self.now < timer.deadline {
            self.fired_early(timer.number);
        }
        self.record(Raw::Fire(timer.number));
        match timer.whom? {
            Whom::Task(task) => {
                self.wake(task);
                None
            }
            Whom::Other(waker) => Some(waker),
        }
    }

    #[cold]
    fn fired_early(&mut self, number: u64) {
        let text = format!("timer {number} fired before its deadline");
        self.violate(Check::NeverEarly, text);
    }

    #[cold]
    fn fired_while(&mut self, was: Phase, number: u64) {
        let text = format!("timer {number} fired while {was:?}");
        self.violate(Check::FiresWithinBound, text);
    }
}

fn is_alive(timers: &Timers, entry: &Entry) -> bool {
    match entry.event() {
        Event::Turn(_) => true,
        Event::Fire(key) => timers.slot(key).is_some(),
    }
}

#[cfg(test)]
mod tests;
