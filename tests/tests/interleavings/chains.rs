//! Chains of callbacks: when they go on, when they are over, and what is left of one that is dropped.

use loom::thread;

use crate::fake::{FakeClock, block_on, poll_doomed, poll_once};
use crate::hops::Hops;
use crate::model;

#[test]
fn a_chain_of_callbacks_goes_on_whenever_its_cause_comes() {
    for clock in [FakeClock::new, FakeClock::that_wakes_in_poll] {
        model(3, move || {
            let clock = clock();
            let hops = Hops::new(&clock, 2);
            let cause = hops.cause();
            let causer = thread::spawn(move || cause.wake());
            block_on(hops);
            causer.join().unwrap();
            assert_eq!(clock.armed(), 0);
        });
    }
}

#[test]
fn a_chain_of_callbacks_that_is_dropped_leaves_no_timer() {
    for clock in [FakeClock::that_wakes_in_poll, FakeClock::that_waits] {
        model(3, move || {
            let clock = clock();
            let hops = Hops::new(&clock, 2);
            let cause = hops.cause();
            let causer = thread::spawn(move || cause.wake());
            drop(hops);
            causer.join().unwrap();
            assert_eq!(clock.armed(), 0);
        });
    }
}

#[test]
fn a_chain_of_callbacks_that_are_ready_at_once_is_a_wait_of_one_turn() {
    model(0, || {
        let hops = Hops::new(&FakeClock::new(), 2);
        hops.cause().wake();
        let mut hops = Box::pin(hops);
        assert!(poll_once(hops.as_mut()).is_pending());
        block_on(hops);
    });
}

#[test]
fn a_chain_of_callbacks_is_not_over_because_it_is_polled_again() {
    model(0, || {
        let clock = FakeClock::that_waits();
        let mut hops = Box::pin(Hops::new(&clock, 2));
        hops.cause().wake();
        assert_eq!(clock.armed(), 1);
        for _ in 0..3 {
            assert!(poll_once(hops.as_mut()).is_pending());
        }
    });
}

#[test]
fn a_waker_may_drop_the_chain_of_callbacks_that_wakes_it() {
    model(0, || {
        let hops = Hops::new(&FakeClock::new(), 2);
        let cause = hops.cause();
        let doomed = poll_doomed(hops);
        cause.wake();
        assert!(doomed.lock().is_none());
    });
}
