//! What is known of one task. It is small, since there may be many tasks; what few of them have is kept elsewhere.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::num::NonZeroU32;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A task as the world keeps it: a future first, an output afterwards.
pub(crate) trait Task {
    /// One turn. At the end, whether there is an output to keep.
    fn turn(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool>;

    /// Moves the output, if there is one, into an `Option` of its type.
    fn output(self: Pin<&mut Self>, into: &mut dyn Any);
}

/// A future whose output nobody asks for.
impl<F: Future<Output = ()>> Task for F {
    #[inline]
    fn turn(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        self.poll(cx).map(|()| false)
    }

    fn output(self: Pin<&mut Self>, _into: &mut dyn Any) {}
}

pub(crate) type BoxFuture = Pin<Box<dyn Task>>;

/// Aligned so that none lies across two lines of the cache.
#[repr(align(32))]
pub(crate) struct TaskSlot {
    /// The future; none while it is polled. After the end the output, as long as somebody may ask.
    pub(crate) future: Option<BoxFuture>,
    /// When it last suspended.
    pub(crate) since: i64,
    pub(crate) waits_for: WaitsFor,
    pub(crate) queued: bool,
    pub(crate) aborted: bool,
    pub(crate) ended: bool,
    /// Nobody can ask for its output any more.
    pub(crate) detached: bool,
}

/// What is looked at only as a task begins, ends or is joined.
pub(crate) struct TaskEnds {
    pub(crate) spawned_at: Place,
    /// The task that waits for its end, by its number and one.
    pub(crate) joiner: Option<NonZeroU32>,
}

/// What a task waits for, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WaitsFor(u32);

impl WaitsFor {
    pub(crate) const UNKNOWN: WaitsFor = WaitsFor(u32::MAX);
    /// It said so: what, is kept with the run.
    pub(crate) const NAMED: WaitsFor = WaitsFor(u32::MAX - 1);

    /// A sleep that is longer than the clock can tell.
    pub(crate) const NEVER: WaitsFor = WaitsFor(u32::MAX - 2);

    pub(crate) fn task(task: u32) -> Self {
        WaitsFor(task)
    }

    /// The task that it waits for, if it is one.
    pub(crate) fn as_task(self) -> Option<u32> {
        (self.0 < WaitsFor::NEVER.0).then_some(self.0)
    }
}

/// A place in the sources, by its number among those where tasks were spawned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(u32);

/// The places where tasks were spawned.
#[derive(Debug, Default)]
pub(crate) struct Places(Vec<&'static Location<'static>>);

/// So many places are looked through before one is noted again.
const LOOKED_THROUGH: usize = 8;

impl Places {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn number(&mut self, place: &'static Location<'static>) -> Place {
        let mut latest = self.0.iter().enumerate().rev().take(LOOKED_THROUGH);
        if let Some((number, _)) = latest.find(|(_, known)| std::ptr::eq(**known, place)) {
            return Place(number as u32);
        }
        self.0.push(place);
        Place(self.0.len() as u32 - 1)
    }
}

impl std::ops::Index<Place> for Places {
    type Output = &'static Location<'static>;

    fn index(&self, Place(number): Place) -> &&'static Location<'static> {
        &self.0[number as usize]
    }
}

/// The tasks of a run, by their numbers.
#[derive(Default)]
pub(crate) struct Tasks {
    pub(crate) slots: Vec<TaskSlot>,
    /// As `slots`.
    pub(crate) ends: Vec<TaskEnds>,
    pub(crate) places: Places,
    /// How many have not ended.
    pub(crate) pending: usize,
    /// What tasks said they wait for, of those that did.
    pub(crate) waits_named: BTreeMap<u32, Arc<str>>,
    /// Who waits for a task's end and is no task of this run.
    pub(crate) foreign_joiners: BTreeMap<u32, Waker>,
}

impl Tasks {
    pub(crate) fn begin(&mut self) {
        self.slots.clear();
        self.ends.clear();
        self.places.clear();
        self.pending = 0;
        empty(&mut self.waits_named);
        empty(&mut self.foreign_joiners);
    }

    /// Takes out who waits for a task's end and is no task of this run.
    #[inline]
    pub(crate) fn take_foreign_joiner(&mut self, task: u32) -> Option<Waker> {
        if self.foreign_joiners.is_empty() {
            // Only for speed: there is none in most runs.
            return None;
        }
        self.foreign_joiners.remove(&task)
    }
}

/// Most runs find it empty, and clearing a map costs even then.
fn empty<V>(map: &mut BTreeMap<u32, V>) {
    if !map.is_empty() {
        map.clear();
    }
}
