//! backon's retries in virtual time: the pauses it promises, a deadline over them, jitter of the run.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder, Retryable as _};
use deadheat::{Config, Instant, check, clock, fault, now, random, replay, run};
use deadheat_ties::backon::Sleeper;
use deadheat_timeout::timeout;

fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_factor(2.0)
        .with_max_times(4)
}

/// The moments of all attempts of something that never works.
async fn attempts(backoff: ExponentialBuilder) -> Vec<Instant> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let attempt = || {
        seen.borrow_mut().push(now());
        async { Err::<(), ()>(()) }
    };
    let result = attempt.retry(backoff).sleep(Sleeper).await;
    assert!(result.is_err());
    seen.take()
}

#[test]
fn the_pauses_are_exactly_those_of_the_backoff() {
    let run = run(&Config::new(), || async {
        let mut at = attempts(backoff()).await.into_iter();
        let mut expected = Instant::START;
        assert_eq!(at.next(), Some(expected));
        // Its own sums: backon multiplies in single precision, and pauses 200.000003 ms for 200 ms.
        for pause in backoff().build() {
            expected = expected + pause;
            assert_eq!(at.next(), Some(expected));
        }
        assert_eq!(at.next(), None);
        assert_eq!(now().as_nanos() / 1_000, 1_500_000);
    });
    run.unwrap();
}

#[test]
fn a_deadline_ends_the_retries_between_two_attempts() {
    let run = run(&Config::new(), || async {
        let tries = Rc::new(Cell::new(0));
        let attempt = || {
            tries.set(tries.get() + 1);
            async { Err::<(), ()>(()) }
        };
        let retries = attempt.retry(backoff()).sleep(Sleeper);
        let late = timeout(&clock(), Duration::from_millis(699), retries).await;
        assert!(late.is_err());
        assert_eq!((tries.get(), now().as_nanos()), (3, 699_000_000));
    });
    run.unwrap();
}

#[test]
fn what_fails_fewer_times_than_there_are_attempts_works_in_the_end() {
    let config = Config::new().runs(200).check_determinism(true);
    let runs = check(&config, || async {
        let left = Rc::new(Cell::new(4));
        let attempt = || {
            let fails = left.get() > 0 && fault("the request");
            left.set(left.get() - i32::from(fails));
            async move { if fails { Err(()) } else { Ok(()) } }
        };
        let result = attempt.retry(backoff()).sleep(Sleeper).await;
        assert!(
            result.is_ok(),
            "four retries do not make up for four failures"
        );
    });
    runs.unwrap();
}

#[test]
fn jitter_with_a_seed_of_the_run_differs_between_runs_and_comes_back_in_a_replay() {
    let failing = |seed| {
        run(&Config::new().seed(seed), || async {
            let jittered = backoff().with_jitter().with_jitter_seed(random(u64::MAX));
            let at = attempts(jittered).await;
            panic!("{at:?}");
        })
        .unwrap_err()
        .run
    };
    let message = |run: &deadheat::Run| run.panic.as_ref().unwrap().to_string();
    let (one, other) = (failing(1), failing(2));
    assert_ne!(message(&one), message(&other));
    let again = replay(&Config::new(), &one.token.to_string(), || async {
        let jittered = backoff().with_jitter().with_jitter_seed(random(u64::MAX));
        let at = attempts(jittered).await;
        panic!("{at:?}");
    });
    let deadheat::ReplayError::Failure(again) = again.unwrap_err() else {
        panic!("the token was not read");
    };
    assert_eq!(again.run.fingerprint, one.fingerprint);
}
