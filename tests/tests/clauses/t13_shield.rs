//! T13: `shield(task)` is a wait that can be cancelled without cancelling the task.

use deadheat::{clock, now, sleep, spawn_task};
use deadheat_timeout::{TaskEnd, shield, task, timeout};

use crate::support::*;

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
