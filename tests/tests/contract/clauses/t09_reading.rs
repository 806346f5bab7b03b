//! T9: `when()`, `expired()` and `state()` can be read at any time, after the exit, too. No timer of
//! a scope exists after its exit.

use std::future::pending;

use deadheat::program::spawn_task;
use deadheat::{clock, now, sleep};
use deadheat_timeout::{State, Timeout};

use super::support::*;

#[test]
fn t09_a_handle_outlives_its_scope_and_its_task() {
    fifo(|| async {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let copy = handle.clone();
        let main = spawn_task("main", async move |cx| {
            scope.run_in(&cx, async |cx| forever(&cx).await).await
        });
        assert!(is_elapsed(&main.ended().await));
        drop((main, handle));
        sleep(secs(100)).await;
        assert_eq!((copy.when(), copy.deadline()), (Some(at(1)), Some(at(1))));
        assert_eq!((copy.state(), copy.expired()), (State::Expired, true));
        assert!(format!("{copy:?}").contains("Expired"));
    });
}

#[test]
fn t09_every_state_can_be_read_from_another_task() {
    fifo(|| async {
        let scope = Timeout::never(&clock());
        let handle = scope.handle();
        let seen = || (handle.state(), handle.expired(), handle.when());
        assert_eq!(seen(), (State::Created, false, None));
        let main = spawn_task("main", async move |cx| {
            scope
                .run_in(&cx, async |cx| {
                    let end = forever(&cx).await;
                    sleep(secs(2)).await;
                    end
                })
                .await
        });
        sleep(secs(1)).await;
        assert_eq!(seen(), (State::Active, false, None));
        handle.reschedule_at(at(3)).unwrap();
        assert_eq!(seen(), (State::Active, false, Some(at(3))));
        sleep(secs(3)).await;
        assert_eq!(seen(), (State::Expiring, true, Some(at(3))));
        assert!(is_elapsed(&main.ended().await));
        assert_eq!(
            (seen(), now()),
            ((State::Expired, true, Some(at(3))), at(5))
        );
    });
}

#[test]
fn t09_a_state_is_printed_as_cpython_prints_it() {
    let printed: Vec<String> = State::ALL.iter().map(|state| state.to_string()).collect();
    assert_eq!(
        printed,
        ["created", "active", "expiring", "expired", "finished"]
    );
    let expired: Vec<bool> = State::ALL.iter().map(|state| state.is_expired()).collect();
    assert_eq!(expired, [false, false, true, true, false]);
}

/// How the body of a scope comes to its end.
#[derive(Debug, Clone, Copy)]
enum Way {
    Value,
    Error,
    OutsideCancel,
    Elapsed,
    ElapsedAfterCleanUp,
    ValueAfterExpiring,
    MovedLater,
    MovedEarlier,
    MovedToThePast,
    TakenAway,
    Dropped,
}

const WAYS: [Way; 11] = [
    Way::Value,
    Way::Error,
    Way::OutsideCancel,
    Way::Elapsed,
    Way::ElapsedAfterCleanUp,
    Way::ValueAfterExpiring,
    Way::MovedLater,
    Way::MovedEarlier,
    Way::MovedToThePast,
    Way::TakenAway,
    Way::Dropped,
];

async fn body(
    way: Way,
    cx: deadheat_timeout::Scope<deadheat::program::SimClock>,
) -> Result<(), Failed> {
    let deadline = cx.deadline();
    let wait = async |delay| cx.wait(sleep(secs(delay))).await;
    match way {
        Way::Value => {}
        Way::Error => return Err(Failed::Own),
        Way::Elapsed | Way::OutsideCancel | Way::Dropped => wait(999).await?,
        Way::ElapsedAfterCleanUp => {
            let end = wait(999).await;
            sleep(secs(5)).await;
            end?;
        }
        Way::ValueAfterExpiring => drop(wait(999).await),
        Way::MovedLater => deadline.shift(secs(90)).unwrap(),
        Way::MovedEarlier => {
            deadline.reschedule_after(secs(2)).unwrap();
            wait(1).await?;
        }
        Way::MovedToThePast => deadline.reschedule_at(at(0)).unwrap(),
        Way::TakenAway => deadline.reject().unwrap(),
    }
    wait(0).await?;
    Ok(())
}

/// Enters a scope with a deadline of ten seconds, and leaves it that way.
async fn leave(way: Way) -> Handle {
    let scope = Timeout::after(&clock(), secs(10));
    let handle = scope.handle();
    let (work, main) = deadheat_timeout::task(&clock(), async move |cx| {
        let _: Result<(), Failed> = scope.run_in(&cx, async |cx| body(way, cx).await).await;
        cx.wait(pending::<()>()).await?; // the task itself lives on
        Ok::<_, Failed>(())
    });
    let running = deadheat::spawn(work);
    sleep(secs(1)).await;
    match way {
        Way::OutsideCancel => drop(main.cancel()),
        Way::Dropped => running.abort(),
        _ => sleep(secs(29)).await,
    }
    sleep(ms(2)).await; // longer than a woken task may be late in the tests that explore
    handle
}

#[test]
fn t09_no_timer_of_a_scope_exists_after_its_exit_whichever_way_it_came() {
    for way in WAYS {
        let last = stuck(move || async move {
            let handle = leave(way).await;
            assert!(
                matches!(handle.state(), State::Expired | State::Finished),
                "{way:?}"
            );
            let left = now();
            pending::<()>().await;
            drop((handle, left));
        });
        let expected = match way {
            Way::OutsideCancel | Way::Dropped => 1_002,
            _ => 30_002,
        };
        assert_eq!(last.as_nanos(), expected * 1_000_000, "{way:?}");
    }
}

#[test]
fn t09_no_timer_is_left_in_any_order() {
    // That none is left behind is a check of the simulator's own, in every run.
    explored(|| async {
        let way = WAYS[deadheat::random(WAYS.len() as u64) as usize];
        let handle = leave(way).await;
        assert!(handle.reschedule_after(secs(1)).is_err());
    });
}

#[test]
fn t09_reading_changes_nothing() {
    fifo(|| async {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let reader = deadheat::spawn(async move {
            loop {
                let _ = (handle.when(), handle.state(), handle.expired(), handle.id());
                sleep(ms(1)).await;
            }
        });
        let main = spawn_task("main", async move |cx| {
            let end = scope.run_in(&cx, async |cx| forever(&cx).await).await;
            assert!(is_elapsed(&end));
            done(now())
        });
        assert_eq!(main.ended().await, Ok(at(1)));
        reader.abort();
    });
}
