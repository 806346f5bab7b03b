//! Each form on tokio's multi-thread runtime, and on its paused clock.

use std::error::Error;
use std::time::Duration;

use deadheat_timeout::{
    Cancelled, Elapsed, Interrupted, State, Timeout, TokioClock, shield, task, timeout, wait_for,
};

#[derive(Debug, Clone, thiserror::Error)]
enum OwnError {
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error(transparent)]
    Elapsed(#[from] Elapsed),
    #[error("own")]
    Own,
}

const SECOND: Duration = Duration::from_secs(1);
const CLOCK: TokioClock = TokioClock;

async fn sleep(seconds: u64) {
    tokio::time::sleep(SECOND * seconds as u32).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_can_be_spawned_on_the_multi_thread_runtime() {
    let native = tokio::spawn(timeout(&CLOCK, SECOND, async { 1 }));
    assert_eq!(native.await.unwrap(), Ok(1));

    let moving = Timeout::after(&CLOCK, Duration::from_millis(20));
    let handle = moving.handle();
    let run = tokio::spawn(moving.run(std::future::pending::<()>()));
    assert!(run.await.unwrap().is_err());
    assert!(handle.expired());

    let (work, handle) = task(&CLOCK, async |cx| {
        cx.timeout(Duration::from_millis(20), async |cx| {
            cx.wait(std::future::pending::<()>()).await?;
            Ok::<_, OwnError>(())
        })
        .await
    });
    tokio::spawn(work).await.unwrap();
    assert!(matches!(handle.ended().await, Err(OwnError::Elapsed(_))));

    let (child, child_handle) = task(&CLOCK, async |cx| {
        cx.wait(tokio::time::sleep(Duration::from_millis(5)))
            .await?;
        Ok::<_, OwnError>(7)
    });
    let (parent, parent_handle) = task(&CLOCK, async move |cx| {
        let shielded = cx.wait(shield(&child_handle)).await??;
        let joined = cx.join(&child_handle).await?;
        let waited = cx.wait_for_task(&child_handle, Some(SECOND)).await?;
        let future = cx
            .wait_for(async { 1 }, Some(SECOND))
            .await
            .map_err(|_| OwnError::Own)?;
        Ok::<i32, OwnError>(shielded + joined + waited + future)
    });
    tokio::spawn(child);
    tokio::spawn(parent).await.unwrap();
    assert_eq!(parent_handle.ended().await.unwrap(), 22);
    assert_eq!(
        tokio::spawn(wait_for(&CLOCK, async { 3 }, None))
            .await
            .unwrap(),
        Ok(3)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handle_moves_the_deadline_from_another_thread() {
    let moving = Timeout::after(&CLOCK, Duration::from_secs(3600));
    let handle = moving.handle();
    let running = tokio::spawn(moving.run(std::future::pending::<()>()));
    let mover = handle.clone();
    std::thread::spawn(move || {
        while mover.state() == State::Created {
            std::thread::yield_now();
        }
        mover.reschedule_after(Duration::from_millis(10)).unwrap();
    })
    .join()
    .unwrap();
    assert!(running.await.unwrap().is_err());
    assert_eq!(handle.reschedule(None).unwrap_err().state(), State::Expired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_gives_a_deadline_to_a_cooperative_scope_without_one() {
    let moving = Timeout::never(&CLOCK);
    let handle = moving.handle();
    let (work, ended) = task(&CLOCK, async move |cx| {
        moving
            .run_in(&cx, async |cx| {
                cx.wait(std::future::pending::<()>()).await?;
                Ok::<_, Interrupted>(())
            })
            .await
    });
    let running = tokio::spawn(work);
    std::thread::spawn(move || {
        while handle.state() == State::Created {
            std::thread::yield_now();
        }
        handle.reschedule_after(Duration::ZERO).unwrap();
    })
    .join()
    .unwrap();
    running.await.unwrap();
    assert!(matches!(ended.ended().await, Err(Interrupted::Elapsed(_))));
}

#[tokio::test(start_paused = true)]
async fn clean_up_that_awaits_outlives_the_deadline() {
    let start = tokio::time::Instant::now();
    let (work, handle) = task(&CLOCK, async |cx| {
        cx.timeout(SECOND, async |cx| {
            if let Err(cancelled) = cx.wait(sleep(9)).await {
                assert!(cx.deadline().expired());
                assert_eq!(cx.deadline().state(), State::Expiring);
                sleep(5).await;
                return Err(cancelled.into());
            }
            Ok::<_, OwnError>(())
        })
        .await
    });
    tokio::spawn(work).await.unwrap();
    assert!(matches!(handle.ended().await, Err(OwnError::Elapsed(_))));
    assert_eq!(start.elapsed(), SECOND * 6);
}

#[tokio::test(start_paused = true)]
async fn a_boxed_error_body_elapses_with_cancelled_as_the_source() {
    let (work, handle) = task(&CLOCK, async |cx| {
        let out = cx
            .timeout(SECOND, async |cx| {
                cx.wait(sleep(9)).await?;
                Ok::<_, Box<dyn Error + Send + Sync>>(())
            })
            .await;
        let error = out.unwrap_err();
        let elapsed = error.downcast_ref::<Elapsed>().unwrap();
        assert!(elapsed.source().unwrap().is::<Cancelled>());
        Ok::<_, Interrupted>(())
    });
    tokio::spawn(work).await.unwrap();
    assert_eq!(handle.ended().await, Ok(()));
}

#[cfg(feature = "anyhow")]
#[tokio::test(start_paused = true)]
async fn an_anyhow_body_elapses_also_behind_a_context() {
    use anyhow::Context;
    let (work, handle) = task(&CLOCK, async |cx| {
        let out = cx
            .timeout(SECOND, async |cx| {
                cx.wait(sleep(9)).await.context("while reading")?;
                Ok::<_, anyhow::Error>(())
            })
            .await;
        assert!(out.unwrap_err().is::<Elapsed>());
        Ok::<_, Interrupted>(())
    });
    tokio::spawn(work).await.unwrap();
    assert_eq!(handle.ended().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_nested_scope_inside_a_wait_takes_its_own_cancel() {
    let (work, handle) = task(&CLOCK, async |cx| {
        let inner = cx.clone();
        let out = cx
            .wait(inner.timeout(SECOND, async |cx| {
                cx.wait(sleep(9)).await?;
                Ok::<_, Interrupted>(())
            }))
            .await?;
        assert!(matches!(out, Err(Interrupted::Elapsed(_))));
        Ok::<_, Interrupted>(())
    });
    tokio::spawn(work).await.unwrap();
    assert_eq!(handle.ended().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_zero_deadline_lets_the_body_run_to_its_first_suspension() {
    let (work, handle) = task(&CLOCK, async |cx| {
        let ready = cx
            .timeout(Duration::ZERO, async |cx| {
                assert!(!cx.deadline().expired());
                Ok::<_, Interrupted>(cx.wait(async { 1 }).await?)
            })
            .await?;
        assert_eq!(ready, 1);
        cx.timeout(Duration::ZERO, async |cx| {
            Ok::<_, Interrupted>(cx.wait(sleep(1)).await?)
        })
        .await
    });
    tokio::spawn(work).await.unwrap();
    assert!(matches!(handle.ended().await, Err(Interrupted::Elapsed(_))));
}

#[tokio::test(start_paused = true)]
async fn far_future_delays_never_end_and_never_panic() {
    for delay in [
        Duration::MAX,
        Duration::from_secs(u64::MAX),
        Duration::from_secs(1 << 40),
    ] {
        assert_eq!(timeout(&CLOCK, delay, async { 1 }).await, Ok(1));
        let moving = Timeout::after(&CLOCK, SECOND);
        let handle = moving.handle();
        let out = moving
            .run(async move {
                handle.reschedule_after(delay).unwrap();
                sleep(5).await;
                handle.shift(delay).ok();
                2
            })
            .await;
        assert_eq!(out, Ok(2));
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_a_task_ends_it_for_those_who_wait() {
    let (work, handle) = task(&CLOCK, async |cx| {
        Ok::<_, Interrupted>(cx.wait(sleep(9)).await?)
    });
    let running = tokio::spawn(work);
    tokio::task::yield_now().await;
    running.abort();
    assert!(matches!(
        handle.ended().await,
        Err(Interrupted::Cancelled(_))
    ));
}

#[tokio::test]
async fn an_exhausted_budget_does_not_hide_the_deadline() {
    // Eats the whole cooperative budget in every turn and asks for the next one at once.
    let greedy = std::future::poll_fn(|cx| {
        while tokio::task::coop::has_budget_remaining() {
            let mut unit = std::pin::pin!(tokio::task::consume_budget());
            let _ = unit.as_mut().poll(cx);
        }
        cx.waker().wake_by_ref();
        std::task::Poll::<()>::Pending
    });
    assert!(
        timeout(&CLOCK, Duration::from_millis(20), greedy)
            .await
            .is_err()
    );
}
