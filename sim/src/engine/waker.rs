//! A waker without allocation and without a reference count: its data *is* the task and the run.
//!
//! 1. The data pointer is no pointer: it packs the run's number (high half) and the task's (low
//!    half), and is never dereferenced.
//! 2. So cloning copies it, dropping does nothing, and a waker that outlives its run is recognised
//!    by the run's number and harmless.
//! 3. A wake finds its run in the thread it happens on. On another thread it finds none, and is
//!    reported to the run as a wake from outside.
//!
//! 4. A probing waker is the same, but whoever probes is told whenever a future takes note of it. What is taken note of
//!    is a noted waker, which is the same again: as the run is torn down, who looks for holders hears of its wakes.
//!
//! With `state/lent.rs` this is all the `unsafe` code of the crate.

#![expect(
    unsafe_code,
    reason = "RawWaker is the only way to a waker without an allocation"
)]

use std::cell::Cell;
use std::ptr;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::record::foreign::{self, Escape};
use crate::state::world;

#[cfg(not(target_pointer_width = "64"))]
compile_error!("deadheat packs a run and a task into one pointer: it needs a 64-bit target");

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, drop);

static PROBING: RawWakerVTable = RawWakerVTable::new(clone_probed, wake_probed, wake_probed, drop);

static NOTED: RawWakerVTable = RawWakerVTable::new(clone_noted, wake_noted, wake_noted, drop);

/// The waker of a task of a run.
pub(crate) fn waker(run: u32, task: u32) -> Waker {
    let data = ptr::without_provenance((run as usize) << 32 | task as usize);
    of_data(data, &VTABLE)
}

thread_local! {
    static TELL: Cell<fn()> = const { Cell::new(|| ()) };
    static HEAR: Cell<fn(u32)> = const { Cell::new(|_| ()) };
}

/// From now on `hear` is told of each wake by a noted waker of this thread, with the task.
pub(crate) fn on_noted(hear: fn(u32)) {
    HEAR.set(hear);
}

/// A waker that wakes the same task and tells whenever a future takes note of it, as long as no other waker of this
/// thread is to be probed; none if the waker is somebody else's.
pub(crate) fn probing(waker: &Waker, tell: fn()) -> Option<Waker> {
    ptr::eq(waker.vtable(), &VTABLE).then(|| {
        TELL.set(tell);
        of_data(waker.data(), &PROBING)
    })
}

#[cold]
fn touched() {
    TELL.get()();
}

fn of_data(data: *const (), vtable: &'static RawWakerVTable) -> Waker {
    // SAFETY: the vtable's functions uphold RawWaker's contract for any data value: they never
    // dereference it, `clone` copies it, `drop` releases nothing because nothing is owned, and all
    // may be called from any thread, since `wake` reaches shared state only through a thread-local
    // of its own thread or behind a lock.
    unsafe { Waker::new(data, vtable) }
}

/// The task that a waker of this run wakes; none if the waker is somebody else's.
#[inline]
pub(crate) fn task_of(waker: &Waker, run: u32) -> Option<u32> {
    let (of, task) = unpack(waker.data());
    (of == run && is_ours(waker)).then_some(task)
}

#[inline]
fn is_ours(waker: &Waker) -> bool {
    ptr::eq(waker.vtable(), &VTABLE) || is_probing(waker)
}

#[cold]
fn is_probing(waker: &Waker) -> bool {
    let probing = ptr::eq(waker.vtable(), &PROBING);
    if probing {
        touched();
    }
    probing || ptr::eq(waker.vtable(), &NOTED)
}

fn unpack(data: *const ()) -> (u32, u32) {
    let packed = data.addr();
    ((packed >> 32) as u32, packed as u32)
}

fn clone(data: *const ()) -> RawWaker {
    RawWaker::new(data, &VTABLE)
}

fn clone_probed(data: *const ()) -> RawWaker {
    touched();
    clone_noted(data)
}

fn clone_noted(data: *const ()) -> RawWaker {
    RawWaker::new(data, &NOTED)
}

fn wake_noted(data: *const ()) {
    HEAR.get()(unpack(data).1);
    wake(data);
}

fn wake_probed(data: *const ()) {
    touched();
    wake(data);
}

fn wake(data: *const ()) {
    let (run, task) = unpack(data);
    if !world::wake(run, task) {
        foreign::report(run, Escape::Wake);
    }
}

fn drop(_data: *const ()) {}
