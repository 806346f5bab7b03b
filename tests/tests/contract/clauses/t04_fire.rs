//! T4: at the fire the state becomes Expiring and `expired()` is true, while the body still cleans
//! up. The owner gets exactly one cancel request; a body that ignores it is not asked again.

use std::future::pending;

use deadheat::program::spawn_task;
use deadheat::{clock, now, sleep, sleep_until};
use deadheat_timeout::{State, Timeout};

use super::support::*;

#[test]
fn t04_expired_is_true_while_the_body_still_cleans_up() {
    fifo_task(async |cx| {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let end = scope.run_in(&cx, async |cx| {
            let end = forever(&cx).await;
            assert_eq!((cx.deadline().state(), now()), (State::Expiring, at(1)));
            sleep(secs(5)).await;
            assert!(cx.deadline().expired());
            nap(&cx, secs(5)).await?; // clean-up may wait, too: it was asked once
            assert_eq!(cx.deadline().state(), State::Expiring);
            end
        });
        assert!(is_elapsed(&end.await));
        assert_eq!((handle.state(), now()), (State::Expired, at(11)));
        Ok(())
    });
}

#[test]
fn t04_everybody_sees_it_from_the_moment_of_the_deadline() {
    fifo(|| async {
        let scope = Timeout::after(&clock(), secs(2));
        let handle = scope.handle();
        let owner = spawn_task("owner", async move |cx| {
            let end = scope.run_in(&cx, async |_| {
                sleep(secs(9)).await; // no cancellation point
                done(())
            });
            end.await
        });
        sleep(ms(1999)).await;
        assert_eq!((handle.expired(), owner.cancelling()), (false, 0));
        sleep(ms(2)).await;
        assert_eq!(handle.state(), State::Expiring);
        assert_eq!(
            (owner.cancelling(), owner.is_cancel_undelivered()),
            (1, true)
        );
        owner.ended().await.unwrap();
        assert_eq!((handle.state(), owner.cancelling()), (State::Expired, 0));
    });
}

#[test]
fn t04_in_the_native_form_the_future_is_dropped_at_the_deadline() {
    fifo(|| async {
        let dropped = Flag::default();
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let held = dropped.on_drop();
        let body = async move {
            pending::<()>().await;
            drop(held);
        };
        assert!(scope.run(body).await.is_err());
        assert!(dropped.is_raised());
        assert_eq!((handle.state(), now()), (State::Expired, at(1)));
    });
}

#[test]
fn t04_the_owner_gets_exactly_one_request() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |cx| {
            assert_eq!(cx.cancelling(), 0);
            let end = forever(&cx).await;
            assert_eq!(cx.cancelling(), 1);
            end
        });
        assert!(is_elapsed(&end.await));
        assert_eq!(cx.cancelling(), 0);
        Ok(())
    });
}

#[test]
fn t04_a_body_that_ignores_the_request_is_not_asked_again() {
    fifo_task(async |cx| {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let end = scope.run_in(&cx, async |cx| {
            assert!(forever(&cx).await.is_err());
            for _ in 0..100 {
                nap(&cx, secs(1)).await?;
            }
            done(7)
        });
        assert_eq!(end.await, Ok(7));
        assert_eq!((now(), handle.expired()), (at(101), true));
        Ok(())
    });
}

#[test]
fn t04_the_task_that_rescheduled_is_not_asked() {
    fifo(|| async {
        let scope = Timeout::never(&clock());
        let handle = scope.handle();
        let owner = spawn_task("owner", async move |cx| {
            let end = scope.run_in(&cx, async |cx| forever(&cx).await).await;
            assert_eq!(now(), at(1));
            end
        });
        let mover = spawn_task("mover", async move |cx| {
            let end = cx.timeout(secs(9), async |cx| {
                nap(&cx, secs(1)).await?;
                handle.reschedule_at(at(0)).unwrap();
                nap(&cx, secs(1)).await?;
                assert_eq!(cx.cancelling(), 0);
                done(())
            });
            end.await
        });
        assert!(is_elapsed(&owner.ended().await));
        mover.ended().await.unwrap();
    });
}

#[test]
fn t04_exactly_one_request_in_any_order() {
    explored(|| async {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let owner = spawn_task("owner", async move |cx| {
            let end = scope.run_in(&cx, async |cx| {
                let mut asked = 0;
                while now() < at(3) {
                    asked += u32::from(nap(&cx, ms(100)).await.is_err());
                }
                done(asked)
            });
            end.await
        });
        // Somebody keeps moving it about its instant; each move arms anew.
        let mover = deadheat::spawn(async move {
            while now() < at(2) {
                sleep_until(at(1).min(now() + ms(300))).await;
                if handle.reschedule_at(at(1)).is_err() {
                    break;
                }
                deadheat::yield_now().await;
            }
            handle.expired()
        });
        assert_eq!(owner.ended().await, Ok(1));
        assert!(mover.await.unwrap());
        assert_eq!(owner.cancelling(), 0);
    });
}

#[test]
fn t04_from_the_fire_on_a_reschedule_is_refused_also_before_the_owner_has_had_its_turn() {
    explored(|| async {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let owner = spawn_task("owner", async move |cx| {
            let end = scope.run_in(&cx, async |cx| forever(&cx).await).await;
            assert!(is_elapsed(&end));
            done(())
        });
        sleep(ms(999)..=ms(1002)).await;
        let expired = handle.expired();
        let moved = handle.reschedule(handle.when());
        assert_eq!(moved.is_err(), expired);
        owner.ended().await.unwrap();
    });
}
