//! Waiting for a future in the middle of a plain function: the run goes on underneath.
//!
//! 1. The task that blocks keeps its place: what it waits for is on the stack, and is polled in the turns
//!    of that very task. In a program's start there is no task, so one is made.
//! 2. While it blocks everything else happens as ever, on top of its stack. Tasks that block inside each
//!    other end from the innermost: a turn of one further out is kept for later.
//! 3. A run that ends meanwhile (it is stuck, at a limit, somebody panicked, its root has ended) unwinds the
//!    stack with a payload of its own; how it ended was noted before. A program that catches that a thousand
//!    times gets one that goes on unwinding when it is dropped.
//!
//! Not here: a budget for what is polled on the stack (`engine/beside.rs`).

use std::cell::Cell;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

use crate::engine::aside;
use crate::engine::awaits;
use crate::engine::beside;
use crate::engine::execute::{self, Driven};
use crate::engine::inside::inside;
use crate::engine::pending::pending;
use crate::engine::plain::as_async;
use crate::engine::step::Step;
use crate::engine::unwound::RunIsOver;
use crate::engine::waker::waker;
use crate::record::events::Finish;
use crate::record::panic::PanicReport;
use crate::state::ending::{Blocked, Ended, Ending, Over};
use crate::state::stalls::Group;
use crate::state::world::{self, World};
use crate::witness::Doing;

/// So often a program may catch it and go on.
const UNWINDS_MAX: u32 = 1_000;

/// Waits for a future in a plain function, such as the `main` of a program under test; the run goes on
/// meanwhile. Inside an `async` function use `.await`.
///
/// # Timing
///
/// The future is polled at once, and then in turns of the task that calls.
///
/// # Panics
///
/// Outside of a run, where the future is pending while the run is torn down, and on a host that [may
/// crash](crate::net::Host::may_crash). If the run ends
/// meanwhile, the stack of the caller is unwound: its locals are dropped, and the report is that of the run.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, block_on, now, run_blocking, sleep};
/// use std::time::Duration;
///
/// fn program() {
///     block_on(sleep(Duration::from_secs(3)));
///     assert_eq!(now().as_nanos(), 3_000_000_000);
/// }
/// run_blocking(&Config::new(), program).unwrap();
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let caller = Location::caller();
    let (run, task) = inside("block_on", |world| (world.run, world.current));
    let mut future = pin!(future);
    let (waiting, made) = match task {
        Some(task) => {
            let waiting = Waiting { run, task };
            if let Poll::Ready(output) = waiting.poll(future.as_mut()) {
                return output;
            }
            let refused = inside("block_on", |world| world.refuses_to_block(task));
            if let Some(advice) = refused {
                panic!("{advice}");
            }
            (waiting, None)
        }
        None => {
            let made = inside("block_on", |world| world.spawn_blocked(caller));
            (Waiting { run, task: made }, Some(made))
        }
    };
    // Declared after the future, so it goes first: the future is dropped as a part of the task's turn again.
    let _blocked = BlockedGuard::of(waiting.task, made);
    waiting.wait(future)
}

/// A task that waits for what is on its stack.
struct Waiting {
    run: u32,
    task: u32,
}

impl Waiting {
    fn wait<F: Future>(&self, mut future: Pin<&mut F>) -> F::Output {
        // No step is taken any more, so what the future waits for would never come.
        let closing = world::with(|world| world.closing).unwrap_or(true);
        assert!(
            !closing,
            "deadheat::block_on cannot wait while the run is torn down"
        );
        loop {
            // Invariant 2: the loop of the run itself, one level deeper. It returns when this task can go on.
            let mut panic = None;
            let drive = || execute::drive(self.run, &mut panic);
            match aside::beneath(|| as_async(true, drive)) {
                Driven::Over(over) => end(over, panic),
                Driven::Resume | Driven::Handover => {
                    if let Poll::Ready(output) = self.poll(future.as_mut()) {
                        return output;
                    }
                }
            }
        }
    }

    /// One turn of what is on the stack.
    fn poll<F: Future>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        let waker = waker(self.run, self.task);
        let here = world::with(|world| (world.now, world.beside.runtime.clone()));
        let (now, runtime) = here.unwrap_or_default();
        let poll = || awaits::looked_at(self.task, &waker, |cx| future.poll(cx));
        let turn = || beside::on_the_stack(runtime.as_deref(), now, poll);
        let polled = aside::blocked_on(|| as_async(true, turn));
        if polled.is_pending() {
            world::with(|world| world.let_go_on(self.task));
        }
        polled
    }
}

/// The run is over: notes how, and unwinds.
fn end(over: Over, panic: Option<PanicReport>) -> ! {
    let unwinds = world::with(|world| {
        // Invariant 3: noted once, where the run ended. Calls further out come by here as the stack is unwound, and so
        // does a program that catches the payload and waits again.
        if world.ending.ended().is_none() {
            // Before the stack is unwound: the locals that go with it take their timers along.
            world.look_for_lost_timers(over);
            let ended = Ended {
                over,
                panic,
                pending: pending(world),
                fingerprint: world.recorder.fingerprint(),
                unwinds: 0,
            };
            world.ending = Ending::Ended(Box::new(ended));
            world.recorder.keeps = false;
            // A destructor on the stack may wait again: it is to get no steps for that.
            world.reach.look_now();
        }
        let ended = world.ending.ended()?;
        ended.unwinds += 1;
        Some(ended.unwinds)
    });
    let insists = unwinds.flatten() > Some(UNWINDS_MAX);
    // Not `panic!`: the panic hook would note a panic of the program's, and there was none.
    resume_unwind(Box::new(RunIsOver {
        insists: Cell::new(insists),
    }))
}

/// A task blocks as long as this lives.
struct BlockedGuard {
    task: u32,
    /// The task was made for it.
    made: Option<u32>,
}

impl BlockedGuard {
    fn of(task: u32, made: Option<u32>) -> Self {
        world::with(|world| {
            // The turn of this task is interrupted: whatever happens beneath it is not its doing.
            world.current = None;
            world.tasks.slots[task as usize].since = world.now;
            let put_off = false;
            world.blocking.blocked.push(Blocked { task, put_off });
        });
        BlockedGuard { task, made }
    }
}

impl Drop for BlockedGuard {
    fn drop(&mut self) {
        world::with(|world| {
            world.unblock(self.task);
            // In a run that has ended nothing ends any more: its fingerprint is taken.
            if let (Some(made), None) = (self.made, world.ending.ended()) {
                world.finished(made, Finish::Returned);
            }
        });
    }
}

/// Why a host cannot crash on which a task blocks, and what to do.
pub(crate) fn cannot_crash(host: &str, task: &str) -> String {
    format!(
        "host {host} may crash, and {task} blocks there in the middle of a plain function (`block_on`, or a `main` with \
         `#[tokio::main]` on it), which cannot be dropped where it waits: give such a `main` to the host itself \
         (`host.runs_main(main)`), and let all else that runs on a host that may crash be asynchronous, with `.await` in \
         the place of `block_on`"
    )
}

impl World {
    /// What is said to a task that is to block on a host that may crash, if it is on one.
    fn refuses_to_block(&self, task: u32) -> Option<String> {
        let network = self.network.as_ref()?;
        let host = network.homes.of(Some(task));
        network.crashes.may_crash(host).then(|| {
            let host = network.kernel.host_name(host);
            cannot_crash(host, &self.task_name(task))
        })
    }

    /// A task without a future of its own, for a program's start that blocks.
    fn spawn_blocked(&mut self, spawned_at: &'static Location<'static>) -> u32 {
        let nothing = Box::pin(std::future::pending::<()>());
        let task = self.spawn(None, spawned_at, Group::default(), nothing);
        // Invariant 1: without a future to take, `turn` knows that it is on the stack and calls `resume`.
        self.tasks.slots[task as usize].future = None;
        task
    }

    /// The turn of a task whose future is on the stack.
    #[cold]
    pub(crate) fn resume(&mut self, task: u32) -> Option<Step> {
        let innermost = self.blocking.blocked.last()?.task == task;
        if !innermost {
            let blocked = self
                .blocking
                .blocked
                .iter_mut()
                .find(|blocked| blocked.task == task);
            if let Some(blocked) = blocked {
                // Invariant 2. It counts as queued meanwhile, so that further wakes do not queue it for nothing.
                blocked.put_off = true;
                self.tasks.slots[task as usize].queued = true;
            }
            return None;
        }
        self.current = Some(task);
        // What is on the stack and the task around it are woken by equal wakers. This turn goes to the stack, whoever
        // it was meant for; so the task gets one more when it suspends (`wake_again`).
        if !self.blocking.resumed.contains(&task) {
            self.blocking.resumed.push(task);
        }
        self.tasks.slots[task as usize].waits_for = crate::state::tasks::WaitsFor::UNKNOWN;
        self.record(crate::record::events::Raw::Turn(task));
        self.beat(Doing::Turn(task));
        Some(Step::Resume)
    }

    /// The task that blocks on top of this one, which has been woken and cannot go on before that.
    pub(crate) fn held_back_by(&self, task: u32) -> Option<u32> {
        let (innermost, beneath) = self.blocking.blocked.split_last()?;
        let is_held = |blocked: &Blocked| blocked.task == task && blocked.put_off;
        beneath.iter().any(is_held).then_some(innermost.task)
    }

    fn unblock(&mut self, task: u32) {
        // The last one of this task: it may block again in what it waits for.
        let innermost = self
            .blocking
            .blocked
            .iter()
            .rposition(|blocked| blocked.task == task);
        innermost.map(|index| self.blocking.blocked.remove(index));
        self.current = Some(task);
        if self
            .blocking
            .blocked
            .iter()
            .any(|blocked| blocked.task == task)
            && self.blocking.resumed.contains(&task)
        {
            // It blocks further out, too: a turn may have been meant for that.
            self.wake(task);
        }
        // The next one further out may have been put off.
        if let Some(outer) = self.blocking.blocked.last_mut()
            && std::mem::take(&mut outer.put_off)
        {
            let outer = outer.task;
            self.tasks.slots[outer as usize].queued = false;
            self.wake(outer);
        }
    }

    /// A task is to be woken once it suspends.
    pub(crate) fn wake_after_turn(&mut self, task: u32) {
        let blocks = self
            .blocking
            .blocked
            .iter()
            .any(|blocked| blocked.task == task);
        // One that blocks has its turn on the stack, where its end is seen.
        if !blocks && !self.blocking.resumed.contains(&task) {
            self.blocking.resumed.push(task);
        }
    }

    /// A task is suspended: if it has blocked, turns of its own that were taken meanwhile may have been meant
    /// for it.
    #[cold]
    pub(crate) fn wake_again(&mut self, task: u32) {
        self.let_go_on(task);
        if let Some(index) = self
            .blocking
            .resumed
            .iter()
            .position(|resumed| *resumed == task)
        {
            self.blocking.resumed.remove(index);
            self.wake(task);
        }
    }
}
