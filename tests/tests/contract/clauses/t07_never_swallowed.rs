//! T7: an outside cancel is never swallowed, whatever coincides with it. A request that was accepted
//! while the task was in a scope, or before, ends the task in `Cancelled`.

use std::time::Duration;

use deadheat::program::spawn_task;
use deadheat::{clock, now, sleep};
use deadheat_timeout::{Interrupted, Timeout};

use super::support::*;

/// Runs `body` in many orders; asks it to cancel about `when`, up to `times`. It ends in `Cancelled`
/// if and only if a request was accepted.
fn never_swallows<B, F>(times: usize, when: [Duration; 2], body: B)
where
    B: Fn(Cx) -> F + Copy + Sync + 'static,
    F: Future<Output = Result<(), Interrupted>> + 'static,
{
    explored(move || async move {
        let main = spawn_task("main", body);
        let mut accepted = false;
        for _ in 0..times {
            sleep(when[0]..=when[1]).await;
            accepted |= main.cancel();
        }
        let end = main.ended().await;
        assert_eq!(is_cancelled(&end), accepted, "{end:?}");
    });
}

const ABOUT_ONE: [Duration; 2] = [Duration::from_millis(999), Duration::from_millis(1002)];

#[test]
fn t07_at_the_deadline_of_a_scope() {
    never_swallows(1, ABOUT_ONE, async |cx| {
        cx.timeout(secs(1), async |cx| forever(&cx).await).await
    });
}

#[test]
fn t07_at_the_deadline_and_a_value_at_once() {
    never_swallows(1, ABOUT_ONE, async |cx| {
        cx.timeout(secs(1), async |cx| nap(&cx, secs(1)).await)
            .await
    });
}

#[test]
fn t07_during_clean_up_that_does_not_look() {
    never_swallows(1, [ms(1000), ms(1015)], async |cx| {
        cx.timeout(secs(1), async |cx| {
            let end = forever(&cx).await;
            sleep(ms(10)).await;
            end
        })
        .await
    });
}

#[test]
fn t07_during_clean_up_that_waits() {
    never_swallows(1, [ms(1000), ms(1015)], async |cx| {
        cx.timeout(secs(1), async |cx| {
            let end = forever(&cx).await;
            nap(&cx, ms(5)).await?;
            nap(&cx, ms(5)).await?;
            end
        })
        .await
    });
}

#[test]
fn t07_before_and_after_the_deadline() {
    never_swallows(2, [ms(499), ms(502)], async |cx| {
        cx.timeout(secs(1), async |cx| {
            let end = forever(&cx).await;
            sleep(ms(1)).await;
            end
        })
        .await
    });
}

#[test]
fn t07_as_a_scope_without_time_is_entered() {
    never_swallows(1, ABOUT_ONE, async |cx| {
        nap(&cx, secs(1)).await?;
        cx.timeout(ZERO, async |cx| forever(&cx).await).await
    });
}

#[test]
fn t07_between_two_scopes() {
    never_swallows(1, [ms(999), ms(1003)], async |cx| {
        let end = cx.timeout(secs(1), async |cx| forever(&cx).await).await;
        if is_cancelled(&end) {
            return end;
        }
        cx.timeout(ms(1), async |cx| forever(&cx).await).await
    });
}

#[test]
fn t07_at_nested_deadlines_that_are_equal() {
    never_swallows(1, ABOUT_ONE, async |cx| {
        cx.timeout(secs(1), async |cx| {
            cx.timeout(secs(1), async |cx| {
                cx.timeout(secs(1), async |cx| forever(&cx).await).await
            })
            .await
        })
        .await
    });
}

#[test]
fn t07_at_nested_deadlines_that_follow_one_another() {
    never_swallows(2, [ms(500), ms(502)], async |cx| {
        cx.timeout(ms(1001), async |cx| {
            let inner = cx.timeout(secs(1), async |cx| forever(&cx).await).await;
            if is_cancelled(&inner) {
                return inner;
            }
            forever(&cx).await
        })
        .await
    });
}

#[test]
fn t07_while_another_task_is_waited_for() {
    never_swallows(1, ABOUT_ONE, async |cx| {
        let child = spawn_task("child", async |cx| {
            let end = forever(&cx).await;
            sleep(ms(1)).await;
            end
        });
        cx.timeout(secs(1), async |cx| cx.join(&child).await).await
    });
}

#[test]
fn t07_as_the_task_that_is_waited_for_ends() {
    never_swallows(1, ABOUT_ONE, async |cx| {
        let child = spawn_task("child", async |cx| nap(&cx, secs(1)).await);
        cx.timeout(secs(2), async |cx| cx.join(&child).await)
            .await?;
        nap(&cx, ms(1)).await
    });
}

#[test]
fn t07_as_the_deadline_moves() {
    never_swallows(1, ABOUT_ONE, async |cx| {
        let scope = Timeout::after(&clock(), secs(5));
        let handle = scope.handle();
        deadheat::spawn(async move {
            sleep(ms(998)..=ms(1001)).await;
            handle.reschedule_at(now()).ok();
        });
        scope.run_in(&cx, async |cx| forever(&cx).await).await
    });
}

#[test]
fn t07_in_a_wait_for() {
    never_swallows(1, ABOUT_ONE, async |cx| {
        cx.wait_for(std::future::pending::<()>(), Some(secs(1)))
            .await
    });
    never_swallows(1, ABOUT_ONE, async |cx| {
        nap(&cx, secs(1)).await?;
        cx.wait_for(std::future::pending::<()>(), Some(ZERO)).await
    });
    never_swallows(1, ABOUT_ONE, async |cx| {
        let child = spawn_task("child", async |cx| forever(&cx).await);
        cx.wait_for_task(&child, Some(secs(1))).await
    });
    never_swallows(1, ABOUT_ONE, async |cx| {
        nap(&cx, secs(1)).await?;
        let child = spawn_task("child", async |cx| {
            let end = forever(&cx).await;
            sleep(ms(1)).await;
            end
        });
        cx.wait_for_task(&child, Some(ZERO)).await
    });
}

#[test]
fn t07_only_the_body_can_refuse_it_and_then_it_counts_still() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let scope = Timeout::after(&clock(), secs(2));
            let handle = scope.handle();
            let end = scope.run_in(&cx, async |cx| {
                assert!(nap(&cx, secs(9)).await.is_err()); // refused
                forever(&cx).await
            });
            // A foreign request was delivered inside and still counts: not `Elapsed`.
            assert!(is_cancelled(&end.await));
            assert_eq!((handle.expired(), cx.cancelling()), (true, 1));
            done(())
        });
        sleep(secs(1)).await;
        main.cancel();
        main.ended().await.unwrap();
    });
}
