//! The handle of a scope against its firing timer, and a cancel against the task's wait and end,
//! under every interleaving of threads that loom finds within a bound on preemptions.
//!
//! The library's own sources are compiled into this test, with loom's lock and flag in the place of
//! `sync.rs`. A lost wake-up shows as a deadlock: an owner that waits for ever. Those sources call each other
//! `crate::`, so they can only be compiled at the root of a crate: that is why this is a folder of its own, and no part of
//! `contract`.
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
    reason = "the library's sources are compiled in as private modules"
)]

mod chains;
#[path = "../../../timeout/core/src/clock.rs"]
mod clock;
#[path = "../../../timeout/core/src/core.rs"]
mod core;
#[path = "../../../timeout/core/src/elapsed.rs"]
mod elapsed;
#[path = "../../../timeout/core/src/error.rs"]
mod error;
mod fake;
#[path = "../../../timeout/core/src/handle.rs"]
mod handle;
#[path = "../../../timeout/core/src/hops.rs"]
mod hops;
#[path = "../../../timeout/core/src/machine.rs"]
mod machine;
#[path = "../../../timeout/core/src/observe.rs"]
mod observe;
mod owner;
#[path = "../../../timeout/core/src/place.rs"]
mod place;
#[path = "../../../timeout/core/src/scope.rs"]
mod scope;
#[path = "../../../timeout/core/src/state.rs"]
mod state;
mod sync;
#[path = "../../../timeout/core/src/told.rs"]
mod told;

use std::future::{Future, pending};
use std::sync::Arc;
use std::task::Context;

use crate::core::Core;
use fake::{FakeClock, Gate, block_on, poll_doomed, poll_once, waker_that};
use handle::Handle;
use loom::thread;
use observe::Requester;
use owner::{End, Owner, end_of, join, native, scope, scoped, task, wait};
use state::State;

/// Checks a model with at most `preemptions` forced switches of threads. That many found every bug
/// that was put in on purpose, with one to spare.
fn model(preemptions: usize, program: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(program);
}

/// The two forms of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Native,
    Cooperative,
}

impl Form {
    const BOTH: [Form; 2] = [Form::Native, Form::Cooperative];

    /// A scope around `body`, entered and waiting; in the cooperative form in a task of its own.
    fn enter(
        self,
        clock: &FakeClock,
        deadline: u64,
        body: impl Future + Send + 'static,
    ) -> (Owner, Handle<FakeClock>) {
        let (shared, handle) = scope(clock, deadline);
        let mut owner: Owner = match self {
            Form::Native => Box::pin(native(shared, body)),
            Form::Cooperative => {
                let core = Core::new(clock.clone());
                let own = Arc::clone(&core);
                let body = async move { wait(&own, body).await };
                Box::pin(task(Arc::clone(&core), scoped(core, shared, body)))
            }
        };
        assert!(poll_once(owner.as_mut()).is_pending());
        (owner, handle)
    }
}

/// Runs an owner on a thread of the model.
fn spawn(owner: Owner) -> thread::JoinHandle<End> {
    thread::spawn(move || block_on(owner))
}

#[test]
fn a_move_to_later_against_the_fire_is_obeyed_or_refused() {
    for form in Form::BOTH {
        model(3, move || {
            let clock = FakeClock::new();
            let (owner, handle) = form.enter(&clock, 10, pending::<()>());
            let other = handle.clone();
            let mover = thread::spawn(move || other.reschedule_at(30));
            let owner = spawn(owner);
            clock.advance(20);
            match mover.join().unwrap() {
                Ok(()) => {
                    assert_eq!(handle.state(), State::Active);
                    clock.advance(30);
                }
                Err(error) => assert!(error.state().is_expired()),
            }
            assert_eq!(owner.join().unwrap(), End::Elapsed);
            assert_eq!((handle.state(), clock.armed()), (State::Expired, 0));
        });
    }
}

#[test]
fn a_move_to_earlier_fires_without_any_more_time() {
    for form in Form::BOTH {
        model(3, move || {
            let clock = FakeClock::new();
            let (owner, handle) = form.enter(&clock, 30, pending::<()>());
            let mover = thread::spawn(move || handle.reschedule_at(10).unwrap());
            let owner = spawn(owner);
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
        model(3, move || {
            let clock = FakeClock::new();
            let gate = Gate::new();
            let (owner, handle) = form.enter(&clock, 10, gate.clone());
            let other = handle.clone();
            let rejecter = thread::spawn(move || other.reject());
            let owner = spawn(owner);
            clock.advance(20);
            let rejected = rejecter.join().unwrap();
            if rejected.is_ok() {
                assert_eq!((handle.state(), clock.armed()), (State::Active, 0));
                gate.open();
            }
            let end = owner.join().unwrap();
            assert_eq!(end == End::Value, rejected.is_ok());
            assert_eq!(handle.expired(), rejected.is_err());
        });
    }
}

#[test]
fn the_last_of_two_moves_is_what_counts() {
    model(3, || {
        let clock = FakeClock::new();
        let (owner, handle) = Form::Native.enter(&clock, 10, pending::<()>());
        let movers = [30, 40].map(|to| {
            let handle = handle.clone();
            thread::spawn(move || handle.reschedule_at(to).is_ok())
        });
        clock.advance(20);
        let moved = movers.map(|mover| mover.join().unwrap());
        if moved.contains(&true) {
            let to = handle.when().unwrap();
            assert!(to == 30 && moved[0] || to == 40 && moved[1]);
            clock.advance(to - 1);
            assert_eq!(handle.state(), State::Active);
            clock.advance(to);
        } else {
            assert_eq!(handle.when(), Some(10));
        }
        assert_eq!(handle.state(), State::Expiring);
        assert_eq!(block_on(owner), End::Elapsed);
    });
}

#[test]
fn reading_a_scope_does_not_lose_its_fire() {
    let reads: [fn(&Handle<FakeClock>); 2] = [
        |handle| assert_ne!(handle.state(), State::Created),
        |handle| assert_eq!(handle.when(), Some(10)),
    ];
    for (form, read) in Form::BOTH
        .map(|form| reads.map(|read| (form, read)))
        .concat()
    {
        model(3, move || {
            let clock = FakeClock::new();
            let (owner, handle) = form.enter(&clock, 10, pending::<()>());
            let other = handle.clone();
            let reader = thread::spawn(move || read(&other));
            let owner = spawn(owner);
            clock.advance(20);
            reader.join().unwrap();
            assert_eq!(owner.join().unwrap(), End::Elapsed);
            assert!(handle.expired());
        });
    }
}

#[test]
fn a_turn_of_the_owner_does_not_lose_the_fire() {
    for form in Form::BOTH {
        model(3, move || {
            let clock = FakeClock::new();
            let gate = Gate::new();
            let body = gate.clone();
            let (owner, _) = form.enter(&clock, 10, async move {
                body.await;
                pending::<()>().await;
            });
            let opener = thread::spawn(move || gate.open());
            let owner = spawn(owner);
            clock.advance(20);
            opener.join().unwrap();
            assert_eq!(owner.join().unwrap(), End::Elapsed);
        });
    }
}

#[test]
fn a_body_that_ends_as_the_deadline_comes_ends_once() {
    for form in Form::BOTH {
        model(3, move || {
            let clock = FakeClock::new();
            let gate = Gate::new();
            let (owner, handle) = form.enter(&clock, 10, gate.clone());
            let opener = thread::spawn(move || gate.open());
            let owner = spawn(owner);
            clock.advance(20);
            opener.join().unwrap();
            let expired = match owner.join().unwrap() {
                End::Elapsed => true,
                // The body was ready in the same turn; `expired()` may be true all the same.
                End::Value => handle.expired(),
                End::Cancelled => panic!("nobody but the scope has asked"),
            };
            let left = if expired {
                State::Expired
            } else {
                State::Finished
            };
            assert_eq!((handle.state(), clock.armed()), (left, 0));
        });
    }
}

#[test]
fn a_timer_that_wakes_from_inside_its_own_poll_fires() {
    for form in Form::BOTH {
        model(3, move || {
            let clock = FakeClock::that_wakes_in_poll();
            let (owner, handle) = form.enter(&clock, 30, pending::<()>());
            let mover = thread::spawn(move || handle.reschedule_at(10).unwrap());
            let owner = spawn(owner);
            clock.advance(20);
            mover.join().unwrap();
            assert_eq!(owner.join().unwrap(), End::Elapsed);
            assert_eq!(clock.armed(), 0);
        });
    }
}

#[test]
fn a_scope_that_is_dropped_leaves_no_timer_to_those_who_move_it() {
    for form in Form::BOTH {
        model(3, move || {
            let clock = FakeClock::new();
            let (owner, handle) = form.enter(&clock, 10, pending::<()>());
            let other = handle.clone();
            let mover = thread::spawn(move || other.reschedule_at(30).is_ok());
            let dropper = thread::spawn(move || drop(owner));
            clock.advance(20);
            mover.join().unwrap();
            dropper.join().unwrap();
            assert_eq!(clock.armed(), 0);
            assert!(matches!(handle.state(), State::Finished | State::Expired));
            assert!(handle.reschedule(None).is_err());
        });
    }
}

#[test]
fn a_cancel_against_the_end_of_a_wait_is_delivered_or_the_task_has_ended() {
    model(3, || {
        let core = Core::new(FakeClock::new());
        let gate = Gate::new();
        let (own, body) = (Arc::clone(&core), gate.clone());
        let body = async move { end_of(wait(&own, body).await) };
        let work = spawn(Box::pin(task(Arc::clone(&core), body)));
        let canceller = thread::spawn(move || core.cancel(Requester::Outside));
        gate.open();
        let accepted = canceller.join().unwrap();
        let end = work.join().unwrap();
        assert!(accepted || end == End::Value, "cancelled, and nobody asked");
    });
}

#[test]
fn a_cancel_of_a_task_that_has_not_come_to_its_wait_is_delivered_there() {
    model(3, || {
        let core = Core::new(FakeClock::new());
        let gate = Gate::new();
        let (own, body) = (Arc::clone(&core), gate.clone());
        let body = async move {
            body.await; // no cancellation point
            end_of(wait(&own, pending::<()>()).await)
        };
        let work = spawn(Box::pin(task(Arc::clone(&core), body)));
        let canceller = thread::spawn(move || assert!(core.cancel(Requester::Outside)));
        gate.open();
        canceller.join().unwrap();
        assert_eq!(work.join().unwrap(), End::Cancelled);
    });
}

#[test]
fn a_cancel_as_the_task_that_is_waited_for_ends_is_not_lost() {
    model(2, || {
        let clock = FakeClock::new();
        let gate = Gate::new();
        let (child, parent) = (Core::new(clock.clone()), Core::new(clock));
        let opened = gate.clone();
        let child_body = async move {
            opened.await; // a child that refuses by not looking
            End::Value
        };
        let (own, on) = (Arc::clone(&parent), Arc::clone(&child));
        let parent_body = async move {
            match join(&own, &on).await {
                Ok(()) => end_of(wait(&own, pending::<()>()).await),
                Err(_) => End::Cancelled,
            }
        };
        let mut work: Owner = Box::pin(task(Arc::clone(&parent), parent_body));
        assert!(poll_once(work.as_mut()).is_pending());
        let child = spawn(Box::pin(task(child, child_body)));
        let work = spawn(work);
        let canceller = thread::spawn(move || assert!(parent.cancel(Requester::Outside)));
        gate.open();
        canceller.join().unwrap();
        child.join().unwrap();
        assert_eq!(work.join().unwrap(), End::Cancelled);
    });
}

#[test]
fn a_request_from_before_the_join_is_not_lost_if_the_other_task_ends_just_then() {
    model(3, || {
        let clock = FakeClock::new();
        let (child, parent) = (Core::new(clock.clone()), Core::new(clock));
        assert!(parent.cancel(Requester::Outside));
        let on = Arc::clone(&child);
        // Not by way of `task`, which a request from before the first turn would end at once.
        let parent_body = async move {
            match join(&parent, &on).await {
                Ok(()) => end_of(wait(&parent, pending::<()>()).await),
                Err(_) => End::Cancelled,
            }
        };
        let child = spawn(Box::pin(task(child, async { End::Value })));
        assert_eq!(block_on(parent_body), End::Cancelled);
        child.join().unwrap();
    });
}

#[test]
fn a_cancel_as_the_deadline_comes_is_never_swallowed() {
    model(3, || {
        let clock = FakeClock::new();
        let core = Core::new(clock.clone());
        let (shared, handle) = scope(&clock, 10);
        let own = Arc::clone(&core);
        let body = async move { wait(&own, pending::<()>()).await };
        let scoped = scoped(Arc::clone(&core), shared, body);
        let mut work: Owner = Box::pin(task(Arc::clone(&core), scoped));
        assert!(poll_once(work.as_mut()).is_pending());
        let work = spawn(work);
        let canceller = thread::spawn(move || {
            let before = handle.state();
            core.cancel(Requester::Outside);
            before == State::Active && handle.state() == State::Active
        });
        clock.advance(20);
        let inside = canceller.join().unwrap();
        let end = work.join().unwrap();
        assert!(end == End::Cancelled || !inside, "{end:?}");
    });
}

#[test]
fn a_waker_may_drop_the_scope_that_wakes_it() {
    for form in Form::BOTH {
        model(0, move || {
            let clock = FakeClock::new();
            let (owner, handle) = form.enter(&clock, 10, pending::<()>());
            let doomed = poll_doomed(owner);
            clock.advance(20);
            assert!(doomed.lock().is_none());
            assert_eq!((handle.state(), clock.armed()), (State::Expired, 0));
        });
    }
}

#[test]
fn a_waker_may_drop_the_scope_whose_deadline_moves_to_the_past() {
    for form in Form::BOTH {
        model(0, move || {
            let clock = FakeClock::new();
            let (owner, handle) = form.enter(&clock, 10, pending::<()>());
            let doomed = poll_doomed(owner);
            handle.reschedule_at(0).unwrap();
            assert!(doomed.lock().is_none());
            assert_eq!((handle.state(), clock.armed()), (State::Finished, 0));
        });
    }
}

#[test]
fn a_waker_may_drop_the_task_that_is_cancelled() {
    model(0, || {
        let core = Core::new(FakeClock::new());
        let own = Arc::clone(&core);
        let body = async move { end_of(wait(&own, pending::<()>()).await) };
        let doomed = poll_doomed(task(Arc::clone(&core), body));
        assert!(core.cancel(Requester::Outside));
        assert!(doomed.lock().is_none());
    });
}

#[test]
fn a_waker_may_ask_the_task_that_comes_to_a_wait_with_a_request() {
    model(0, || {
        let core = Core::new(FakeClock::new());
        assert!(core.cancel(Requester::Outside));
        let (own, asked) = (Arc::clone(&core), Arc::clone(&core));
        let mut work: Owner = Box::pin(async move { end_of(wait(&own, pending::<()>()).await) });
        let waker = waker_that(move || assert!(asked.is_undelivered()));
        let poll = work.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(poll.is_pending());
        assert_eq!(block_on(work), End::Cancelled);
    });
}
