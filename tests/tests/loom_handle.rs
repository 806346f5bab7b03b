//! The handle of a scope against its firing timer, and a cancel against the task's wait and end,
//! under every interleaving of threads that loom finds within a bound on preemptions.
//!
//! The library's own sources are compiled into this test, with loom's lock and flag in the place of
//! `sync.rs`. A lost wake-up shows as a deadlock: an owner that waits for ever.
//!
//! 1. A reschedule that returned `Ok` is what counts; one that did not came after the fire.
//! 2. After the wake-up of its timer a scope has fired, or its deadline was moved.
//! 3. A cancel request that was accepted is delivered, or its task has ended.
//! 4. No timer is left once a scope is gone, whoever holds its handle.
//!
//! Not modelled: the reference counts of `Arc`, which are the standard library's.

#![expect(
    dead_code,
    unreachable_pub,
    unexpected_cfgs,
    reason = "the library's sources are compiled in as private modules of a crate without its features"
)]

#[path = "../../timeout/src/body.rs"]
mod body;
#[path = "../../timeout/src/clock.rs"]
mod clock;
#[path = "../../timeout/src/core.rs"]
mod core;
#[path = "../../timeout/src/cx.rs"]
mod cx;
#[path = "../../timeout/src/error.rs"]
mod error;
#[path = "loom_handle/fake.rs"]
mod fake;
#[path = "../../timeout/src/handle.rs"]
mod handle;
#[path = "../../timeout/src/join.rs"]
mod join;
#[path = "../../timeout/src/machine.rs"]
mod machine;
#[path = "../../timeout/src/observe.rs"]
mod observe;
#[path = "../../timeout/src/scope.rs"]
mod scope;
#[path = "loom_handle/sync.rs"]
mod sync;
#[path = "../../timeout/src/task.rs"]
mod task;
#[path = "../../timeout/src/timeout.rs"]
mod timeout;
#[path = "../../timeout/src/wait.rs"]
mod wait;
#[path = "../../timeout/src/wait_for.rs"]
mod wait_for;

use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

use body::Interrupted;
use error::StateError;
use fake::{FakeClock, Gate, block_on, poll_once};
use handle::Handle;
use loom::thread;
use machine::State;
use timeout::Timeout;

const TICK: Duration = Duration::from_secs(1);

/// Checks a model with at most `preemptions` forced switches of threads.
fn model(preemptions: usize, program: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(program);
}

/// How the future of an owner ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Value,
    Elapsed,
    Cancelled,
}

type Owner = Pin<Box<dyn Future<Output = End> + Send>>;

/// A scope in the Rust-native form around `body`, entered and waiting.
fn native(timeout: Timeout<FakeClock>, body: impl Future + Send + 'static) -> Owner {
    let mut owner: Owner = Box::pin(async move {
        match timeout.run(body).await {
            Ok(_) => End::Value,
            Err(_) => End::Elapsed,
        }
    });
    assert!(poll_once(owner.as_mut()).is_pending());
    owner
}

/// A scope in the cooperative form, entered, in a task that waits in it for `body`.
fn cooperative(
    clock: &FakeClock,
    timeout: Timeout<FakeClock>,
    body: impl Future + Send + 'static,
) -> Owner {
    let (work, handle) = task::task(clock, async move |cx| {
        timeout
            .run_in(&cx, async |cx| {
                cx.wait(body).await?;
                Ok::<_, Interrupted>(())
            })
            .await
    });
    let mut owner: Owner = Box::pin(async move {
        work.await;
        match handle.output() {
            Some(Ok(())) => End::Value,
            Some(Err(Interrupted::Elapsed(_))) => End::Elapsed,
            _ => End::Cancelled,
        }
    });
    assert!(poll_once(owner.as_mut()).is_pending());
    owner
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Native,
    Cooperative,
}

impl Form {
    const BOTH: [Form; 2] = [Form::Native, Form::Cooperative];

    fn owner(
        self,
        clock: &FakeClock,
        timeout: Timeout<FakeClock>,
        body: impl Future + Send + 'static,
    ) -> Owner {
        match self {
            Form::Native => native(timeout, body),
            Form::Cooperative => cooperative(clock, timeout, body),
        }
    }
}

/// A scope due at tick 10 whose handle another thread uses while time passes to tick 20; the owner
/// runs on the model's first thread, which then says what `operation` found and how the body ended.
fn at_the_deadline<R: Send + 'static>(
    clock: &FakeClock,
    form: Form,
    operation: impl FnOnce(&Handle<FakeClock>) -> R + Send + 'static,
) -> (thread::JoinHandle<R>, thread::JoinHandle<End>, Handle<FakeClock>) {
    let timeout = Timeout::after(clock, TICK * 10);
    let handle = timeout.handle();
    let owner = form.owner(clock, timeout, pending::<()>());
    let other = handle.clone();
    let operation = thread::spawn(move || operation(&other));
    let owner = thread::spawn(move || block_on(owner));
    (operation, owner, handle)
}

#[test]
fn a_move_to_later_against_the_fire_is_obeyed_or_refused() {
    for form in Form::BOTH {
        model(2, move || {
            let clock = FakeClock::new();
            let (moved, owner, handle) =
                at_the_deadline(&clock, form, |handle| handle.reschedule_at(30));
            clock.advance(20);
            let moved: Result<(), StateError> = moved.join().unwrap();
            match moved {
                Ok(()) => {
                    assert_eq!(handle.state(), State::Active);
                    clock.advance(30);
                }
                Err(error) => assert!(error.state().is_expired()),
            }
            assert_eq!(owner.join().unwrap(), End::Elapsed);
            assert_eq!(handle.state(), State::Expired);
            assert_eq!(clock.armed(), 0);
        });
    }
}

#[test]
fn a_move_to_earlier_fires_without_any_more_time() {
    for form in Form::BOTH {
        model(2, move || {
            let clock = FakeClock::new();
            let timeout = Timeout::after(&clock, TICK * 30);
            let handle = timeout.handle();
            let owner = form.owner(&clock, timeout, pending::<()>());
            let mover = thread::spawn(move || handle.reschedule_at(10).unwrap());
            let owner = thread::spawn(move || block_on(owner));
            clock.advance(20);
            mover.join().unwrap();
            assert_eq!(owner.join().unwrap(), End::Elapsed);
            assert_eq!(clock.armed(), 0);
        });
    }
}

#[test]
fn a_deadline_that_is_taken_away_in_time_never_fires() {
    for form in Form::BOTH {
        model(2, move || {
            let clock = FakeClock::new();
            let gate = Gate::new();
            let timeout = Timeout::after(&clock, TICK * 10);
            let handle = timeout.handle();
            let owner = form.owner(&clock, timeout, gate.clone());
            let other = handle.clone();
            let rejected = thread::spawn(move || other.reject());
            let owner = thread::spawn(move || block_on(owner));
            clock.advance(20);
            let rejected = rejected.join().unwrap();
            if rejected.is_ok() {
                assert_eq!((handle.state(), clock.armed()), (State::Active, 0));
                gate.open();
            }
            let end = owner.join().unwrap();
            assert_eq!(end == End::Value, rejected.is_ok(), "{rejected:?}");
            assert_eq!(handle.expired(), rejected.is_err());
        });
    }
}

#[test]
fn reading_a_scope_does_not_lose_its_fire() {
    for form in Form::BOTH {
        model(2, move || {
            let clock = FakeClock::new();
            let (read, owner, handle) = at_the_deadline(&clock, form, |handle| {
                (handle.state(), handle.when(), handle.expired())
            });
            clock.advance(20);
            let (state, when, _) = read.join().unwrap();
            assert!(matches!(state, State::Active | State::Expiring | State::Expired));
            assert_eq!(when, Some(10));
            assert_eq!(owner.join().unwrap(), End::Elapsed);
            assert!(handle.expired());
        });
    }
}

#[test]
fn a_turn_of_the_owner_does_not_lose_the_fire() {
    for form in Form::BOTH {
        model(2, move || {
            let clock = FakeClock::new();
            let gate = Gate::new();
            let body = {
                let gate = gate.clone();
                async move {
                    gate.await;
                    pending::<()>().await;
                }
            };
            let timeout = Timeout::after(&clock, TICK * 10);
            let owner = form.owner(&clock, timeout, body);
            let opener = thread::spawn(move || gate.open());
            let owner = thread::spawn(move || block_on(owner));
            clock.advance(20);
            opener.join().unwrap();
            assert_eq!(owner.join().unwrap(), End::Elapsed);
        });
    }
}

#[test]
fn a_timer_that_wakes_from_inside_its_own_poll_fires() {
    for form in Form::BOTH {
        model(2, move || {
            let clock = FakeClock::that_wakes_in_poll();
            let timeout = Timeout::after(&clock, TICK * 30);
            let handle = timeout.handle();
            let owner = form.owner(&clock, timeout, pending::<()>());
            let mover = thread::spawn(move || handle.reschedule_at(10).unwrap());
            let owner = thread::spawn(move || block_on(owner));
            clock.advance(20);
            mover.join().unwrap();
            assert_eq!(owner.join().unwrap(), End::Elapsed);
            assert_eq!(clock.armed(), 0);
        });
    }
}

#[test]
fn the_last_of_two_moves_is_what_counts() {
    model(2, || {
        let clock = FakeClock::new();
        let timeout = Timeout::after(&clock, TICK * 10);
        let handle = timeout.handle();
        let owner = native(timeout, pending::<()>());
        let movers = [30, 40].map(|to| {
            let handle = handle.clone();
            thread::spawn(move || handle.reschedule_at(to))
        });
        clock.advance(20);
        let moved = movers.map(|mover| mover.join().unwrap());
        if moved[0].is_err() && moved[1].is_err() {
            assert_eq!(handle.when(), Some(10));
        } else {
            let to = handle.when().unwrap();
            assert_eq!(handle.state(), State::Active);
            assert!(to == 30 || to == 40);
            clock.advance(to - 1);
            assert_eq!(handle.state(), State::Active);
            clock.advance(to);
        }
        assert_eq!(block_on(owner), End::Elapsed);
    });
}

#[test]
fn a_scope_that_is_dropped_leaves_no_timer_to_those_who_move_it() {
    for form in Form::BOTH {
        model(2, move || {
            let clock = FakeClock::new();
            let timeout = Timeout::after(&clock, TICK * 10);
            let handle = timeout.handle();
            let owner = form.owner(&clock, timeout, pending::<()>());
            let other = handle.clone();
            let moved = thread::spawn(move || other.reschedule_at(30).is_ok());
            let dropped = thread::spawn(move || drop(owner));
            clock.advance(20);
            moved.join().unwrap();
            dropped.join().unwrap();
            assert_eq!(clock.armed(), 0);
            assert!(matches!(handle.state(), State::Finished | State::Expired));
            assert!(handle.reschedule(None).is_err());
        });
    }
}

/// A task whose body waits for `gate` and returns; cancelled from another thread.
#[test]
fn a_cancel_against_the_end_of_a_wait_is_delivered_or_the_task_has_ended() {
    model(3, || {
        let clock = FakeClock::new();
        let gate = Gate::new();
        let body = gate.clone();
        let (work, handle) = task::task(&clock, async move |cx| {
            cx.wait(body).await?;
            Ok::<_, Interrupted>(())
        });
        let other = handle.clone();
        let cancel = thread::spawn(move || other.cancel());
        let work = thread::spawn(move || block_on(work));
        gate.open();
        let accepted = cancel.join().unwrap();
        work.join().unwrap();
        let cancelled = handle.output().unwrap().is_err();
        assert!(accepted || !cancelled, "cancelled, and nobody asked");
    });
}

#[test]
fn a_cancel_against_a_task_that_never_ends_by_itself_is_delivered() {
    model(3, || {
        let clock = FakeClock::new();
        let gate = Gate::new();
        let body = gate.clone();
        let (work, handle) = task::task(&clock, async move |cx| {
            body.await; // no cancellation point
            cx.wait(pending::<()>()).await?;
            Ok::<_, Interrupted>(())
        });
        let other = handle.clone();
        let cancel = thread::spawn(move || assert!(other.cancel()));
        let work = thread::spawn(move || block_on(work));
        gate.open();
        cancel.join().unwrap();
        work.join().unwrap();
        assert!(handle.output().unwrap().is_err());
    });
}

#[test]
fn a_cancel_against_the_end_of_a_task_that_is_waited_for_is_not_lost() {
    model(3, || {
        let clock = FakeClock::new();
        let gate = Gate::new();
        let body = gate.clone();
        let (child, child_handle) = task::task(&clock, async move |_| {
            body.await;
            Ok::<_, Interrupted>(())
        });
        let (parent, parent_handle) = task::task(&clock, async move |cx| {
            cx.join(&child_handle).await?;
            cx.wait(pending::<()>()).await?;
            Ok::<_, Interrupted>(())
        });
        let canceller = parent_handle.canceller();
        let cancel = thread::spawn(move || assert!(canceller.cancel()));
        let child = thread::spawn(move || block_on(child));
        let parent = thread::spawn(move || block_on(parent));
        gate.open();
        cancel.join().unwrap();
        child.join().unwrap();
        parent.join().unwrap();
        assert!(parent_handle.output().unwrap().is_err());
    });
}

#[test]
fn a_cancel_and_a_fire_at_once_end_in_cancelled() {
    model(2, || {
        let clock = FakeClock::new();
        let timeout = Timeout::after(&clock, TICK * 10);
        let (work, handle) = task::task(&clock, async move |cx| {
            timeout
                .run_in(&cx, async |cx| {
                    cx.wait(pending::<()>()).await?;
                    Ok::<_, Interrupted>(())
                })
                .await
        });
        let other = handle.clone();
        let cancel = thread::spawn(move || other.cancel());
        let mut work: Pin<Box<_>> = Box::pin(work);
        assert!(poll_once(work.as_mut()).is_pending());
        let work = thread::spawn(move || block_on(work));
        clock.advance(20);
        let accepted = cancel.join().unwrap();
        work.join().unwrap();
        match handle.output().unwrap() {
            Err(Interrupted::Cancelled(_)) => assert!(accepted),
            // The request came when the scope was left already, in the task's last turn.
            Err(Interrupted::Elapsed(_)) => {}
            Ok(()) => panic!("nothing has come for the body"),
        }
    });
}
