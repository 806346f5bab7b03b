//! T8: a reschedule takes an instant or none, in state Active only. At or before now it fires on the
//! next turn. From inside, or from another task. And async-timeout's names for it.

use std::future::pending;
use std::time::Duration;

use deadheat::program::spawn_task;
use deadheat::{Instant, clock, now, sleep};
use deadheat_timeout::{Clock, ShiftError, State, Timeout, Timer};

use super::support::*;

/// When a scope with a deadline of five seconds fires, if `change` is done to it at one second:
/// from inside and from another task, in the native and in the cooperative form.
fn fires_at(change: fn(&Handle), expected: i64) {
    for from_inside in [true, false] {
        fifo(move || async move {
            let scope = Timeout::after(&clock(), secs(5));
            let (handle, mover) = (scope.handle(), scope.handle());
            if !from_inside {
                let mover = mover.clone();
                deadheat::spawn(async move {
                    sleep(secs(1)).await;
                    change(&mover);
                });
            }
            let body = async move {
                if from_inside {
                    sleep(secs(1)).await;
                    change(&mover);
                }
                pending::<()>().await;
            };
            assert!(scope.run(body).await.is_err());
            assert_eq!((now(), handle.state()), (at(expected), State::Expired));
        });
        fifo(move || async move {
            let scope = Timeout::after(&clock(), secs(5));
            let mover = scope.handle();
            let main = spawn_task("main", async move |cx| {
                let end = scope.run_in(&cx, async |cx| {
                    if from_inside {
                        nap(&cx, secs(1)).await?;
                        change(cx.deadline());
                    }
                    forever(&cx).await
                });
                end.await
            });
            if !from_inside {
                sleep(secs(1)).await;
                change(&mover);
            }
            assert!(is_elapsed(&main.ended().await));
            assert_eq!((now(), mover.state()), (at(expected), State::Expired));
        });
    }
}

/// The same, for a change after which the scope never fires.
fn never_fires(change: fn(&Handle)) {
    fifo(move || async move {
        let scope = Timeout::after(&clock(), secs(5));
        let mover = scope.handle();
        let main = spawn_task("main", async move |cx| {
            let end = scope.run_in(&cx, async |cx| nap(&cx, secs(1_000_000)).await);
            end.await
        });
        sleep(secs(1)).await;
        change(&mover);
        main.ended().await.unwrap();
        assert_eq!((mover.when(), mover.state()), (None, State::Finished));
    });
    fifo(move || async move {
        let scope = Timeout::after(&clock(), secs(5));
        let (handle, mover) = (scope.handle(), scope.handle());
        let body = async move {
            sleep(secs(1)).await;
            change(&mover);
            sleep(secs(1_000_000)).await;
        };
        assert_eq!(scope.run(body).await, Ok(()));
        assert_eq!((handle.when(), handle.state()), (None, State::Finished));
    });
}

#[test]
fn t08_later() {
    fires_at(|it| it.reschedule(Some(at(7))).unwrap(), 7);
    fires_at(|it| it.reschedule_at(at(7)).unwrap(), 7);
    fires_at(|it| it.reschedule_after(secs(6)).unwrap(), 7);
    fires_at(|it| it.update(at(7)).unwrap(), 7);
    fires_at(|it| it.shift(secs(2)).unwrap(), 7);
}

#[test]
fn t08_earlier() {
    fires_at(|it| it.reschedule(Some(at(2))).unwrap(), 2);
    fires_at(|it| it.reschedule_at(at(2)).unwrap(), 2);
    fires_at(|it| it.reschedule_after(secs(1)).unwrap(), 2);
    fires_at(|it| it.update(at(2)).unwrap(), 2);
    fires_at(|it| it.shift_earlier(secs(3)).unwrap(), 2);
}

#[test]
fn t08_to_the_same_instant() {
    fires_at(|it| it.reschedule(it.when()).unwrap(), 5);
    fires_at(|it| it.shift(ZERO).unwrap(), 5);
    fires_at(|it| it.shift_earlier(ZERO).unwrap(), 5);
}

#[test]
fn t08_at_or_before_now_it_fires_on_the_next_turn() {
    fires_at(|it| it.reschedule_at(at(1)).unwrap(), 1);
    fires_at(|it| it.reschedule_at(at(0)).unwrap(), 1);
    fires_at(
        |it| it.reschedule_at(Instant::from_nanos(i64::MIN)).unwrap(),
        1,
    );
    fires_at(|it| it.reschedule_after(ZERO).unwrap(), 1);
    fires_at(|it| it.shift_earlier(secs(4)).unwrap(), 1);
    fires_at(|it| it.shift_earlier(secs(5_000)).unwrap(), 1);
    // A difference that the clock cannot represent is now.
    fires_at(|it| it.shift_earlier(Duration::MAX).unwrap(), 1);
}

#[test]
fn t08_to_none() {
    never_fires(|it| it.reschedule(None).unwrap());
    never_fires(|it| it.reject().unwrap());
    never_fires(|it| it.reschedule_after(Duration::MAX).unwrap());
    never_fires(|it| it.shift(Duration::MAX).unwrap());
}

#[test]
fn t08_the_last_of_several_is_what_counts() {
    fires_at(
        |it| {
            it.reschedule_at(at(0)).unwrap();
            assert_eq!(it.state(), State::Active, "never inline");
            it.reject().unwrap();
            it.reschedule_at(at(2)).unwrap();
            it.shift(secs(1)).unwrap();
        },
        3,
    );
    never_fires(|it| {
        it.reschedule_at(at(0)).unwrap();
        it.reject().unwrap();
    });
    fires_at(
        |it| {
            it.reject().unwrap();
            it.update(it.deadline().map_or(at(4), |_| at(9))).unwrap();
        },
        4,
    );
}

#[test]
fn t08_a_deadline_out_of_nothing() {
    fifo_task(async |cx| {
        let end = Timeout::never(&clock()).run_in(&cx, async |cx| {
            nap(&cx, secs(3)).await?;
            assert_eq!(cx.deadline().shift(secs(1)), Err(ShiftError::NoDeadline));
            assert_eq!(
                cx.deadline().shift_earlier(ZERO),
                Err(ShiftError::NoDeadline)
            );
            assert_eq!(
                (cx.deadline().when(), cx.deadline().state()),
                (None, State::Active)
            );
            cx.deadline().reschedule_after(secs(1)).unwrap();
            forever(&cx).await
        });
        assert!(is_elapsed(&end.await));
        assert_eq!(now(), at(4));
        Ok(())
    });
}

#[test]
fn t08_the_deadline_may_move_hundreds_of_times() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |cx| {
            for _ in 0..500 {
                nap(&cx, ms(999)).await?;
                cx.deadline().reschedule_after(secs(1)).unwrap();
            }
            forever(&cx).await
        });
        assert!(is_elapsed(&end.await));
        assert_eq!(
            now(),
            Instant::from_nanos(500 * 999_000_000 + 1_000_000_000)
        );
        Ok(())
    });
}

/// Every operation that may be refused, on a scope in `state`.
fn refused(handle: &Handle, state: State) {
    let before = handle.when();
    let results = [
        handle.reschedule(None),
        handle.reschedule(Some(at(99))),
        handle.reschedule_at(at(99)),
        handle.reschedule_after(secs(99)),
        handle.update(at(99)),
        handle.reject(),
    ];
    for result in results {
        assert_eq!(result.unwrap_err().state(), state);
    }
    for result in [handle.shift(secs(1)), handle.shift_earlier(secs(1))] {
        match (before, result) {
            (Some(_), Err(ShiftError::State(error))) => assert_eq!(error.state(), state),
            // That there is a deadline is looked at first.
            (None, Err(ShiftError::NoDeadline)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        (handle.when(), handle.state()),
        (before, state),
        "nothing has changed"
    );
}

#[test]
fn t08_it_is_refused_before_the_enter_while_expiring_and_after_the_exit() {
    fifo_task(async |cx| {
        for deadline in [Some(at(1)), None] {
            let scope = Timeout::with_deadline(&clock(), deadline);
            refused(&scope.handle(), State::Created);
            let handle = scope.handle();
            let value = scope.run_in(&cx, async |_| done(()));
            refused(&handle, State::Created);
            value.await?;
            refused(&handle, State::Finished);
        }
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let end = scope.run_in(&cx, async |cx| {
            let end = forever(&cx).await;
            refused(cx.deadline(), State::Expiring);
            end
        });
        assert!(is_elapsed(&end.await));
        refused(&handle, State::Expired);

        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        assert!(scope.run(pending::<()>()).await.is_err());
        refused(&handle, State::Expired);

        let scope = Timeout::never(&clock());
        let handle = scope.handle();
        refused(&handle, State::Created);
        scope.run(sleep(secs(1))).await.unwrap();
        refused(&handle, State::Finished);
        Ok(())
    });
}

#[test]
fn t08_a_task_moves_the_deadline_of_another_one_or_is_told_that_it_came_too_late() {
    explored(|| async {
        let scope = Timeout::at(&clock(), at(1));
        let handle = scope.handle();
        let main = spawn_task("main", async move |cx| {
            let end = scope.run_in(&cx, async |cx| forever(&cx).await).await;
            assert!(is_elapsed(&end));
            done(now())
        });
        sleep(ms(999)..=ms(1001)).await;
        let moved = handle.reschedule_at(at(2));
        let fired = main.ended().await.unwrap();
        assert_eq!(moved.is_ok(), fired >= at(2));
        assert_eq!(
            handle.when(),
            Some(if moved.is_ok() { at(2) } else { at(1) })
        );
    });
}

#[test]
fn t08_a_timer_that_was_moved_is_polled_again_to_be_armed() {
    fifo(|| async {
        let mut timer = std::pin::pin!(clock().timer(at(1)));
        Timer::reset(timer.as_mut(), at(2));
        timer.as_mut().await;
        assert_eq!(now(), at(2));
        Timer::reset(timer.as_mut(), at(3));
        Timer::disarm(timer.as_mut());
        let never = deadheat_timeout::timeout(&clock(), secs(9), timer.as_mut()).await;
        assert!(never.is_err());
    });
}
