//! An input and the decisions of a run are one value for proptest, and shrink together.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::property::{Decisions, decisions};
use deadheat::{sleep, spawn};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Jobs that must end in the order in which they began; they do not if there are three or more and one of
/// them is slow.
fn jobs(count: usize, decisions: &Decisions) -> Result<(), TestCaseError> {
    decisions.check(move || async move {
        let order = Rc::new(RefCell::new(Vec::new()));
        let start = |job: usize| {
            let order = Rc::clone(&order);
            spawn(async move {
                sleep(ms(10)..=ms(40)).await;
                order.borrow_mut().push(job);
            })
        };
        let handles: Vec<_> = (0..count).map(start).collect();
        for handle in handles {
            handle.await.unwrap();
        }
        assert!(count < 3 || order.borrow().is_sorted(), "out of order");
    })
}

#[test]
fn both_shrink_to_the_smallest_that_fails_together() {
    let config = Config {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let failed = runner.run(&(decisions(ms(1)), 0..30_usize), |(decisions, count)| {
        jobs(count, &decisions)
    });
    let Err(TestError::Fail(reason, (decisions, count))) = failed else {
        panic!("a planted bug: {failed:?}");
    };
    assert_eq!(count, 3, "{reason}");
    assert!(
        format!("{decisions:?}").contains("at most 1 departures"),
        "{decisions:?}"
    );
    assert!(reason.message().contains("out of order"), "{reason}");
    let token = reason
        .message()
        .split('"')
        .find(|word| word.starts_with("dh1:"));
    assert_eq!(token.expect("a token").matches('/').count(), 1, "{reason}");
}

#[test]
fn decisions_decide_the_run() {
    let mut runner = TestRunner::deterministic();
    runner
        .run(&(decisions(ms(1)), 0..3_usize), |(decisions, count)| {
            jobs(count, &decisions)
        })
        .expect("fewer than three never fail");
}
