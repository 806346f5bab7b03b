//! governor's limiters on the clock of the run, exact at the boundary.

use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::Duration;

use deadheat::{Config, Instant, check, now, run, sleep, sleep_until, spawn};
use deadheat_ties::governor::{Clock, until_n_ready, until_ready};
use governor::{Quota, RateLimiter};

fn some(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("not zero")
}

#[test]
fn a_cell_is_free_at_its_moment_and_not_a_nanosecond_before() {
    let run = run(&Config::new(), || async {
        let quota = Quota::per_second(some(4)).allow_burst(some(1));
        let limiter = RateLimiter::direct_with_clock(quota, Clock);
        assert!(limiter.check().is_ok());
        sleep_until(Instant::from_nanos(249_999_999)).await;
        assert!(limiter.check().is_err());
        sleep(Duration::from_nanos(1)).await;
        assert!(limiter.check().is_ok());
    });
    run.unwrap();
}

#[test]
fn many_who_wait_get_through_no_faster_than_the_quota_and_no_slower() {
    let runs = check(&Config::new().runs(200).check_determinism(true), || async {
        let quota = Quota::per_second(some(10)).allow_burst(some(2));
        let limiter = Rc::new(RateLimiter::direct_with_clock(quota, Clock));
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let limiter = limiter.clone();
                spawn(async move {
                    until_ready(&limiter).await;
                    now()
                })
            })
            .collect();
        let mut through = Vec::new();
        for task in tasks {
            through.push(task.await.unwrap());
        }
        through.sort();
        for (already, at) in through.iter().enumerate() {
            let free = 2 + at.as_nanos() / 100_000_000;
            assert!((already as i64) < free, "{already} before {at}");
        }
        // On time the last one leaves after 0.4 s; timers that are late add up.
        assert!(through[5].as_nanos() < 410_000_000, "late: {through:?}");
    });
    runs.unwrap();
}

#[test]
fn cells_for_several_come_together_or_never() {
    let run = run(&Config::new(), || async {
        let limiter = RateLimiter::direct_with_clock(Quota::per_second(some(2)), Clock);
        assert!(until_n_ready(&limiter, some(2)).await.is_ok());
        assert!(until_n_ready(&limiter, some(2)).await.is_ok());
        assert_eq!(now().as_nanos(), 1_000_000_000);
        assert!(until_n_ready(&limiter, some(3)).await.is_err());
        assert_eq!(now().as_nanos(), 1_000_000_000);
    });
    run.unwrap();
}
