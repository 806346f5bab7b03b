//! T5: a cancel request adds one to the task's count and wakes it. It is delivered once, as
//! `Cancelled`, at the wait the task is in or the next one it enters, and beats a value that is ready
//! in the same turn. A task that is being waited for is asked instead.

use std::future::pending;

use deadheat::program::spawn_task;
use deadheat::{clock, now, sleep, spawn, yield_now};
use deadheat_timeout::{Cancelled, TaskEnd, task};
use tokio::sync::oneshot;

use super::support::*;

#[test]
fn t05_a_request_adds_one_and_wakes_the_task_where_it_waits() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let end = forever(&cx).await;
            assert_eq!((now(), cx.cancelling()), (at(1), 1));
            end
        });
        sleep(secs(1)).await;
        assert_eq!(
            (main.cancelling(), main.is_cancel_undelivered()),
            (0, false)
        );
        assert!(main.cancel());
        assert_eq!((main.cancelling(), main.is_cancel_undelivered()), (1, true));
        assert!(is_cancelled(&main.ended().await));
        assert_eq!(main.end(), Some(TaskEnd::Cancelled));
        assert_eq!(
            (main.cancelling(), main.is_cancel_undelivered()),
            (1, false)
        );
    });
}

#[test]
fn t05_it_is_delivered_once() {
    fifo_task(async |cx| {
        cx.canceller().cancel();
        assert!(nap(&cx, secs(1)).await.is_err());
        for _ in 0..10 {
            nap(&cx, secs(1)).await?;
        }
        Ok(())
    });
}

#[test]
fn t05_it_is_delivered_at_the_next_wait_and_not_at_a_plain_await() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            sleep(secs(5)).await;
            assert_eq!(now(), at(5));
            let end = nap(&cx, secs(5)).await;
            assert_eq!(now(), at(5));
            end
        });
        sleep(secs(1)).await;
        main.cancel();
        assert!(is_cancelled(&main.ended().await));
    });
}

#[test]
fn t05_what_is_ready_at_once_is_no_wait() {
    fifo_task(async |cx| {
        cx.canceller().cancel();
        assert_eq!(cx.wait(async { 7 }).await, Ok(7));
        assert!(cx.canceller().is_cancel_undelivered());
        assert_eq!(cx.wait(yield_now()).await, Err(Cancelled::new()));
        Ok(())
    });
}

#[test]
fn t05_it_beats_a_value_that_is_ready_in_the_same_turn() {
    for cancel_first in [true, false] {
        fifo(move || async move {
            let (sender, receiver) = oneshot::channel();
            let main = spawn_task("main", async move |cx| {
                let received = cx.wait(receiver).await?;
                done(received.unwrap())
            });
            yield_now().await;
            if cancel_first {
                main.cancel();
                sender.send(7).unwrap();
            } else {
                sender.send(7).unwrap();
                main.cancel();
            }
            assert!(is_cancelled(&main.ended().await));
        });
    }
}

#[test]
fn t05_it_beats_a_timer_of_the_same_instant_in_any_order_once_it_was_made() {
    explored(|| async {
        let main = spawn_task("main", async |cx| nap(&cx, secs(1)).await);
        sleep(secs(1)).await;
        let accepted = main.cancel();
        assert_eq!(is_cancelled(&main.ended().await), accepted);
    });
}

#[test]
fn t05_what_was_being_waited_for_is_dropped_in_the_turn_of_the_delivery() {
    fifo(|| async {
        let dropped = Flag::default();
        let seen = dropped.clone();
        let main = spawn_task("main", async move |cx| {
            let held = dropped.on_drop();
            let waited = cx.wait(async move {
                pending::<()>().await;
                drop(held);
            });
            let mut waited = std::pin::pin!(waited);
            assert!(waited.as_mut().await.is_err());
            assert!(dropped.is_raised(), "and not only with the wait itself");
            done(())
        });
        yield_now().await;
        main.cancel();
        assert!(!seen.is_raised());
        main.ended().await.unwrap();
    });
}

#[test]
fn t05_two_requests_before_one_delivery_are_delivered_once() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            assert!(forever(&cx).await.is_err());
            assert_eq!(cx.cancelling(), 2);
            nap(&cx, secs(1)).await
        });
        yield_now().await;
        assert!(main.cancel() && main.canceller().cancel());
        main.ended().await.unwrap();
        assert_eq!(main.cancelling(), 2);
    });
}

#[test]
fn t05_a_task_that_is_cancelled_before_its_first_turn_never_runs_its_body() {
    fifo(|| async {
        let (called, dropped) = (Flag::default(), Flag::default());
        let (calls, held) = (called.clone(), dropped.on_drop());
        let main = spawn_task("main", move |cx: Cx| {
            calls.raise();
            async move {
                drop(held);
                forever(&cx).await
            }
        });
        assert!(main.cancel());
        assert!(is_cancelled(&main.ended().await));
        assert!(!called.is_raised() && dropped.is_raised());
        assert_eq!(main.cancelling(), 1);
    });
}

#[test]
fn t05_cancelling_an_ended_task_does_nothing() {
    fifo(|| async {
        let main = spawn_task("main", async |_| done(7));
        assert_eq!(main.ended().await, Ok(7));
        assert!(!main.cancel() && !main.canceller().cancel());
        assert_eq!(
            (main.cancelling(), main.is_cancel_undelivered()),
            (0, false)
        );
        assert_eq!(
            (main.output(), main.end()),
            (Some(Ok(7)), Some(TaskEnd::Returned))
        );
    });
}

#[test]
fn t05_a_request_that_the_body_never_waited_for_ends_the_task() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            cx.canceller().cancel();
            done(7)
        });
        assert!(is_cancelled(&main.ended().await));
        // But not a body that ends in an error of its own.
        let failed = spawn_task("failed", async |cx| {
            cx.canceller().cancel();
            Err::<(), _>(Failed::Own)
        });
        assert_eq!(failed.ended().await, Err(Failed::Own));
        assert_eq!(failed.end(), Some(TaskEnd::Failed));
    });
}

#[test]
fn t05_a_task_that_is_dropped_ends_in_cancelled_after_its_body_is_gone() {
    fifo(|| async {
        let dropped = Flag::default();
        let held = dropped.on_drop();
        let (work, handle) = task(&clock(), async move |cx| {
            let end = forever(&cx).await;
            drop(held);
            end
        });
        let running = spawn(work);
        let waiter = spawn({
            let handle = handle.clone();
            async move { handle.ended().await }
        });
        sleep(secs(1)).await;
        running.abort();
        assert!(is_cancelled(&waiter.await.unwrap()));
        assert!(dropped.is_raised());
        assert!(!handle.cancel());
    });
}

#[test]
fn t05_a_task_that_is_waited_for_is_asked_instead_and_the_wait_goes_on_to_its_end() {
    fifo(|| async {
        let child = spawn_task("child", async |cx| {
            let end = forever(&cx).await;
            sleep(secs(3)).await; // clean-up
            end
        });
        let joined = child.clone();
        let parent = spawn_task("parent", async move |cx| {
            let end = cx.join(&joined).await;
            assert_eq!((now(), cx.cancelling()), (at(4), 1));
            end
        });
        sleep(secs(1)).await;
        assert!(parent.cancel());
        assert_eq!((parent.cancelling(), child.cancelling()), (1, 1));
        assert!(!parent.is_cancel_undelivered() && child.is_cancel_undelivered());
        assert!(is_cancelled(&parent.ended().await));
        assert_eq!(child.end(), Some(TaskEnd::Cancelled));
    });
}

#[test]
fn t05_the_wait_for_a_task_ends_in_whatever_that_task_ended_in() {
    fifo(|| async {
        let refuses = spawn_task("refuses", async |cx| {
            assert!(forever(&cx).await.is_err());
            Ok::<i32, Failed>(7)
        });
        let fails = spawn_task("fails", async |cx| match forever(&cx).await {
            Err(_) => Err::<i32, Failed>(Failed::Own),
            Ok(()) => Ok(0),
        });
        for (child, expected) in [(refuses, Ok(7)), (fails, Err(Failed::Own))] {
            let parent = spawn_task("parent", async move |cx| {
                let joined = cx.join(&child).await;
                // The request was for the child: it does not come again.
                cx.wait(sleep(secs(1))).await?;
                joined
            });
            yield_now().await;
            parent.cancel();
            assert_eq!(parent.ended().await, expected);
            assert_eq!(parent.cancelling(), 1);
        }
    });
}

#[test]
fn t05_an_ended_task_is_joined_at_once_and_takes_no_request() {
    fifo(|| async {
        let child = spawn_task("child", async |_| done(7));
        child.ended().await.unwrap();
        let parent = spawn_task("parent", async move |cx| {
            cx.canceller().cancel();
            assert_eq!(cx.join(&child).await, Ok(7));
            assert_eq!(child.cancelling(), 0);
            forever(&cx).await
        });
        assert!(is_cancelled(&parent.ended().await));
    });
}

#[test]
fn t05_a_request_after_the_end_of_the_joined_task_is_delivered_to_the_one_that_waits() {
    fifo(|| async {
        let (sender, receiver) = oneshot::channel::<()>();
        let child = spawn_task("child", async move |cx| {
            cx.wait(receiver).await?.unwrap();
            done(())
        });
        let joined = child.clone();
        let parent = spawn_task("parent", async move |cx| cx.join(&joined).await);
        yield_now().await;
        sender.send(()).unwrap();
        yield_now().await; // the child ends, and the parent is woken behind us
        assert_eq!(child.end(), Some(TaskEnd::Returned));
        assert!(parent.cancel());
        assert!(is_cancelled(&parent.ended().await));
    });
}

#[test]
fn t05_a_request_from_before_the_join_belongs_to_the_joined_task() {
    fifo(|| async {
        let child = spawn_task("child", async |cx| {
            let end = forever(&cx).await;
            sleep(secs(2)).await;
            end
        });
        let joined = child.clone();
        let parent = spawn_task("parent", async move |cx| {
            nap(&cx, secs(1)).await?;
            cx.canceller().cancel();
            let end = cx.join(&joined).await;
            assert_eq!(now(), at(3));
            end
        });
        assert!(is_cancelled(&parent.ended().await));
        assert_eq!((parent.cancelling(), child.cancelling()), (1, 1));
    });
}

#[test]
fn t05_no_accepted_request_is_lost_between_parent_and_child_in_any_order() {
    explored(|| async {
        let child = spawn_task("child", async |cx| nap(&cx, secs(1)).await);
        let parent = spawn_task("parent", async move |cx| {
            cx.join(&child).await?;
            nap(&cx, ms(1)).await
        });
        sleep(ms(999)..=ms(1002)).await;
        let accepted = parent.cancel();
        assert_eq!(is_cancelled(&parent.ended().await), accepted);
    });
}
