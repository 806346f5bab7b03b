//! Tasks and scopes on a clock that is moved by hand, polled by hand: who is woken when, and how often.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use deadheat_timeout::{Canceller, Clock, Interrupted, Timer, shield, task};

/// Nanoseconds that stand still until a test moves them.
#[derive(Debug, Clone, Default)]
struct ByHand(Arc<AtomicU64>);

/// Ready as soon as its deadline has come and it is looked at; it wakes nobody.
#[derive(Debug)]
struct HandTimer {
    clock: ByHand,
    deadline: Option<u64>,
}

impl Future for HandTimer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.deadline {
            Some(deadline) if deadline <= self.clock.now() => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }
}

impl Timer<u64> for HandTimer {
    fn reset(mut self: Pin<&mut Self>, deadline: u64) {
        self.deadline = Some(deadline);
    }

    fn disarm(mut self: Pin<&mut Self>) {
        self.deadline = None;
    }
}

impl Clock for ByHand {
    type Instant = u64;
    type Timer = HandTimer;

    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn timer(&self, deadline: u64) -> HandTimer {
        HandTimer {
            clock: self.clone(),
            deadline: Some(deadline),
        }
    }

    fn checked_add(&self, at: u64, by: Duration) -> Option<u64> {
        at.checked_add(u64::try_from(by.as_nanos()).ok()?)
    }

    fn checked_sub(&self, at: u64, by: Duration) -> Option<u64> {
        at.checked_sub(u64::try_from(by.as_nanos()).ok()?)
    }
}

/// Counts how often it was woken.
#[derive(Debug, Default)]
struct Woken(AtomicU64);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Woken {
    fn times(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn poll<F: Future>(self: &Arc<Self>, future: Pin<&mut F>) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(self));
        future.poll(&mut Context::from_waker(&waker))
    }
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_scope_whose_deadline_has_come_as_its_body_waits_asks_for_the_next_turn() {
    let (work, handle) = task(&ByHand::default(), async |cx| {
        cx.timeout(Duration::ZERO, async |cx| {
            cx.wait(pending::<()>()).await?;
            Ok::<_, Interrupted>(())
        })
        .await
    });
    let (mut work, woken) = (pin!(work), Arc::new(Woken::default()));
    assert!(woken.poll(work.as_mut()).is_pending());
    assert_eq!(woken.times(), 1, "T3: it fires on the next turn");
    assert!(woken.poll(work.as_mut()).is_ready());
    assert!(matches!(
        handle.take_output(),
        Some(Err(Interrupted::Elapsed(_)))
    ));
}

#[test]
fn a_deadline_that_another_moves_to_now_wakes_the_owner() {
    let scope = Arc::new(OnceLock::new());
    let kept = Arc::clone(&scope);
    let (work, handle) = task(&ByHand::default(), async move |cx| {
        cx.timeout(HOUR, async move |cx| {
            kept.set(cx.deadline().clone()).ok();
            cx.wait(pending::<()>()).await?;
            Ok::<_, Interrupted>(())
        })
        .await
    });
    let (mut work, woken) = (pin!(work), Arc::new(Woken::default()));
    assert!(woken.poll(work.as_mut()).is_pending());
    assert_eq!(woken.times(), 0);
    scope.get().unwrap().reschedule_at(0).unwrap();
    assert_eq!(woken.times(), 1);
    assert!(woken.poll(work.as_mut()).is_ready());
    assert!(matches!(
        handle.take_output(),
        Some(Err(Interrupted::Elapsed(_)))
    ));
}

#[test]
fn who_has_stopped_waiting_for_a_task_is_not_woken_by_its_end() {
    let (work, handle) = task(&ByHand::default(), async |_| Ok::<_, Interrupted>(1));
    let (left, stayed) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
    let mut stays = handle.ended();
    assert!(stayed.poll(Pin::new(&mut stays)).is_pending());
    for _ in 0..3 {
        let mut leaves = handle.ended();
        assert!(left.poll(Pin::new(&mut leaves)).is_pending());
    }
    let turn = Arc::new(Woken::default());
    assert!(turn.poll(pin!(work)).is_ready());
    assert_eq!((left.times(), stayed.times()), (0, 1));
}

#[test]
fn a_turn_that_nobody_asked_for_does_not_end_a_shield() {
    let clock = ByHand::default();
    let (child, child_handle) = task(&clock, async |cx| {
        cx.wait(pending::<()>()).await?;
        Ok::<_, Interrupted>(())
    });
    let (parent, parent_handle) = task(&clock, async move |cx| {
        cx.wait(shield(&child_handle)).await??;
        Ok::<_, Interrupted>(())
    });
    let (mut child, mut parent) = (pin!(child), pin!(parent));
    let woken = Arc::new(Woken::default());
    assert!(woken.poll(child.as_mut()).is_pending());
    for _ in 0..3 {
        assert!(woken.poll(parent.as_mut()).is_pending());
    }
    assert!(parent_handle.take_output().is_none());
}

/// T5: a request that a body makes to itself is delivered at the wait that it enters next, and not at one around
/// that, although the outer one is looked at first in the next turn.
#[test]
fn a_request_to_oneself_is_delivered_at_the_innermost_wait() {
    let delivered = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&delivered);
    let (work, _handle) = task(&ByHand::default(), async move |cx| {
        let canceller: Canceller<_> = cx.canceller();
        let inner = async {
            canceller.cancel();
            if cx.wait(pending::<()>()).await.is_err() {
                told.lock().unwrap().push("inner");
            }
        };
        if cx.wait(inner).await.is_err() {
            told.lock().unwrap().push("outer");
        }
        Ok::<_, Interrupted>(())
    });
    let (mut work, woken) = (pin!(work), Arc::new(Woken::default()));
    assert!(woken.poll(work.as_mut()).is_pending());
    assert!(woken.poll(work.as_mut()).is_ready());
    assert_eq!(*delivered.lock().unwrap(), ["inner"]);
}

#[test]
fn a_wait_without_time_takes_a_turn_where_callbacks_are_ready_at_once() {
    let (work, handle) = task(&ByHand::default(), async |cx| {
        cx.wait_for_body(async |_| Ok::<_, Interrupted>(()), Some(Duration::ZERO))
            .await
    });
    let (mut work, woken) = (pin!(work), Arc::new(Woken::default()));
    assert!(woken.poll(work.as_mut()).is_pending());
    assert_eq!(woken.times(), 1);
    assert!(woken.poll(work.as_mut()).is_ready());
    assert!(matches!(
        handle.take_output(),
        Some(Err(Interrupted::Elapsed(_)))
    ));
}
