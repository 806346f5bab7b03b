//! The timers of a run as the world has them, and how time passes: each is recorded, and what has come
//! due is queued.

use std::task::Waker;

use deadheat_timeout::Place;

use crate::base::bounds::LimitReached;
use crate::engine::waker;
use crate::record::events::Raw;
use crate::state::queue::Entry;
use crate::state::timers::{Armed, Due, Next, Phase, Slot, TimerKey, Whom};
use crate::state::world::World;

impl World {
    /// The last moment at which a timer may fire.
    #[inline]
    pub(crate) fn until(&self, deadline: i64, span: i64) -> i64 {
        last_moment(deadline, span, self.lateness.bounds.late)
    }

    /// Arms a timer. By whom it was made is looked at where events are kept, and only there.
    #[inline]
    pub(crate) fn arm(
        &mut self,
        deadline: i64,
        span: i64,
        made: &Place,
        waker: &Waker,
    ) -> TimerKey {
        match waker::task_of(waker, self.run) {
            Some(task) if span == 0 && deadline > self.now => self.arm_plain(deadline, task, made),
            _ => self.arm_any(deadline, span, made, waker),
        }
    }

    /// Arms a timer as most are: it is ahead, wakes a task of the run, and has no lateness of its own.
    #[inline]
    fn arm_plain(&mut self, deadline: i64, task: u32, made: &Place) -> TimerKey {
        let (key, number) = self.timers.arm_ahead(deadline, task);
        let until = self.until(deadline, 0);
        let arm = Raw::Arm {
            number,
            deadline,
            until,
        };
        self.record_from(arm, made);
        key
    }

    #[inline(never)]
    fn arm_any(
        &mut self,
        mut deadline: i64,
        mut span: i64,
        made: &Place,
        waker: &Waker,
    ) -> TimerKey {
        if span > 0
            && let Some(settled) = self.settled(self.timers.upcoming(), span)
        {
            (deadline, span) = (deadline.saturating_add(settled), 0);
        }
        let whom = self.whom(waker);
        let armed = self.timers.arm(deadline, span, self.now, whom);
        self.armed(&armed, deadline, made);
        armed.key
    }

    /// Whom a waker wakes.
    #[inline]
    pub(crate) fn whom(&self, waker: &Waker) -> Whom {
        match waker::task_of(waker, self.run) {
            Some(task) => Whom::Task(task),
            None => Whom::Other(waker.clone()),
        }
    }

    #[inline]
    fn armed(&mut self, armed: &Armed, deadline: i64, made: &Place) {
        self.lateness.slack += usize::from(armed.span > 0);
        // A deadline in the past is a timer that is due now, not one that is late already. But how long a latency may
        // take counts from its own moment.
        let due_now = self.until(deadline.max(self.now), 0);
        let until = self.until(deadline, armed.span).max(due_now);
        let arm = Raw::Arm {
            number: armed.number,
            deadline,
            until,
        };
        self.record_from(arm, made);
        if armed.due {
            self.queue.push(Entry::fire(armed.key, until));
        }
    }

    pub(crate) fn rearm(&mut self, key: TimerKey, deadline: i64, made: Place) -> Option<TimerKey> {
        let was = self.timers.phase(key);
        let before = self.timers.slot(key).map(Slot::number);
        let armed = self.timers.rearm(key, deadline, self.now)?;
        if let (true, Some(before)) = (self.recorder.keeps, before) {
            self.recorder.moved.push((armed.number, before));
        }
        self.gone(was, armed.span);
        self.armed(&armed, deadline, &made);
        Some(armed.key)
    }

    /// Cancels a timer. What comes back is for the caller to drop once nothing is borrowed.
    #[inline]
    pub(crate) fn disarm(&mut self, key: TimerKey) -> Option<Whom> {
        if let Some(number) = self.timers.drop_plain(key) {
            self.record(Raw::Disarm(number));
            return None;
        }
        self.disarm_any(key)
    }

    #[inline(never)]
    fn disarm_any(&mut self, key: TimerKey) -> Option<Whom> {
        let released = self.timers.release(key)?;
        if matches!(released.was, Phase::Armed | Phase::Due) {
            self.record(Raw::Disarm(released.number));
            self.gone(released.was, released.span);
        }
        released.whom
    }

    /// A timer that was armed or due is so no more.
    fn gone(&mut self, was: Phase, span: i64) {
        self.lateness.slack -= usize::from(span > 0);
        if was == Phase::Due {
            self.queue.bury();
        }
    }

    /// Lets time pass without yielding.
    pub(crate) fn busy(&mut self, by: i64) {
        self.record(Raw::Busy(by));
        let to = self.now.saturating_add(by);
        self.go_to(to.min(self.time_end.max(self.now)));
        // The new instant has steps of its own; a run that is to end takes none of them.
        if self.ending.over().is_some() {
            self.reach.look_now();
        }
        if to > self.time_end {
            self.cut_short(LimitReached::VirtualTime);
        }
    }

    /// Lets time pass without yielding, and what comes due by then fires, on time. Whom that wakes is for the caller
    /// to wake, if it is no task of this run.
    pub(crate) fn advance(&mut self, by: i64) -> Vec<Waker> {
        self.busy(by);
        let due: Vec<TimerKey> = self.queue.iter().filter_map(Entry::timer).collect();
        let fired = due.into_iter().filter_map(|key| {
            self.queue.bury();
            self.fire(key)
        });
        fired.collect()
    }

    pub(crate) fn limit_ns(&self) -> i64 {
        self.time_end
    }

    /// Moves the clock, and what has come due into the queue.
    pub(crate) fn go_to(&mut self, to: i64) {
        if to <= self.now {
            return;
        }
        self.arrive(to);
        self.queue.rejoin(to);
        if self.timers.armed() > 0 {
            self.timers.take_due(to, &mut self.scratch);
            let late = self.lateness.bounds.late;
            for due in self.scratch.drain(..) {
                self.queue.push_due(due.entry(late));
            }
        }
    }

    /// Goes to the next deadline, where nothing else can happen.
    #[inline]
    pub(crate) fn go_to_next(&mut self) -> Next {
        let next = self.timers.take_next(self.time_end, &mut self.scratch);
        if let Next::At(deadline) = next {
            debug_assert!(deadline > self.now, "an armed timer is ahead");
            self.arrive(deadline);
            self.queue.rejoin(deadline);
            let late = self.lateness.bounds.late;
            for due in self.scratch.drain(..) {
                self.queue.push(due.entry(late));
            }
        }
        next
    }

    /// The clock stands at another moment now.
    #[inline]
    pub(crate) fn arrive(&mut self, now: i64) {
        self.now = now;
        self.begin_instant();
    }
}

impl Due {
    /// As it is queued.
    #[inline]
    fn entry(&self, late: i64) -> Entry {
        Entry::fire(self.key, last_moment(self.deadline, self.span, late))
    }
}

/// The last moment at which a timer may fire.
#[inline]
fn last_moment(deadline: i64, span: i64, late: i64) -> i64 {
    deadline.saturating_add(span).saturating_add(late)
}
