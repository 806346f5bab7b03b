//! T12: `wait_for(what, delay)` is `timeout(delay)` around it. Zero: the result if `what` is done, else
//! it is cancelled. Waits until `what` has really ended; an error raised meanwhile passes through.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use deadheat::program::spawn_task;
use deadheat::{clock, now, sleep};
use deadheat_timeout::{Interrupted, TaskEnd, wait_for};

use super::support::*;

const DELAYS: [Option<Duration>; 4] = [
    None,
    Some(Duration::from_secs(5)),
    Some(Duration::from_secs(1_000_000)),
    Some(Duration::MAX),
];

/// A task that is cancelled after `clean_up`, with whatever `end` makes of it.
fn stubborn<T: Clone + 'static>(
    clean_up: u64,
    end: impl FnOnce(Result<(), Interrupted>) -> Result<T, Failed> + 'static,
) -> TaskHandle<T, Failed> {
    spawn_task("stubborn", async move |cx| {
        let asked = forever(&cx).await;
        sleep(secs(clean_up)).await;
        end(asked)
    })
}

fn cancelled(asked: Result<(), Interrupted>) -> Result<i32, Failed> {
    match asked {
        Err(Interrupted::Cancelled(cancelled)) => Err(cancelled.into()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn t12_a_future_that_is_ready_in_time_gives_its_value() {
    fifo_task(async |cx| {
        for delay in DELAYS {
            let value = async {
                sleep(secs(1)).await;
                7
            };
            assert_eq!(wait_for(&clock(), value, delay).await, Ok(7));
            assert_eq!(cx.wait_for(async { 7 }, delay).await, Ok(7));
            let value = cx.wait_for_body(async |cx| nap(&cx, secs(1)).await, delay);
            value.await?;
            let child = spawn_task("child", async |cx| {
                nap(&cx, secs(1)).await?;
                done(7)
            });
            assert_eq!(cx.wait_for_task(&child, delay).await, Ok(7));
            assert_eq!((child.cancelling(), cx.cancelling()), (0, 0));
        }
        Ok(())
    });
}

#[test]
fn t12_a_future_that_is_not_ready_in_time_ends_in_elapsed() {
    fifo_task(async |cx| {
        let delay = Some(secs(1));
        assert!(wait_for(&clock(), pending::<()>(), delay).await.is_err());
        assert_eq!(now(), at(1));
        assert!(is_elapsed(&cx.wait_for(pending::<()>(), delay).await));
        assert_eq!(now(), at(2));
        assert!(is_elapsed(
            &cx.wait_for_body(async |cx| forever(&cx).await, delay).await
        ));
        assert_eq!(now(), at(3));
        let child = spawn_task("child", async |cx| forever(&cx).await);
        assert!(is_elapsed(&cx.wait_for_task(&child, delay).await));
        assert_eq!((now(), child.end()), (at(4), Some(TaskEnd::Cancelled)));
        assert_eq!((child.cancelling(), cx.cancelling()), (1, 0));
        Ok(())
    });
}

#[test]
fn t12_without_a_delay_it_waits_for_as_long_as_it_takes() {
    fifo_task(async |cx| {
        let year = secs(365 * 86_400);
        wait_for(&clock(), sleep(year), None).await.unwrap();
        cx.wait_for(sleep(year), None).await?;
        cx.wait_for_body(async |cx| nap(&cx, year).await, None)
            .await?;
        let child = spawn_task("child", async move |cx| nap(&cx, year).await);
        cx.wait_for_task(&child, None).await
    });
}

#[test]
fn t12_with_no_time_at_all_a_future_is_dropped_unpolled() {
    fifo_task(async |cx| {
        let (polled, dropped) = (Flag::default(), Flag::default());
        let what = || {
            let (polled, held) = (polled.clone(), dropped.on_drop());
            async move {
                polled.raise();
                drop(held);
            }
        };
        assert!(wait_for(&clock(), what(), Some(ZERO)).await.is_err());
        assert!(is_elapsed(&cx.wait_for(what(), Some(ZERO)).await));
        let body = async |_: Cx| {
            what().await;
            Ok(())
        };
        assert!(is_elapsed(&cx.wait_for_body(body, Some(ZERO)).await));
        assert!(!polled.is_raised() && dropped.is_raised());
        assert_eq!((now(), cx.cancelling()), (at(0), 0));
        Ok(())
    });
}

#[test]
fn t12_with_no_time_at_all_a_body_is_dropped_before_the_wait_and_not_after_it() {
    fifo_task(async |cx| {
        let dropped = Flag::default();
        let held = dropped.on_drop();
        let body = async move |_| {
            drop(held);
            done(())
        };
        let mut wait = pin!(cx.wait_for_body(body, Some(ZERO)));
        let first = poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_pending())).await;
        assert!(first);
        assert!(dropped.is_raised());
        assert!(is_elapsed(&wait.await));
        Ok(())
    });
}

#[test]
fn t12_with_no_time_at_all_a_task_that_is_done_gives_its_result() {
    fifo_task(async |cx| {
        let done = spawn_task("done", async |_| Ok::<i32, Failed>(7));
        let failed = spawn_task("failed", async |_| Err::<i32, _>(Failed::Own));
        nap(&cx, secs(1)).await?;
        assert_eq!(cx.wait_for_task(&done, Some(ZERO)).await, Ok(7));
        assert_eq!(
            cx.wait_for_task(&failed, Some(ZERO)).await,
            Err(Failed::Own)
        );
        assert_eq!((done.cancelling(), failed.cancelling()), (0, 0));
        Ok(())
    });
}

#[test]
fn t12_with_no_time_at_all_a_task_is_cancelled_and_waited_for() {
    fifo_task(async |cx| {
        let child = stubborn(3, cancelled);
        nap(&cx, secs(1)).await?;
        let end = cx.wait_for_task(&child, Some(ZERO)).await;
        assert!(matches!(end, Err(Failed::Elapsed(_))));
        assert_eq!((now(), child.end()), (at(4), Some(TaskEnd::Cancelled)));
        // Also one that never had a turn: its body is never run.
        let run = Flag::default();
        let ran = run.clone();
        let fresh = spawn_task("fresh", async move |_| {
            ran.raise();
            done(())
        });
        assert!(is_elapsed(&cx.wait_for_task(&fresh, Some(ZERO)).await));
        assert!(!run.is_raised());
        Ok(())
    });
}

#[test]
fn t12_it_waits_until_the_task_has_really_ended_and_so_may_outlast_the_delay() {
    fifo_task(async |cx| {
        let child = stubborn(5, cancelled);
        let end = cx.wait_for_task(&child, Some(secs(1))).await;
        assert!(matches!(end, Err(Failed::Elapsed(_))));
        assert_eq!(now(), at(6));
        let body = cx.wait_for_body(
            async |cx| {
                let end = forever(&cx).await;
                sleep(secs(5)).await;
                end
            },
            Some(secs(1)),
        );
        assert!(is_elapsed(&body.await));
        assert_eq!((now(), cx.cancelling()), (at(12), 0));
        Ok(())
    });
}

#[test]
fn t12_an_error_raised_while_it_is_being_cancelled_passes_through() {
    fifo_task(async |cx| {
        for delay in [Some(ZERO), Some(secs(1))] {
            let child = stubborn(2, |_| Err::<(), _>(Failed::Own));
            nap(&cx, ms(1)).await?;
            assert_eq!(cx.wait_for_task(&child, delay).await, Err(Failed::Own));
        }
        let body = cx.wait_for_body(
            async |cx| {
                assert!(forever(&cx).await.is_err());
                Err::<(), _>(Failed::Own)
            },
            Some(secs(1)),
        );
        assert_eq!(body.await, Err(Failed::Own));
        Ok(())
    });
}

#[test]
fn t12_a_task_that_refuses_gives_its_value_after_all() {
    fifo_task(async |cx| {
        for delay in [Some(ZERO), Some(secs(1))] {
            let child = stubborn(2, |_| Ok(7));
            nap(&cx, ms(1)).await?;
            assert_eq!(cx.wait_for_task(&child, delay).await, Ok(7));
            assert_eq!(cx.cancelling(), 0);
        }
        Ok(())
    });
}

#[test]
fn t12_cancelling_the_wait_cancels_what_is_waited_for() {
    for delay in [None, Some(secs(5))] {
        fifo(move || async move {
            let child = stubborn(3, cancelled);
            let joined = child.clone();
            let main = spawn_task("main", async move |cx| {
                cx.wait_for_task(&joined, delay).await
            });
            sleep(secs(1)).await;
            assert!(main.cancel());
            assert!(matches!(main.ended().await, Err(Failed::Cancelled(_))));
            assert_eq!((now(), child.end()), (at(4), Some(TaskEnd::Cancelled)));
        });
        fifo(move || async move {
            let dropped = Flag::default();
            let held = dropped.on_drop();
            let main = spawn_task("main", async move |cx| {
                let what = async move {
                    pending::<()>().await;
                    drop(held);
                };
                cx.wait_for(what, delay).await
            });
            sleep(secs(1)).await;
            main.cancel();
            assert!(is_cancelled(&main.ended().await));
            assert!(dropped.is_raised());
            assert_eq!(now(), at(1));
        });
    }
}

#[test]
fn t12_cancelling_a_wait_for_without_time_ends_the_wait_and_not_before_the_task_was_asked() {
    fifo(|| async {
        let child = stubborn(3, cancelled);
        let joined = child.clone();
        let main = spawn_task("main", async move |cx| {
            nap(&cx, secs(1)).await?;
            let end = cx.wait_for_task(&joined, Some(ZERO)).await;
            assert!(matches!(end, Err(Failed::Cancelled(_))));
            done(())
        });
        sleep(secs(2)).await;
        main.cancel();
        main.ended().await.unwrap();
        assert_eq!((now(), child.cancelling()), (at(2), 1));
    });
}

#[test]
fn t12_the_delay_counts_from_the_first_poll() {
    // It is a coroutine in asyncio, too.
    fifo_task(async |cx| {
        let clock = clock();
        let native = wait_for(&clock, pending::<()>(), Some(secs(1)));
        let cooperative = cx.wait_for(pending::<()>(), Some(secs(1)));
        nap(&cx, secs(5)).await?;
        assert!(native.await.is_err());
        assert_eq!(now(), at(6));
        assert!(is_elapsed(&cooperative.await));
        assert_eq!(now(), at(7));
        Ok(())
    });
}

#[test]
fn t12_it_can_be_joined_with_waits_and_scopes() {
    fifo_task(async |cx| {
        let child = stubborn(2, cancelled);
        let end = cx.timeout(secs(1), async |cx| {
            cx.wait_for_task(&child, Some(secs(9))).await
        });
        assert!(matches!(end.await, Err(Failed::Elapsed(_))));
        assert_eq!((now(), child.cancelling(), cx.cancelling()), (at(3), 1, 0));
        Ok(())
    });
}

#[test]
fn t12_when_the_wait_has_ended_so_has_the_task_in_any_order() {
    explored_task(async |cx| {
        let child = spawn_task("child", async |cx| {
            cx.wait(sleep(ms(999)..=ms(1001))).await?;
            done(7)
        });
        match cx.wait_for_task(&child, Some(secs(1))).await {
            Ok(7) => {}
            // As in asyncio the deadline beats a value that is ready in the same turn; the task has
            // it still.
            end => assert!(is_elapsed(&end) && child.is_ended()),
        }
        match child.end() {
            Some(TaskEnd::Returned) => assert_eq!(child.output(), Some(Ok(7))),
            end => assert_eq!(end, Some(TaskEnd::Cancelled)),
        }
        assert_eq!(cx.cancelling(), 0);
        nap(&cx, ms(1)).await
    });
}
