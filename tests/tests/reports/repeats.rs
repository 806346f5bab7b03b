//! A failing run that does not repeat is reported as it failed; nothing is shrunk or told from other runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
use deadheat::property::decisions;
use deadheat::{
    Bounds, Config, Failure, Mix, Regressions, ReplayError, Sampler, check, now, replay, run,
    sleep, spawn, spawn_named, yield_now,
};
use deadheat_timeout::timeout;
use proptest::test_runner::{Config as ProptestConfig, RngSeed, TestRunner};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Counts how often the program was made: what a static does that lives on from one run to the next.
#[derive(Clone, Default)]
struct Made(Arc<AtomicU64>);

impl Made {
    /// The number of this making, from 0.
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Nothing may stand in the report that another run would have told.
fn is_of_the_run_alone(failure: &Failure) {
    assert!(!failure.repeats());
    assert_eq!(failure.departures_before, None);
    assert!(failure.decisive.is_empty());
    assert!(failure.slack.is_none() && failure.fate.is_none() && failure.nearest.is_none());
    let report = failure.to_string();
    assert!(report.contains("this run does not repeat: "), "{report}");
    assert!(!report.contains("shrunk from"), "{report}");
}

#[test]
fn the_reason_of_a_run_that_fails_once_is_told() {
    let made = Made::default();
    let failure = check(&Config::new().name("flaky"), || {
        let number = made.next();
        async move {
            sleep(ms(1)..=ms(5)).await;
            assert!(number != 7, "the reason");
        }
    })
    .unwrap_err();
    is_of_the_run_alone(&failure);
    let report = failure.to_string();
    assert!(
        report.starts_with("FAILED  flaky   run 8 of 1000 (seed 7, "),
        "{report}"
    );
    assert!(report.contains(": the reason\n"), "{report}");
    assert!(
        report.contains("made again twice, by the same decisions, it passed each time"),
        "{report}"
    );
    assert!(failure.run.trace.is_none(), "a passing trace: {report}");
    assert!(
        report.contains("the run does not repeat: this may pass"),
        "{report}"
    );
}

#[test]
fn one_that_fails_each_time_by_other_events_is_shown_with_the_first_difference() {
    let made = Made::default();
    let failure = check(&Config::new(), || {
        let number = made.next();
        async move {
            sleep(ms(1 + number)).await;
            panic!("at {}", now());
        }
    })
    .unwrap_err();
    is_of_the_run_alone(&failure);
    let report = failure.to_string();
    assert!(report.contains("at 1 ms"), "of the first making: {report}");
    assert!(
        report.contains("it failed in the same way, but other things"),
        "{report}"
    );
    assert!(
        report.contains("first difference among its repetitions: event "),
        "{report}"
    );
    assert!(report.contains("arm #1 deadline=0.002s"), "{report}");
}

#[test]
fn one_that_fails_in_another_way_when_it_is_made_again_says_in_which() {
    let made = Made::default();
    let failure = run(&Config::new(), || {
        let number = made.next();
        async move {
            assert!(number > 0, "the first");
            panic!("a later one");
        }
    })
    .unwrap_err();
    is_of_the_run_alone(&failure);
    let report = failure.to_string();
    assert!(report.contains(": the first\n"), "{report}");
    assert!(
        report.contains("it failed in another way (a later one) each time"),
        "{report}"
    );
}

/// Fails by a late timer as long as it has not been made `times` times, and passes from then on. Also gives how
/// often it was made until it was reported.
fn failing_so_often(times: u64) -> (Box<Failure>, u64) {
    let made = Made::default();
    let config = Config::new().mix(Mix::only(Sampler::Random, Bounds::late(ms(3))));
    let checked = check(&config, || {
        let number = made.next();
        async move {
            let late = spawn_named("late", async {
                sleep(ms(1)).await;
                now()
            });
            let others = [1, 2, 3].map(|n| spawn(sleep(ms(n))));
            let at = late.await.unwrap();
            for other in others {
                other.await.unwrap();
            }
            // The first failing run is seen before the count is out.
            assert!(number >= times || at.as_nanos() <= 1_200_000, "too late");
        }
    });
    let failure = checked.expect_err("a run fails before it is made so often");
    (failure, made.next())
}

#[test]
fn wherever_a_program_stops_failing_the_report_is_of_a_run_that_failed() {
    let (mut repeat, mut do_not) = (0, 0);
    let (_, in_all) = failing_so_often(u64::MAX);
    let while_shrunk = (60..in_all).step_by((in_all / 12) as usize);
    // From one that never repeats to one that stops failing after all has been told.
    for times in (5..60).chain(while_shrunk).chain(in_all - 20..in_all + 3) {
        let (failure, made) = failing_so_often(times);
        let report = failure.to_string();
        assert!(report.contains(": too late\n"), "{times}: {report}");
        if let Some(trace) = &failure.run.trace {
            let end = trace
                .events
                .iter()
                .rev()
                .find(|event| event.what.to_string() == "end panicked");
            assert!(end.is_some(), "{times}: a passing trace: {report}");
        }
        match failure.repeats() {
            true => {
                repeat += 1;
                assert!(
                    made <= times,
                    "{times}: told from runs that passed: {report}"
                );
            }
            false => {
                do_not += 1;
                is_of_the_run_alone(&failure);
                assert_eq!(
                    failure.number.map(|(number, _)| number),
                    Some(failure.run.seed())
                );
            }
        }
    }
    assert!(
        repeat > 0 && do_not > 30,
        "{repeat} repeat, {do_not} do not"
    );
}

#[test]
fn a_replay_that_fails_once_is_reported_with_its_own_trace() {
    let made = Made::default();
    let error = replay(&Config::new(), "dh1:0", || {
        let number = made.next();
        async move {
            yield_now().await;
            assert!(number > 0, "cold");
        }
    });
    let Err(ReplayError::Failure(failure)) = error else {
        panic!("it fails");
    };
    is_of_the_run_alone(&failure);
    let report = failure.to_string();
    assert!(report.contains(": cold\n"), "{report}");
    assert!(report.contains("end panicked"), "{report}");
}

#[test]
fn what_check_determinism_finds_is_reported_as_it_was() {
    let made = Made::default();
    let config = Config::new().check_determinism(true);
    let failure = check(&config, || {
        let number = made.next();
        async move { sleep(ms(number % 3 + 1)).await }
    })
    .unwrap_err();
    is_of_the_run_alone(&failure);
    assert_eq!(
        made.next(),
        4,
        "twice, and twice with a trace: no more to learn"
    );
}

#[test]
fn a_run_that_does_not_repeat_is_not_kept_and_one_that_is_kept_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let regressions = Regressions::at(folder.path().join("kept.txt"));
    let config = Config::new().regressions(regressions.clone());
    let made = Made::default();
    let flaky = || {
        let number = made.next();
        async move { assert!(number % 5 != 3, "sometimes") }
    };
    let failure = check(&config, flaky).unwrap_err();
    is_of_the_run_alone(&failure);
    let report = failure.to_string();
    assert!(report.contains("note: it is not kept"), "{report}");
    assert_eq!(regressions.load().unwrap(), []);

    // Run 2 is kept by somebody else, and is the one that fails next.
    let token = "dh1:2".parse().unwrap();
    regressions.keep(&token, "").unwrap();
    let kept = Made::default();
    let config = config.mix(Mix::only(Sampler::Fifo, Bounds::EXACT));
    let failure = check(&config, || {
        let number = kept.next();
        async move { assert!(number != 0, "when it is made first") }
    })
    .unwrap_err();
    is_of_the_run_alone(&failure);
    let report = failure.to_string();
    assert!(
        report.contains("it failed before, and is kept in"),
        "{report}"
    );
    assert!(report.contains(": when it is made first\n"), "{report}");
    assert!(report.contains("end panicked"), "its own trace: {report}");
    assert_eq!(regressions.load().unwrap(), [token]);
}

#[test]
fn a_cancel_after_which_a_check_fails_once_keeps_its_reason() {
    let made = Made::default();
    let failed = cancel_everywhere(
        &CancelEverywhere::new(),
        async || (),
        async |(): &mut ()| {
            sleep(ms(1)).await;
            sleep(ms(1)).await;
        },
        async move |(), _| assert!(made.next() != 2, "after that cancel"),
    );
    let failure = failed.unwrap_err().failure;
    is_of_the_run_alone(&failure);
    assert!(failure.to_string().contains(": after that cancel\n"));
}

#[test]
fn a_property_that_fails_once_keeps_its_reason() {
    let made = Made::default();
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    });
    let failed = runner.run(&decisions(ms(1)), |decisions| {
        decisions.check(|| {
            let number = made.next();
            async move { assert!(number != 5, "the sixth") }
        })
    });
    let reason = failed.unwrap_err().to_string();
    assert!(reason.contains(": the sixth\n"), "{reason}");
    assert!(reason.contains("this run does not repeat"), "{reason}");
}

#[test]
fn a_failure_that_repeats_is_shrunk_and_explained_as_ever() {
    let failure = check(&Config::new(), || async {
        let reply = sleep(ms(1)..=ms(5));
        timeout(&deadheat::clock(), ms(3), reply)
            .await
            .expect("a reply");
    })
    .unwrap_err();
    assert!(failure.repeats());
    assert_eq!(failure.run.token.tape.len(), 1);
    assert_eq!(failure.decisive, [true]);
    assert!(failure.nearest.is_some());
}
