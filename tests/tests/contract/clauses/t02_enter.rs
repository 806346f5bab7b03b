//! T2: a scope is entered once. It remembers the owner's count of cancel requests, less one if a
//! request waits to be delivered; then it arms.

use std::future::pending;

use deadheat::{clock, now, sleep};
use deadheat_timeout::machine::{BodyEnd, Requests, Scope};
use deadheat_timeout::{ScopeEnd, State, Timeout};

use super::support::*;

#[test]
fn t02_a_scope_is_created_then_active_then_finished() {
    fifo_task(async |cx| {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        assert_eq!(handle.state(), State::Created);
        let inside = scope.run_in(&cx, async |cx| {
            assert_eq!(cx.deadline().state(), State::Active);
            done(())
        });
        assert_eq!(handle.state(), State::Created, "made is not entered");
        inside.await?;
        assert_eq!(handle.state(), State::Finished);

        let scope = Timeout::after(&clock(), secs(1));
        let (handle, seen) = (scope.handle(), scope.handle());
        let inside = scope.run(async move { seen.state() });
        assert_eq!(handle.state(), State::Created);
        assert_eq!(inside.await, Ok(State::Active));
        assert_eq!(handle.state(), State::Finished);
        Ok(())
    });
}

#[test]
fn t02_a_scope_is_entered_once() {
    let mut requests = Requests::new();
    let mut scope = Scope::new(Some(1));
    scope.enter(&requests).unwrap();
    let again = scope.enter(&requests).unwrap_err();
    assert_eq!(again.state(), State::Active);
    assert_eq!(scope.exit(&mut requests, BodyEnd::Value), ScopeEnd::Value);
    let again = scope.enter(&requests).unwrap_err();
    assert_eq!(again.state(), State::Finished);
}

#[test]
fn t02_a_future_of_a_scope_that_has_ended_does_nothing_more() {
    fifo_task(async |cx| {
        let mut native = std::pin::pin!(Timeout::after(&clock(), secs(1)).run(async { 1 }));
        assert_eq!(native.as_mut().await, Ok(1));
        let mut scoped = std::pin::pin!(cx.timeout(secs(1), async |_| done(())));
        scoped.as_mut().await?;
        let again = std::future::poll_fn(|cx| {
            let native = native.as_mut().poll(cx).is_pending();
            let scoped = scoped.as_mut().poll(cx).is_pending();
            std::task::Poll::Ready((native, scoped))
        });
        assert_eq!(again.await, (true, true));
        Ok(())
    });
}

#[test]
fn t02_a_scope_arms_when_it_is_entered_and_not_when_it_is_made() {
    // Nothing was armed before: a scope that is never entered keeps nobody from being stuck.
    let at_once = stuck(|| async {
        let scope = Timeout::after(&clock(), secs(1));
        let run = Timeout::after(&clock(), secs(1)).run(pending::<()>());
        pending::<()>().await;
        drop((scope, run));
    });
    assert_eq!(at_once, at(0));
    // And a deadline that has passed meanwhile lets the body run to its first suspension.
    fifo(|| async {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        sleep(secs(5)).await;
        assert!(!handle.expired());
        let started = Flag::default();
        let body = async {
            started.raise();
            pending::<()>().await;
        };
        assert!(scope.run(body).await.is_err());
        assert!(started.is_raised());
        assert_eq!(now(), at(5));
    });
}

#[test]
fn t02_requests_from_before_the_scope_do_not_keep_it_from_elapsing() {
    fifo_task(async |cx| {
        for refused in 1..=3 {
            cx.canceller().cancel();
            assert!(nap(&cx, secs(1)).await.is_err());
            assert_eq!(cx.cancelling(), refused);
            let end = cx.timeout(secs(1), async |cx| forever(&cx).await).await;
            assert!(is_elapsed(&end));
            assert_eq!(cx.cancelling(), refused);
        }
        Ok(())
    });
}

#[test]
fn t02_a_request_that_waits_to_be_delivered_is_no_part_of_the_baseline() {
    // DIFFERENCE: CPython swallows it here, gh-134471.
    fifo_task(async |cx| {
        for delay in [ZERO, secs(1)] {
            cx.canceller().cancel();
            let end = cx.timeout(delay, async |cx| nap(&cx, secs(9)).await).await;
            assert!(is_cancelled(&end));
            assert_eq!(cx.uncancel(), 0);
        }
        Ok(())
    });
}

#[test]
fn t02_of_two_requests_that_wait_together_one_is_no_part_of_the_baseline() {
    fifo_task(async |cx| {
        cx.canceller().cancel();
        cx.canceller().cancel();
        let end = cx.timeout(ZERO, async |cx| forever(&cx).await).await;
        assert!(is_cancelled(&end));
        assert_eq!(cx.cancelling(), 2);
        Ok(())
    });
}

#[test]
fn t02_nested_scopes_all_see_the_request_that_waits() {
    fifo_task(async |cx| {
        cx.canceller().cancel();
        let end = cx.timeout(ZERO, async |cx| {
            let end = cx.timeout(ZERO, async |cx| forever(&cx).await).await;
            assert!(is_cancelled(&end));
            end
        });
        assert!(is_cancelled(&end.await));
        assert_eq!(cx.cancelling(), 1);
        Ok(())
    });
}

#[test]
fn t02_a_request_as_the_scope_is_entered_is_never_part_of_the_baseline_in_any_order() {
    explored(|| async {
        let main = deadheat::program::spawn_task("main", async |cx| {
            nap(&cx, secs(1)).await?;
            cx.timeout(ZERO, async |cx| forever(&cx).await).await
        });
        sleep(secs(1)).await;
        let accepted = main.cancel();
        assert_eq!(is_cancelled(&main.ended().await), accepted);
    });
}
