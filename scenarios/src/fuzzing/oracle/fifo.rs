//! FIFO order: a run that is FIFO and on time does what asyncio's loop does.
//!
//! 1. The loop goes in iterations. As one begins, the timers that have come due join the queue, by
//!    (deadline, number). All that is queued then belongs to it; what is queued meanwhile, to the next.
//! 2. Where nothing is queued, time passes to the first deadline.
//! 3. A timer whose deadline is at or before now joins the queue where it is armed.
//! 4. A timer that moves is another timer. One that goes leaves the queue.
//!
//! Source: CPython 3.13, `asyncio/base_events.py`, `BaseEventLoop._run_once`; with timers of one deadline in
//! the order of their arming, which its heap leaves open.

use std::collections::{BTreeSet, VecDeque};

use deadheat::record::{EventKind, TraceEvent};
use deadheat::{Instant, Trace};

use super::{fault, task_of};

/// In a run that is FIFO and on time, turns and timers come in the order of asyncio's loop.
///
/// # Errors
///
/// Where that does not hold.
pub fn fifo_order(trace: &Trace) -> Result<(), String> {
    let mut model = Loop::default();
    for event in &trace.events {
        model
            .one(event)
            .map_err(|why| fault("FIFO order", event, why))?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Item<'a> {
    Turn(&'a str),
    Fire(u64),
}

#[derive(Default)]
struct Loop<'a> {
    now: Instant,
    queue: VecDeque<Item<'a>>,
    /// How many of `queue` belong to the iteration.
    left: usize,
    /// The timers that are ahead of their deadlines.
    ahead: BTreeSet<(Instant, u64)>,
    /// The timer of each scope.
    of_scopes: Vec<(&'a str, u64)>,
    /// The timer to be armed next is this scope's.
    arms: Option<&'a str>,
}

impl<'a> Loop<'a> {
    fn one(&mut self, event: &'a TraceEvent) -> Result<(), &'static str> {
        match &event.what {
            EventKind::Spawn | EventKind::Wake => self.queue.push_back(Item::Turn(task_of(event))),
            EventKind::Turn => return self.happens(Item::Turn(task_of(event)), event.at),
            EventKind::Fire(timer) => return self.happens(Item::Fire(*timer), event.at),
            EventKind::Enter { scope, deadline } | EventKind::Reschedule { scope, deadline } => {
                self.arms = deadline.map(|_| &**scope);
            }
            EventKind::Arm {
                timer, deadline, ..
            } => self.arm(*timer, *deadline),
            EventKind::Disarm(timer) => self.leaves(*timer),
            EventKind::Busy(by) => {
                let now = event.at.as_nanos().saturating_add(by.as_nanos());
                self.now = Instant::from_nanos(now);
            }
            // It may have been woken in the turn that was its last.
            EventKind::End(_) => self.drop_where(|item| item == Item::Turn(task_of(event))),
            EventKind::Late { .. } => return Err("it could have happened"),
            _ => {}
        }
        Ok(())
    }

    fn happens(&mut self, item: Item<'a>, at: Instant) -> Result<(), &'static str> {
        if self.left == 0 {
            self.begin();
        }
        self.left = self.left.saturating_sub(1);
        if self.queue.pop_front() != Some(item) {
            return Err("something else was queued before it");
        }
        if at != self.now {
            return Err("time passed before it, or did not");
        }
        Ok(())
    }

    /// An iteration begins.
    fn begin(&mut self) {
        if let Some((first, _)) = self.ahead.first().filter(|_| self.queue.is_empty()) {
            self.now = self.now.max(*first);
        }
        while let Some((_, timer)) = self.ahead.first().filter(|(due, _)| *due <= self.now) {
            self.queue.push_back(Item::Fire(*timer));
            self.ahead.pop_first();
        }
        self.left = self.queue.len();
    }

    fn arm(&mut self, timer: u64, deadline: Instant) {
        if let Some(scope) = self.arms.take() {
            let of_scope = self.of_scopes.iter().position(|(of, _)| *of == scope);
            if let Some(place) = of_scope {
                let (_, moved) = self.of_scopes.swap_remove(place);
                self.leaves(moved);
            }
            self.of_scopes.push((scope, timer));
        }
        if deadline <= self.now {
            self.queue.push_back(Item::Fire(timer));
        } else {
            self.ahead.insert((deadline, timer));
        }
    }

    /// A timer is neither ahead nor queued any more.
    fn leaves(&mut self, timer: u64) {
        self.ahead.retain(|(_, of)| *of != timer);
        self.drop_where(|item| item == Item::Fire(timer));
    }

    fn drop_where(&mut self, goes: impl Fn(Item<'a>) -> bool) {
        let of_iteration = self.queue.iter().take(self.left);
        self.left -= of_iteration.filter(|item| goes(**item)).count();
        self.queue.retain(|item| !goes(*item));
    }
}
