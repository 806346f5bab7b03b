//! T13: `shield(task)` is a wait that can be cancelled without cancelling the task.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use deadheat::program::spawn_task;
use deadheat::{clock, now, sleep};
use deadheat_timeout::{TaskEnd, shield, task, timeout};
use tokio::sync::Notify;

use super::support::*;

fn seven_at_five() -> TaskHandle<i32> {
    spawn_task("child", async |cx| {
        nap(&cx, secs(5)).await?;
        Ok(7)
    })
}

#[test]
fn t13_a_shield_gives_what_the_task_ends_in() {
    fifo_task(async |cx| {
        let child = seven_at_five();
        assert_eq!(cx.wait(shield(&child)).await?, Ok(7));
        assert_eq!(
            cx.wait(shield(&child)).await?,
            Ok(7),
            "also when it has ended"
        );
        let failed = spawn_task("failed", async |_| Err::<(), _>(Failed::Own));
        assert_eq!(cx.wait(shield(&failed)).await?, Err(Failed::Own));
        let cancelled = spawn_task("cancelled", async |cx| forever(&cx).await);
        cancelled.cancel();
        assert!(is_cancelled(&cx.wait(shield(&cancelled)).await?));
        assert_eq!(cx.cancelling(), 0);
        Ok(())
    });
}

#[test]
fn t13_cancelling_the_wait_leaves_the_task_alone() {
    fifo(|| async {
        let child = seven_at_five();
        let shielded = child.clone();
        let main = spawn_task("main", async move |cx| cx.wait(shield(&shielded)).await?);
        sleep(secs(1)).await;
        main.cancel();
        assert!(is_cancelled(&main.ended().await));
        assert_eq!((now(), child.cancelling(), child.end()), (at(1), 0, None));
        assert_eq!(child.ended().await, Ok(7));
        assert_eq!(now(), at(5));
    });
}

#[test]
fn t13_a_deadline_around_a_shield_leaves_the_task_alone() {
    fifo_task(async |cx| {
        let child = seven_at_five();
        let end = cx.timeout(secs(1), async |cx| cx.wait(shield(&child)).await?);
        assert!(is_elapsed(&end.await));
        assert!(timeout(&clock(), secs(1), shield(&child)).await.is_err());
        assert_eq!((now(), child.cancelling()), (at(2), 0));
        assert_eq!(cx.join(&child).await, Ok(7));
        Ok(())
    });
}

#[test]
fn t13_a_task_that_has_ended_is_no_wait() {
    fifo_task(async |cx| {
        let child = seven_at_five();
        nap(&cx, secs(9)).await?;
        cx.canceller().cancel();
        assert_eq!(cx.wait(shield(&child)).await, Ok(Ok(7)));
        assert!(is_cancelled(&nap(&cx, secs(1)).await));
        Ok(())
    });
}

#[test]
fn t13_several_can_shield_one_task_and_are_told_in_the_order_they_came() {
    fifo(|| async {
        let child = seven_at_five();
        let log = Log::default();
        let names = ["first", "second", "third"];
        let waiters = names.map(|name| {
            let (child, log) = (child.clone(), log.clone());
            spawn_task(name, async move |cx| {
                assert_eq!(cx.wait(shield(&child)).await?, Ok(7));
                log.note(name);
                done(())
            })
        });
        for waiter in &waiters {
            waiter.ended().await.unwrap();
        }
        log.is(&names.map(|name| (at(5), name)));
    });
}

#[test]
fn t13_anybody_can_await_the_end_of_a_task_without_being_one() {
    fifo(|| async {
        let child = seven_at_five();
        let waiting = deadheat::spawn({
            let child = child.clone();
            async move { child.ended().await }
        });
        let given_up = timeout(&clock(), secs(1), child.ended()).await;
        assert!(given_up.is_err());
        assert_eq!(waiting.await, Ok(Ok(7)));
        assert_eq!(child.cancelling(), 0);
    });
}

#[test]
fn t13_an_output_can_be_taken_once_and_copied_before() {
    fifo(|| async {
        let child = seven_at_five();
        assert_eq!((child.output(), child.is_ended()), (None, false));
        assert_eq!(child.ended().await, Ok(7));
        assert_eq!(child.output(), Some(Ok(7)));
        assert_eq!(child.take_output(), Some(Ok(7)));
        assert_eq!((child.output(), child.take_output()), (None, None));
        assert_eq!(child.end(), Some(TaskEnd::Returned));
    });
}

#[test]
fn t13_who_waits_for_an_output_that_was_taken_waits_for_ever_and_does_not_spin() {
    let last = stuck(|| async {
        let (work, handle) = task(&clock(), async |_| done(7));
        work.await;
        assert_eq!(handle.take_output(), Some(Ok(7)));
        handle.ended().await
    });
    assert_eq!(last, at(0));
}

#[test]
fn t13_a_shielded_task_is_never_cancelled_in_any_order() {
    explored(|| async {
        let child = seven_at_five();
        let shielded = child.clone();
        let main = spawn_task("main", async move |cx| {
            let end = cx.timeout(secs(5), async |cx| cx.wait(shield(&shielded)).await?);
            end.await
        });
        sleep(ms(4999)..=ms(5001)).await;
        let accepted = main.cancel();
        let end = main.ended().await;
        assert_eq!(is_cancelled(&end), accepted);
        assert_eq!(child.ended().await, Ok(7));
        assert_eq!(child.cancelling(), 0);
    });
}

#[test]
fn t13_a_turn_for_another_reason_does_not_bring_the_end_of_a_shielded_task_forward() {
    fifo(|| async {
        let told = Rc::new(Notify::new());
        let tells = told.clone();
        let child = spawn_task("child", async move |cx| {
            nap(&cx, secs(1)).await?;
            tells.notify_one();
            done(7)
        });
        let mut other = pin!(async {
            told.notified().await;
            pending::<()>().await;
        });
        let mut shielded = pin!(shield(&child));
        let mut turns = Vec::new();
        let end = poll_fn(|cx| {
            assert!(other.as_mut().poll(cx).is_pending());
            let end = shielded.as_mut().poll(cx);
            turns.push((now(), end.is_ready()));
            end
        });
        assert_eq!(end.await, Ok(7));
        // Told in the turn of the child, then by the callback, which comes after it.
        assert_eq!(turns, [(at(0), false), (at(1), false), (at(1), true)]);
    });
}

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn t13_who_has_given_up_waiting_for_a_task_is_not_woken_at_its_end() {
    fifo(|| async {
        let child = seven_at_five();
        let [kept, given_up] = [(); 2].map(|()| Arc::new(Count::default()));
        let wait = |count: &Arc<Count>| {
            let mut ended = Box::pin(child.ended());
            let waker = Waker::from(count.clone());
            assert!(
                ended
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
            ended
        };
        let _kept = wait(&kept);
        drop(wait(&given_up));
        assert_eq!(Arc::strong_count(&given_up), 1, "nothing is kept of it");
        assert_eq!(child.ended().await, Ok(7));
        let woken = [&kept, &given_up].map(|count| count.0.load(Ordering::Relaxed));
        assert_eq!(woken, [1, 0]);
    });
}
