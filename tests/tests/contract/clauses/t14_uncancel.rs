//! T14: `uncancel` takes one from the count; at zero it also withdraws a request that was not
//! delivered yet.

use deadheat::program::spawn_task;
use deadheat::{now, sleep, yield_now};

use super::support::*;

#[test]
fn t14_it_takes_one_from_the_count_and_returns_how_many_remain() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            assert_eq!(cx.uncancel(), 0, "nothing to take back");
            assert!(forever(&cx).await.is_err());
            assert_eq!(cx.cancelling(), 3);
            assert_eq!(
                [cx.uncancel(), cx.uncancel(), cx.uncancel(), cx.uncancel()],
                [2, 1, 0, 0]
            );
            nap(&cx, secs(1)).await
        });
        yield_now().await;
        (0..3).for_each(|_| assert!(main.cancel()));
        main.ended().await.unwrap();
        assert_eq!(main.cancelling(), 0);
    });
}

#[test]
fn t14_at_zero_a_request_that_was_not_delivered_is_withdrawn() {
    fifo_task(async |cx| {
        cx.canceller().cancel();
        assert_eq!(cx.uncancel(), 0);
        assert!(!cx.canceller().is_cancel_undelivered());
        nap(&cx, secs(1)).await
    });
    // Also from outside, while the task is woken for it.
    fifo(|| async {
        let main = spawn_task("main", async |cx| nap(&cx, secs(1)).await);
        yield_now().await;
        main.cancel();
        assert_eq!(main.uncancel(), 0);
        main.ended().await.unwrap();
        assert_eq!(now(), at(1));
    });
}

#[test]
fn t14_above_zero_it_is_delivered_still() {
    fifo_task(async |cx| {
        cx.canceller().cancel();
        cx.canceller().cancel();
        assert_eq!(cx.uncancel(), 1);
        assert!(cx.canceller().is_cancel_undelivered());
        assert!(nap(&cx, secs(1)).await.is_err());
        nap(&cx, secs(1)).await
    });
}

#[test]
fn t14_a_request_that_was_caught_and_taken_back_does_not_keep_a_scope_from_elapsing() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let end = cx.timeout(secs(2), async |cx| {
                assert!(forever(&cx).await.is_err());
                assert_eq!((now(), cx.uncancel()), (at(1), 0));
                forever(&cx).await
            });
            assert!(is_elapsed(&end.await));
            assert_eq!((now(), cx.cancelling()), (at(2), 0));
            done(())
        });
        sleep(secs(1)).await;
        main.cancel();
        main.ended().await.unwrap();
    });
}

#[test]
fn t14_a_task_whose_request_was_withdrawn_returns_its_value() {
    fifo_task(async |cx| {
        let child = spawn_task("child", async |cx| {
            cx.canceller().cancel();
            cx.uncancel();
            done(7)
        });
        assert_eq!(cx.join(&child).await, Ok(7));
        let fresh = spawn_task("fresh", async |_| done(7));
        fresh.cancel();
        fresh.uncancel();
        assert_eq!(cx.join(&fresh).await, Ok(7), "its body is run after all");
        Ok(())
    });
}

#[test]
fn t14_a_request_that_was_passed_on_stays_with_the_other_task() {
    fifo(|| async {
        let child = spawn_task("child", async |cx| forever(&cx).await);
        let joined = child.clone();
        let main = spawn_task("main", async move |cx| cx.join(&joined).await);
        yield_now().await;
        main.cancel();
        assert_eq!(main.uncancel(), 0);
        assert_eq!(
            (child.cancelling(), child.is_cancel_undelivered()),
            (1, true)
        );
        assert!(is_cancelled(&main.ended().await));
    });
}
