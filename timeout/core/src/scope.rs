//! One scope as it is shared: the state machine, its timer, and who is to be woken.
//!
//! 1. The scope fires in the timer's wake-up itself, not in the owner's next turn, so `expired()`
//!    is true and a reschedule is refused from that moment on (T4, T8).
//! 2. A timer that is due as soon as it is armed fires in the owner's next turn, never inline (T3).
//! 3. A wake-up that comes while the lock is held is not lost: whoever holds the lock looks at
//!    `woken` after releasing it. A wake-up may come from inside the timer's own poll.
//! 4. No waker runs under the lock.
//! 5. After the exit there is no timer (T9).

use std::borrow::Cow;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::clock::{Clock, Place, Timer};
use crate::core::{Core, Wakes};
use crate::elapsed::Elapsed;
use crate::machine::{BodyEnd, Requests, Scope, State};
use crate::observe::{Event, Requester, ScopeEnd};
use crate::sync::{AtomicBool, Mutex, Ordering};
use crate::told::{Deadline, Told};

/// So many moves ahead of the armed timer are expected to be followed by more, for which the clock may prepare
/// ([`Timer::hasten`]). Before, the timer is set where it belongs: whoever moves a deadline once or twice pays for no
/// timer that fires without effect.
const HABIT: u8 = 3;

pub(crate) struct Shared<C: Clock> {
    pub(crate) id: u64,
    pub(crate) clock: C,
    /// Where it was made.
    made: Place,
    woken: AtomicBool,
    inner: Mutex<Inner<C>>,
}

struct Inner<C: Clock> {
    machine: Scope<C::Instant>,
    timer: Option<Pin<Box<C::Timer>>>,
    arming: Arming,
    /// How often the deadline was moved ahead of the armed timer, up to `HABIT`.
    ahead: u8,
    owner: Owner<C>,
    name: Option<Cow<'static, str>>,
    /// When it was made with a delay, or entered with a deadline.
    begun: Option<C::Instant>,
    /// When the owner had its first turn after the deadline.
    noticed: Option<C::Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arming {
    Off,
    Armed,
    /// Ready as soon as it was polled: to be fired in the owner's next turn.
    Due,
}

/// Who gets the cancel request of a scope.
enum Owner<C: Clock> {
    /// Nobody yet: the scope was not entered.
    Nobody,
    /// The cooperative form: a task.
    Task(Arc<Core<C>>),
    /// The Rust-native form: the future that drops its body.
    Future(Option<Waker>),
}

impl<C: Clock> Shared<C> {
    pub(crate) fn new(
        clock: C,
        deadline: Option<C::Instant>,
        begun: Option<C::Instant>,
        made: Place,
    ) -> Arc<Self> {
        Arc::new(Shared {
            id: clock.next_id(),
            clock,
            made,
            woken: AtomicBool::new(false),
            inner: Mutex::new(Inner {
                machine: Scope::new(deadline),
                timer: None,
                arming: Arming::Off,
                ahead: 0,
                owner: Owner::Nobody,
                name: None,
                begun,
                noticed: None,
            }),
        })
    }

    /// Runs `f` under the lock, then whatever may not run under it.
    fn locked<R>(self: &Arc<Self>, f: impl FnOnce(&mut Inner<C>, &mut Wakes) -> R) -> R {
        let mut wakes = Wakes::default();
        // The guard is a temporary: it goes at the end of this very statement.
        let result = f(&mut self.inner.lock(), &mut wakes);
        // Invariant 4: the owner may be polled in the call, and then locks the scope itself.
        wakes.wake();
        // Invariant 3: a wake-up that found the lock held has left it to us.
        if self.woken.load(Ordering::SeqCst) {
            self.drain();
        }
        result
    }

    pub(crate) fn made(&self) -> Place {
        self.made
    }

    pub(crate) fn state(self: &Arc<Self>) -> State {
        self.locked(|inner, _| inner.machine.state())
    }

    pub(crate) fn deadline(self: &Arc<Self>) -> Option<C::Instant> {
        self.locked(|inner, _| inner.machine.deadline())
    }

    /// Gives it a name, for what it tells and for a clock that writes names down.
    pub(crate) fn set_name(self: &Arc<Self>, name: Cow<'static, str>) {
        self.clock.name(self.id, &name);
        self.locked(|inner, _| inner.name = Some(name));
    }

    /// What there is to say of it once its deadline has been reached.
    pub(crate) fn elapsed(self: &Arc<Self>) -> Elapsed {
        let ((name, delay), deadline, noticed) =
            self.locked(|inner, _| (self.label(inner), inner.machine.deadline(), inner.noticed));
        let noticed = noticed.unwrap_or_else(|| self.clock.now());
        let lateness = deadline.and_then(|deadline| self.clock.between(deadline, noticed));
        Elapsed::told(self.made, name, delay, lateness)
    }

    /// Its name, and how long after its begin the deadline is.
    fn label(&self, inner: &Inner<C>) -> (Option<Cow<'static, str>>, Option<Duration>) {
        let ends = inner.begun.zip(inner.machine.deadline());
        let delay = ends.and_then(|(begun, deadline)| self.clock.between(begun, deadline));
        (inner.name.clone(), delay)
    }

    /// Tells a clock that wants to know it that the body ended by itself.
    #[inline]
    pub(crate) fn tell_ended(self: &Arc<Self>) {
        if C::IS_TOLD {
            // Not under the lock: what is told is somebody else's code.
            let ((name, delay), at) =
                self.locked(|inner, _| (self.label(inner), inner.machine.deadline()));
            if at.is_some() {
                let (name, place) = (name.as_deref(), self.made);
                let deadline = Deadline { name, place, delay };
                self.clock.tell(&Told::Ended { deadline, at });
            }
        }
    }

    /// T2, cooperative form: enters and arms.
    pub(crate) fn enter_task(self: &Arc<Self>, core: &Arc<Core<C>>) {
        // Lock order: a scope's, then its task's. `core.rs` knows no scope, so nobody takes them the other way round.
        self.locked(|inner, _| {
            if core
                .with_requests(|requests| inner.machine.enter(requests))
                .is_ok()
            {
                inner.owner = Owner::Task(Arc::clone(core));
                self.start(inner, Some(core.id));
                self.arm(inner);
            }
        });
    }

    /// T2, Rust-native form: enters; the first [`native_turn`](Self::native_turn) arms, since
    /// a body that is ready at once needs no timer.
    pub(crate) fn enter_future(self: &Arc<Self>) {
        self.locked(|inner, _| {
            if inner.machine.enter(&Requests::new()).is_ok() {
                inner.owner = Owner::Future(None);
                self.start(inner, None);
            }
        });
    }

    /// Makes the timer, armed or not, here where the owner runs: the clock may want to know its
    /// runtime, and a reschedule may come from a thread that has none.
    fn start(&self, inner: &mut Inner<C>, owner: Option<u64>) {
        let deadline = inner.machine.deadline();
        let begun = *inner.begun.get_or_insert_with(|| self.clock.now());
        let at = deadline.unwrap_or(begun);
        let timer = self.clock.timer_made_at(at, self.made);
        inner.timer = Some(Box::pin(timer));
        let entered = Event::ScopeEntered {
            scope: self.id,
            owner,
            deadline,
        };
        self.clock.observe_at(entered, self.made);
    }

    /// Polls the timer for the present deadline, if there is one.
    fn arm(self: &Arc<Self>, inner: &mut Inner<C>) {
        let Some(timer) = &mut inner.timer else {
            return;
        };
        inner.arming = match inner.machine.deadline() {
            None => Arming::Off,
            Some(deadline) => {
                // Invariant 3: the timer may wake us inside this poll, which finds the lock held and only sets `woken`.
                let waker = Waker::from(Arc::clone(self));
                let mut context = Context::from_waker(&waker);
                match timer.as_mut().poll_for(deadline, &mut context) {
                    // Invariant 2: fired here, it would have expired inside the enter or the reschedule that armed it.
                    Poll::Ready(()) => Arming::Due,
                    Poll::Pending => Arming::Armed,
                }
            }
        };
    }

    /// T8: the deadline moves, or is taken away, as `change` says.
    #[track_caller]
    pub(crate) fn reschedule<E>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Scope<C::Instant>) -> Result<(), E>,
    ) -> Result<(), E> {
        let at = Location::caller();
        self.locked(|inner, wakes| {
            change(&mut inner.machine)?;
            let deadline = inner.machine.deadline();
            let rescheduled = Event::ScopeRescheduled {
                scope: self.id,
                deadline,
            };
            self.clock.observe_at(rescheduled, at);
            // The exit takes the timer before it tells the machine: in between there is nothing left to move.
            let Some(timer) = &mut inner.timer else {
                return Ok(());
            };
            // Only what is armed can be postponed: a timer that has been ready, or that nobody has polled, wakes nobody
            // at the later deadline.
            let armed = inner.arming == Arming::Armed;
            if let Some(deadline) = deadline
                && armed
                && timer.as_mut().postpone(deadline)
            {
                return Ok(());
            }
            self.set_timer(inner, wakes);
            Ok(())
        })
    }

    /// Moves the timer to the present deadline, or takes it out. Not inlined: a postponed deadline is not to pay for it.
    #[cold]
    fn set_timer(self: &Arc<Self>, inner: &mut Inner<C>, wakes: &mut Wakes) {
        let Some(timer) = &mut inner.timer else {
            return;
        };
        match inner.machine.deadline() {
            Some(deadline) if inner.arming == Arming::Armed && inner.ahead == HABIT => {
                timer.as_mut().hasten(deadline);
            }
            Some(deadline) => {
                inner.ahead += u8::from(inner.arming == Arming::Armed);
                timer.as_mut().reset(deadline);
            }
            None => timer.as_mut().disarm(),
        }
        self.arm(inner);
        // Invariant 2: the owner is to fire it in a turn, and a timer that was ready brings none.
        if inner.arming == Arming::Due {
            inner.owner.nudge(wakes);
        }
    }

    /// T4: the deadline was reached.
    fn fire(&self, inner: &mut Inner<C>, wakes: &mut Wakes) {
        // The timer is spent: neither `drain` nor the owner's next turn is to look at it again.
        inner.arming = Arming::Off;
        if !inner.machine.fire() {
            return;
        }
        let expiring = Event::ScopeExpiring { scope: self.id };
        self.clock.observe_at(expiring, self.made);
        match &mut inner.owner {
            Owner::Nobody => {}
            Owner::Task(core) => {
                // Invariant 4: not `cancel`, which wakes in the call.
                core.request(Requester::Scope(self.id), self.made, wakes);
            }
            Owner::Future(_) => inner.owner.nudge(wakes),
        }
    }

    /// Begins a turn of the owning task.
    pub(crate) fn task_turn(self: &Arc<Self>) {
        self.locked(|inner, wakes| {
            if inner.arming == Arming::Due {
                self.fire(inner, wakes);
            }
            self.notice(inner);
        });
    }

    /// In a turn of the owner's: if the deadline has been reached, this may be the first to find it so.
    #[inline]
    fn notice(&self, inner: &mut Inner<C>) {
        if inner.machine.state() == State::Expiring && inner.noticed.is_none() {
            inner.noticed = Some(self.clock.now());
        }
    }

    /// Whether the owner needs another turn, in which the scope will fire.
    pub(crate) fn is_due(self: &Arc<Self>) -> bool {
        self.locked(|inner, _| inner.arming == Arming::Due)
    }

    /// Ends a turn of the Rust-native form; true if the deadline was reached.
    pub(crate) fn native_turn(self: &Arc<Self>, waker: &Waker) -> bool {
        self.locked(|inner, wakes| {
            // Not once it has fired: the timer has been ready, and is not polled again.
            if inner.arming == Arming::Off && inner.machine.state() == State::Active {
                self.arm(inner);
            }
            if inner.arming == Arming::Due {
                self.fire(inner, wakes);
            }
            if let Owner::Future(slot) = &mut inner.owner {
                match slot {
                    Some(slot) => slot.clone_from(waker),
                    none => *none = Some(waker.clone()),
                }
            }
            self.notice(inner);
            inner.machine.state() == State::Expiring
        })
    }

    /// T6: the body has ended.
    pub(crate) fn exit(self: &Arc<Self>, body: BodyEnd) -> ScopeEnd {
        self.leave(body, |end| end)
    }

    /// The scope is dropped while its body runs.
    pub(crate) fn abandon(self: &Arc<Self>) {
        self.leave(BodyEnd::Cancelled, |_| ScopeEnd::Dropped);
    }

    fn leave(
        self: &Arc<Self>,
        body: BodyEnd,
        reported: impl FnOnce(ScopeEnd) -> ScopeEnd,
    ) -> ScopeEnd {
        // Invariant 5. A timer's drop is the clock's code, so it is dropped without the lock (invariant 4); if that
        // wakes us, `locked` below looks at it (invariant 3).
        let timer = self.inner.lock().timer.take();
        drop(timer);
        // Without a timer, whatever `arming` says, nothing is polled; and the machine lets nothing fire from here on.
        self.locked(|inner, _| {
            let end = match &inner.owner {
                Owner::Task(core) => {
                    core.with_requests(|requests| inner.machine.exit(requests, body))
                }
                _ => inner.machine.exit(&mut Requests::new(), body),
            };
            inner.owner = Owner::Nobody;
            let state = inner.machine.state();
            let end = reported(end);
            self.clock.observe(Event::ScopeExited {
                scope: self.id,
                state,
                end,
            });
            end
        })
    }

    /// Looks at the timer as long as it has woken us, unless the lock is held: then its holder will.
    fn drain(self: &Arc<Self>) {
        while self.woken.load(Ordering::SeqCst) {
            // Invariant 3: `woken` was set before this try, so whoever holds the lock sees it after the release.
            // To wait here instead would deadlock where the wake-up comes from the holder's own poll of the timer.
            let Some(mut inner) = self.inner.try_lock() else {
                return;
            };
            // Before the poll, not after it: a wake-up that comes during the poll would be wiped out.
            self.woken.store(false, Ordering::SeqCst);
            let mut wakes = Wakes::default();
            if inner.arming == Arming::Armed {
                // Invariant 1: what was armed and is due fires here. What was due at once is not looked at: it is the
                // owner's (invariant 2).
                self.arm(&mut inner);
                if inner.arming == Arming::Due {
                    self.fire(&mut inner, &mut wakes);
                }
            }
            // Invariant 4.
            drop(inner);
            wakes.wake();
        }
    }
}

impl<C: Clock> Owner<C> {
    fn nudge(&mut self, wakes: &mut Wakes) {
        match self {
            Owner::Nobody => {}
            Owner::Task(core) => core.nudge(wakes),
            Owner::Future(waker) => {
                if let Some(waker) = waker.take() {
                    wakes.push(waker);
                }
            }
        }
    }
}

/// The timer's wake-up.
impl<C: Clock> Wake for Shared<C> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.drain();
    }
}

/// Leaves the scope when the future that runs in it is dropped half-way.
pub(crate) struct Leave<C: Clock> {
    shared: Option<Arc<Shared<C>>>,
}

impl<C: Clock> Leave<C> {
    pub(crate) fn of(shared: &Arc<Shared<C>>) -> Self {
        Leave {
            shared: Some(Arc::clone(shared)),
        }
    }

    pub(crate) fn exit(&mut self, body: BodyEnd) -> Option<ScopeEnd> {
        self.shared.take().map(|shared| shared.exit(body))
    }
}

impl<C: Clock> Drop for Leave<C> {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.abandon();
        }
    }
}
