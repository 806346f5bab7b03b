//! T3: a deadline at or before now fires on the next turn, never inline: the body runs to its first
//! suspension, and a body that ends before it suspends has not timed out.

use std::future::pending;
use std::time::Duration;

use deadheat::{Instant, clock, now, sleep, yield_now};
use deadheat_timeout::{State, Timeout, timeout, timeout_at};

use super::support::*;

/// Now, and before it, also before the start of the run.
fn not_after(now: Instant) -> [Instant; 3] {
    let past = Instant::from_nanos(now.as_nanos() - 1);
    [now, past, Instant::from_nanos(-7)]
}

#[test]
fn t03_a_body_that_ends_before_it_suspends_has_not_timed_out() {
    fifo_task(async |cx| {
        nap(&cx, secs(1)).await?;
        assert_eq!(timeout(&clock(), ZERO, async { 7 }).await, Ok(7));
        for deadline in not_after(now()) {
            assert_eq!(timeout_at(&clock(), deadline, async { 7 }).await, Ok(7));

            let scope = Timeout::at(&clock(), deadline);
            let handle = scope.handle();
            assert_eq!(scope.run(async { 7 }).await, Ok(7));
            assert_eq!((handle.state(), handle.expired()), (State::Finished, false));

            let scope = Timeout::at(&clock(), deadline);
            let handle = scope.handle();
            let body = scope.run_in(&cx, async |cx| {
                // Ready at once: not a suspension.
                let ready = cx.wait(async { 7 }).await?;
                assert_eq!(ready, 7);
                done(())
            });
            body.await?;
            assert_eq!((handle.state(), handle.expired()), (State::Finished, false));
        }
        Ok(())
    });
}

#[test]
fn t03_the_body_runs_to_its_first_suspension_and_no_further() {
    fifo_task(async |cx| {
        nap(&cx, secs(1)).await?;
        for deadline in not_after(now()) {
            let log = Log::default();
            let body = async {
                log.note("before");
                sleep(secs(1)).await;
                log.note("after");
            };
            assert!(timeout_at(&clock(), deadline, body).await.is_err());
            log.is(&[(at(1), "before")]);

            let log = Log::default();
            let scope = cx.timeout_at(Some(deadline), async |cx| {
                assert!(!cx.deadline().expired());
                log.note("before");
                let end = nap(&cx, secs(1)).await;
                assert!(cx.deadline().expired());
                log.note("cleaned up");
                end
            });
            assert!(is_elapsed(&scope.await));
            log.is(&[(at(1), "before"), (at(1), "cleaned up")]);
        }
        Ok(())
    });
}

#[test]
fn t03_it_fires_on_the_next_turn_even_if_the_body_only_gives_way() {
    fifo_task(async |cx| {
        let end = cx.timeout(ZERO, async |cx| {
            cx.wait(yield_now()).await?;
            Ok(())
        });
        assert!(is_elapsed(&end.await));
        assert_eq!(now(), at(0));
        Ok(())
    });
}

#[test]
fn t03_a_plain_await_is_no_place_to_be_told_so_the_value_passes() {
    fifo_task(async |cx| {
        let scope = Timeout::after(&clock(), ZERO);
        let handle = scope.handle();
        let end = scope.run_in(&cx, async |_| {
            yield_now().await;
            done(7)
        });
        assert_eq!(end.await, Ok(7));
        assert_eq!(handle.state(), State::Expired);
        assert_eq!(cx.cancelling(), 0);
        nap(&cx, secs(1)).await
    });
}

#[test]
fn t03_a_reschedule_to_the_past_from_inside_does_not_fire_inline() {
    fifo_task(async |cx| {
        nap(&cx, secs(1)).await?;
        for deadline in not_after(now()) {
            let scope = Timeout::never(&clock());
            let handle = scope.handle();
            let value = scope.run_in(&cx, async |cx| {
                cx.deadline().reschedule_at(deadline).unwrap();
                assert_eq!(cx.deadline().state(), State::Active);
                done(())
            });
            value.await?;
            assert_eq!(handle.state(), State::Finished);

            let end = Timeout::never(&clock()).run_in(&cx, async |cx| {
                cx.deadline().reschedule_at(deadline).unwrap();
                forever(&cx).await
            });
            assert!(is_elapsed(&end.await));

            let scope = Timeout::never(&clock());
            let handle = scope.handle();
            let body = async move {
                handle.reschedule_at(deadline).unwrap();
                assert!(!handle.expired());
                pending::<()>().await;
            };
            assert!(scope.run(body).await.is_err());
            assert_eq!(now(), at(1));
        }
        Ok(())
    });
}

#[test]
fn t03_never_inline_in_any_order() {
    explored_task(async |cx| {
        for delay in [ZERO, Duration::from_nanos(1)] {
            let value = cx.timeout(delay, async |cx| {
                for _ in 0..3 {
                    assert!(!cx.deadline().expired());
                    cx.wait(async {}).await?;
                }
                done(())
            });
            value.await?;
            let end = cx.timeout(delay, async |cx| forever(&cx).await).await;
            assert!(is_elapsed(&end));
        }
        Ok(())
    });
}
