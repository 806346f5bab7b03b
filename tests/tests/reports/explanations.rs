//! What a report says of the cause is true: the slack, the nearest passing run, the way back.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::{Bounds, Config, Failure, Mix, always, check, log, replay, sleep, spawn_named};

fn us(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

fn config() -> Config {
    Config::new().mix(Mix::portfolio(&[Bounds::late(us(1_000))]))
}

/// A watchdog that must be fed 0.4 ms before it barks.
async fn watchdog() {
    let fed = Rc::new(Cell::new(false));
    let feeder = Rc::clone(&fed);
    let feeding = spawn_named("feeder", async move {
        sleep(us(10_000)).await;
        feeder.set(true);
    });
    let bark = spawn_named("dog", async move {
        sleep(us(10_400)).await;
        always(fed.get(), || "barked".to_owned());
        sleep(us(5_000)).await;
        log("and slept on");
    });
    feeding.await.unwrap();
    bark.await.unwrap();
}

fn barked() -> Failure {
    *check(&config(), watchdog).expect_err("a planted bug")
}

#[test]
fn the_slack_is_the_least_lateness_that_breaks_it() {
    let slack = barked().slack.expect("it takes lateness");
    assert_eq!(slack.breaks_at, us(400));
    assert!(slack.passed_below > 100, "{slack}");
}

#[test]
fn a_bug_that_needs_no_lateness_has_no_slack() {
    let failure = check(&config(), || async { panic!("always") }).unwrap_err();
    assert_eq!(failure.slack, None);
    assert_eq!(failure.nearest, None, "no run passes");
    assert_eq!(failure.fate, None, "it was never open");
}

#[test]
fn the_nearest_passing_run_passes_and_differs_from_the_first_event_shown_on() {
    let failure = barked();
    let nearest = failure.nearest.as_ref().expect("a passing run");
    let token = nearest.token.to_string();
    let run = replay(&config(), &token, watchdog).expect("the nearest run passes");
    assert_eq!(
        run.token.tape.len() + 1,
        failure.run.token.tape.len(),
        "{failure}"
    );
    assert_eq!(nearest.failing[0], nearest.passing[0]);
    assert_ne!(nearest.failing[1], nearest.passing[1]);
}

#[test]
fn there_is_no_way_back_once_it_has_happened_although_it_shows_later() {
    let failure = check(&config(), || async {
        let first = spawn_named("first", sleep(us(10)..=us(90)));
        let second = spawn_named("second", sleep(us(40)..=us(60)));
        first.await.unwrap();
        let lost = second.is_finished();
        for _ in 0..10 {
            sleep(us(1_000)..=us(2_000)).await;
        }
        always(!lost, || "shows late".to_owned());
    })
    .unwrap_err();
    let fate = failure.fate.as_ref().expect("it was open at first");
    assert!(fate.before < fate.continuations, "{fate}");
    let last = fate.shares.last().unwrap();
    assert!(
        fate.event.at.as_nanos() < 1_000_000,
        "long before it shows: {fate}"
    );
    assert_eq!(last.1, fate.continuations);
}

#[test]
fn without_the_decisive_departure_the_run_passes() {
    let failure = barked();
    assert!(
        failure.decisive.iter().any(|decisive| *decisive),
        "{failure}"
    );
    for (index, _) in failure
        .decisive
        .iter()
        .enumerate()
        .filter(|(_, decisive)| **decisive)
    {
        let mut token = failure.run.token.clone();
        let mut departures = token.tape.departures().to_vec();
        departures.remove(index);
        token.tape = deadheat::decide::Tape::of(departures);
        token.fingerprint = None;
        replay(&config(), &token.to_string(), watchdog).expect("it passes");
    }
}

#[test]
fn a_departure_that_makes_no_difference_is_not_called_decisive() {
    let program = deadheat::Main::new(|| async {
        deadheat::fault("nothing that matters");
        let fails = deadheat::fault("what matters");
        always(!fails, || "it matters".to_owned());
    });
    let token = "dh1:0.f0=1/2.f1=1/2".parse().unwrap();
    let failure = deadheat::report::report_kept(&program, &config(), &token).expect("it fails");
    assert_eq!(failure.decisive, [false, true], "{failure}");
}

#[test]
fn shrinking_on_several_threads_comes_to_the_same_as_on_one() {
    // Long runs with many departures, of which two matter.
    let program = || async {
        let spin = spawn_named("spin", async {
            for _ in 0..3_000 {
                deadheat::yield_now().await;
            }
        });
        let noise: Vec<_> = (0..12)
            .map(|_| spawn_named("noise", sleep(us(1)..=us(50))))
            .collect();
        let wrong = (0..40).filter(|_| deadheat::fault("the disk")).count();
        for task in noise {
            task.await.unwrap();
        }
        spin.await.unwrap();
        always(wrong < 2, || "twice".to_owned());
    };
    let report = |jobs: usize| {
        let failure = check(&config().jobs(jobs), program).unwrap_err();
        assert!(
            failure.run.steps > 2_000,
            "long enough to be tried on several threads"
        );
        assert_eq!(failure.run.token.tape.len(), 2, "{failure}");
        (failure.departures_before, failure.run.token.to_string())
    };
    let one = report(1);
    assert!(one.0 > Some(5), "{one:?}");
    assert_eq!(report(2), one);
    assert_eq!(report(5), one);
}
