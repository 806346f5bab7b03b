//! T1: a deadline is an instant of the scope's own clock, or none. A delay counts from the call. A
//! sum that overflows the clock is none.

use std::future::pending;

use deadheat::{Instant, clock, now, sleep};
use deadheat_timeout::{Clock, Timeout, timeout, timeout_at};

use super::support::*;

#[test]
fn t01_a_delay_counts_from_the_call_of_the_native_form_and_not_from_the_first_poll() {
    fifo(|| async {
        let plain = timeout(&clock(), secs(3), pending::<()>());
        let moving = Timeout::after(&clock(), secs(4)).run(pending::<()>());
        sleep(secs(1)).await;
        assert!(plain.await.is_err());
        assert_eq!(now(), at(3));
        assert!(moving.await.is_err());
        assert_eq!(now(), at(4));
    });
}

#[test]
fn t01_a_delay_counts_from_the_call_of_the_cooperative_form_and_not_from_the_first_poll() {
    fifo_task(async |cx| {
        let plain = cx.timeout(secs(3), async |cx| forever(&cx).await);
        let moving = Timeout::after(&clock(), secs(4)).run_in(&cx, async |cx| forever(&cx).await);
        nap(&cx, secs(1)).await?;
        assert!(is_elapsed(&plain.await));
        assert_eq!(now(), at(3));
        assert!(is_elapsed(&moving.await));
        assert_eq!(now(), at(4));
        Ok(())
    });
}

#[test]
fn t01_an_instant_is_the_deadline_whenever_the_scope_is_made() {
    fifo_task(async |cx| {
        nap(&cx, secs(1)).await?;
        assert!(timeout_at(&clock(), at(2), pending::<()>()).await.is_err());
        assert_eq!(now(), at(2));
        let moving = Timeout::at(&clock(), at(3));
        assert_eq!(moving.handle().when(), Some(at(3)));
        assert!(moving.run(pending::<()>()).await.is_err());
        assert_eq!(now(), at(3));
        let scope = cx.timeout_at(Some(at(4)), async |cx| forever(&cx).await);
        assert!(is_elapsed(&scope.await));
        assert_eq!(now(), at(4));
        Ok(())
    });
}

#[test]
fn t01_without_a_deadline_a_scope_never_fires() {
    fifo_task(async |cx| {
        let year = secs(365 * 86_400);
        let never = Timeout::never(&clock());
        let handle = never.handle();
        assert_eq!(handle.when(), None);
        assert_eq!(never.run(sleep(year)).await, Ok(()));
        assert!(!handle.expired());
        cx.timeout_at(None, async |cx| nap(&cx, year).await).await?;
        let none = Timeout::with_deadline(&clock(), None);
        none.run_in(&cx, async |cx| nap(&cx, year).await).await
    });
}

#[test]
fn t01_a_sum_that_overflows_the_clock_is_no_deadline() {
    for delay in [
        std::time::Duration::MAX,
        secs(u64::MAX),
        std::time::Duration::from_nanos(u64::MAX),
        std::time::Duration::from_nanos(i64::MAX as u64 + 1),
    ] {
        fifo(move || async move {
            assert_eq!(Timeout::after(&clock(), delay).handle().when(), None);
            assert_eq!(timeout(&clock(), delay, sleep(secs(9))).await, Ok(()));
            let moving = Timeout::after(&clock(), secs(1));
            let handle = moving.handle();
            let body = async {
                handle.reschedule_after(delay).unwrap();
                assert_eq!(handle.when(), None);
                sleep(secs(9)).await;
            };
            assert_eq!(moving.run(body).await, Ok(()));
        });
        fifo(move || async move {
            let work = deadheat::program::spawn_task("main", async move |cx| {
                cx.timeout(delay, async |cx| nap(&cx, secs(9)).await).await
            });
            work.ended().await.unwrap();
        });
    }
}

#[test]
fn t01_the_last_moment_of_the_clock_is_a_deadline_and_the_one_after_it_is_none() {
    fifo(|| async {
        let most = std::time::Duration::from_nanos(i64::MAX as u64);
        let last = Timeout::after(&clock(), most);
        assert_eq!(last.handle().when(), Some(Instant::MAX));
        sleep(std::time::Duration::from_nanos(1)).await;
        assert_eq!(Timeout::after(&clock(), most).handle().when(), None);
        assert_eq!(clock().checked_add(now(), most), None);
        assert_eq!(timeout(&clock(), most, sleep(secs(1))).await, Ok(()));
    });
}

#[test]
fn t01_a_deadline_may_lie_before_the_start_of_the_clock() {
    fifo(|| async {
        let before = Instant::from_nanos(i64::MIN);
        let late = timeout_at(&clock(), before, pending::<()>()).await;
        assert!(late.is_err());
        assert!(
            Timeout::at(&clock(), before)
                .run(pending::<()>())
                .await
                .is_err()
        );
        assert_eq!(now(), Instant::START);
    });
}
