//! T6: the exit disarms. An expiring scope takes its request back, and ends in `Elapsed` if the count
//! is then at or below the baseline and the body ended in `Cancelled`. Else the body's end passes.

use std::error::Error;
use std::future::pending;

use deadheat::program::spawn_task;
use deadheat::{clock, now, sleep, spawn};
use deadheat_timeout::{Cancelled, Elapsed, Interrupted, State, Timeout, task};

use super::support::*;

#[test]
fn t06_elapsed_has_the_cancelled_as_its_source() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |cx| forever(&cx).await).await;
        let Err(Interrupted::Elapsed(elapsed)) = end else {
            panic!("it has elapsed");
        };
        assert!(elapsed.source().unwrap().is::<Cancelled>());
        Ok(())
    });
}

#[test]
fn t06_a_value_passes_through_also_of_a_scope_that_expired() {
    fifo_task(async |cx| {
        for (delay, expired) in [(secs(9), false), (secs(1), true)] {
            let scope = Timeout::after(&clock(), delay);
            let handle = scope.handle();
            let value = scope.run_in(&cx, async |_| {
                sleep(secs(2)).await;
                done(7)
            });
            assert_eq!(value.await, Ok(7));
            assert_eq!(handle.expired(), expired);
            assert_eq!(cx.cancelling(), 0);
        }
        Ok(())
    });
}

#[test]
fn t06_another_error_passes_through_also_of_a_scope_that_expired() {
    fifo_task(async |cx| {
        for (delay, expired) in [(secs(9), false), (secs(1), true)] {
            let scope = Timeout::after(&clock(), delay);
            let handle = scope.handle();
            let end = scope.run_in(&cx, async |cx| match nap(&cx, secs(2)).await {
                Ok(()) | Err(_) => Err::<(), _>(Failed::Own),
            });
            assert_eq!(end.await, Err(Failed::Own));
            assert_eq!(handle.expired(), expired);
        }
        Ok(())
    });
}

#[test]
fn t06_a_foreign_cancelled_passes_through() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let scope = Timeout::after(&clock(), secs(9));
            let handle = scope.handle();
            let end = scope.run_in(&cx, async |cx| forever(&cx).await).await;
            assert_eq!((handle.state(), cx.cancelling()), (State::Finished, 1));
            end
        });
        sleep(secs(1)).await;
        main.cancel();
        assert!(is_cancelled(&main.ended().await));
    });
}

#[test]
fn t06_a_cancelled_of_the_bodys_own_making_passes_through_unless_the_scope_expired() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |_| {
            Err::<(), Interrupted>(Cancelled::new().into())
        });
        assert!(is_cancelled(&end.await));
        let end = cx.timeout(secs(1), async |_| {
            sleep(secs(2)).await;
            Err::<(), Interrupted>(Cancelled::new().into())
        });
        assert!(is_elapsed(&end.await));
        Ok(())
    });
}

#[test]
fn t06_the_exit_disarms() {
    let value = stuck(|| async {
        let scope = Timeout::after(&clock(), secs(9));
        scope.run(sleep(secs(1))).await.unwrap();
        pending::<()>().await;
    });
    let cooperative = stuck(|| async {
        let main = spawn_task("main", async |cx| {
            cx.timeout(secs(9), async |cx| nap(&cx, secs(1)).await)
                .await
        });
        main.ended().await.unwrap();
        pending::<()>().await;
    });
    assert_eq!((value, cooperative), (at(1), at(1)));
}

#[test]
fn t06_a_scope_that_exited_in_time_asks_nobody_afterwards() {
    fifo_task(async |cx| {
        for _ in 0..5 {
            cx.timeout(secs(1), async |cx| nap(&cx, ms(999)).await)
                .await?;
        }
        nap(&cx, secs(9)).await?;
        assert_eq!(cx.cancelling(), 0);
        Ok(())
    });
}

#[test]
fn t06_a_request_that_was_not_delivered_goes_with_its_scope() {
    fifo_task(async |cx| {
        cx.timeout(secs(1), async |cx| {
            sleep(secs(2)).await;
            assert!(cx.canceller().is_cancel_undelivered());
            done(())
        })
        .await?;
        assert!(!cx.canceller().is_cancel_undelivered());
        nap(&cx, secs(9)).await
    });
}

/// T14 withdraws an undelivered request only when the count comes to zero, as CPython 3.13 does: while
/// another request counts, the one of a scope that has left is delivered at the next wait.
#[test]
fn t06_a_request_that_was_not_delivered_stays_while_another_one_counts() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |cx| {
            let end = forever(&cx).await;
            // The clean-up has a deadline of its own, and does not look at it.
            let rollback = cx.timeout(secs(1), async |_| {
                sleep(secs(2)).await;
                done(())
            });
            rollback.await?;
            assert_eq!((cx.cancelling(), now()), (1, at(3)));
            assert!(is_cancelled(&nap(&cx, secs(1)).await));
            end
        });
        assert!(is_elapsed(&end.await));
        assert_eq!(now(), at(3));
        Ok(())
    });
}

#[test]
fn t06_a_scope_that_is_dropped_half_way_disarms_and_leaves_nothing() {
    let last = stuck(|| async {
        let main = spawn_task("main", async |cx| {
            let scope = Timeout::after(&clock(), secs(9));
            let handle = scope.handle();
            let inside = scope.run_in(&cx, async |cx| forever(&cx).await);
            let given_up = deadheat_timeout::timeout(&clock(), secs(1), inside).await;
            assert!(given_up.is_err());
            assert_eq!((handle.state(), cx.cancelling()), (State::Finished, 0));
            assert!(handle.reschedule(None).is_err());

            let moving = Timeout::after(&clock(), secs(9)).run(pending::<()>());
            let handle = moving.handle();
            assert!(
                deadheat_timeout::timeout(&clock(), secs(1), moving)
                    .await
                    .is_err()
            );
            assert_eq!(handle.state(), State::Finished);
            forever(&cx).await
        });
        main.ended().await
    });
    assert_eq!(last, at(2));
}

#[test]
fn t06_a_scope_that_is_dropped_while_it_expires_takes_its_request_back() {
    fifo_task(async |cx| {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let inside = scope.run_in(&cx, async |_| {
            sleep(secs(9)).await;
            done(())
        });
        let given_up = deadheat_timeout::timeout(&clock(), secs(2), inside).await;
        assert!(given_up.is_err());
        assert_eq!((handle.state(), cx.cancelling()), (State::Expired, 0));
        assert!(!cx.canceller().is_cancel_undelivered());
        nap(&cx, secs(9)).await
    });
}

#[test]
fn t06_a_task_that_is_dropped_half_way_leaves_its_scopes_and_no_timer() {
    let last = stuck(|| async {
        let (outer, inner) = (
            Timeout::after(&clock(), secs(8)),
            Timeout::after(&clock(), secs(9)),
        );
        let handles = [outer.handle(), inner.handle()];
        let (work, handle) = task(&clock(), async move |cx| {
            let end = outer.run_in(&cx, async |cx| {
                inner.run_in(&cx, async |cx| forever(&cx).await).await
            });
            end.await
        });
        let running = spawn(work);
        sleep(secs(1)).await;
        running.abort();
        assert!(is_cancelled(&handle.ended().await));
        for handle in &handles {
            assert_eq!(handle.state(), State::Finished);
            assert!(handle.reschedule_after(secs(1)).is_err());
        }
        pending::<()>().await;
    });
    assert_eq!(last, at(1));
}

#[test]
fn t06_a_scope_that_was_never_entered_stays_created_when_it_is_dropped() {
    fifo_task(async |cx| {
        let handles = {
            let made = Timeout::after(&clock(), secs(1));
            let native = Timeout::after(&clock(), secs(1));
            let scoped = Timeout::after(&clock(), secs(1));
            let handles = [made.handle(), native.handle(), scoped.handle()];
            drop((
                made,
                native.run(async {}),
                scoped.run_in(&cx, async |_| Ok::<_, Failed>(())),
            ));
            handles
        };
        nap(&cx, secs(2)).await?;
        for handle in handles {
            assert_eq!(handle.state(), State::Created);
            assert_eq!(handle.reschedule(None).unwrap_err().state(), State::Created);
        }
        Ok(())
    });
}

#[test]
fn t06_a_cancelled_that_the_body_keeps_as_the_source_of_its_error_is_still_cancelled() {
    // DIFFERENCE: `raise Failed() from cancelled` is `Failed` in Python.
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |cx| {
            cx.wait(pending::<()>()).await?;
            Ok::<_, Failed>(())
        });
        assert!(matches!(end.await, Err(Failed::Elapsed(Elapsed { .. }))));
        Ok(())
    });
}
