//! An invariant of one's own: told of each event, reported, shrunk and replayed as a built-in one.

use std::time::Duration;

use deadheat::invariant::Check;
use deadheat::invariant::{End, Event, Happened, Invariant};
use deadheat::{
    Config, Instant, ReplayError, Verdict, Watch, check, explore_future, log, replay, run, sleep,
    spawn,
};

const MS: Duration = Duration::from_millis(1);

/// What is logged as taken is logged as given before it is taken again, and at the end.
#[derive(Default)]
struct GivenBack {
    taken: u32,
}

impl Invariant for GivenBack {
    fn name(&self) -> &'static str {
        "what is taken is given back"
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        match event.what {
            Happened::Logged("taken") => self.taken += 1,
            Happened::Logged("given") => self.taken -= 1,
            _ => return Ok(()),
        }
        match self.taken {
            0 | 1 => Ok(()),
            taken => Err(format!("{taken} have it at once")),
        }
    }

    fn end(&mut self, end: &End) -> Result<(), String> {
        match (end.verdict, self.taken) {
            (Verdict::Done, 1..) => Err(format!("one has it still at {}", end.at)),
            _ => Ok(()),
        }
    }
}

/// Two hold something for 2 ms, the second from 3 ms or, if its sleep is short, from 1 ms on.
async fn holders() {
    let hold = async |from| {
        sleep(from).await;
        log("taken");
        sleep(MS * 2).await;
        log("given");
    };
    let first = spawn(async move { hold(MS..=MS).await });
    let second = spawn(async move { hold(MS..=MS * 4).await });
    first.await.unwrap();
    second.await.unwrap();
}

fn judged() -> Config {
    Config::new().invariant(GivenBack::default)
}

#[test]
fn it_fails_a_run_and_the_report_and_the_replay_are_as_for_a_built_in_one() {
    let failure = check(&judged(), holders).unwrap_err();
    let violation = &failure.run.violations[0];
    assert_eq!(violation.check, Check::Own("what is taken is given back"));
    assert_eq!(failure.run.verdict, Verdict::Failed);
    let report = failure.to_string();
    let line = "  violated: what is taken is given back: 2 have it at once\n    at 0.001 s\n";
    assert!(report.contains(line), "{report}");
    let token = failure.run.token.to_string();
    let Err(ReplayError::Failure(again)) = replay(&judged(), &token, holders) else {
        panic!("{token} passes");
    };
    assert_eq!(again.run.fingerprint, failure.run.fingerprint);
    // Without it nothing is wrong, and the run is the same.
    let plain = replay(&Config::new(), &token, holders).unwrap();
    assert_eq!(plain.fingerprint, failure.run.fingerprint);
}

#[test]
fn it_is_told_of_the_end_and_judges_it() {
    let failure = run(&judged(), || async { log("taken") }).unwrap_err();
    assert!(
        failure.to_string().contains("one has it still at 0.000 s"),
        "{failure}"
    );
    assert!(run(&judged(), || async { [log("taken"), log("given")] }).is_ok());
}

#[test]
fn each_run_has_one_of_its_own_on_any_number_of_threads() {
    let explored = |jobs| {
        let config = judged().runs(300).jobs(jobs);
        let exploration = explore_future(&config, &Watch::default(), holders);
        let failing: u64 = exploration
            .found
            .iter()
            .filter(|found| found.failed)
            .map(|found| found.count)
            .sum();
        (failing, exploration.runs, exploration.fingerprints)
    };
    let (failing, runs, _) = explored(1);
    assert!(0 < failing && failing < runs, "{failing} of {runs}");
    assert_eq!(explored(3), explored(1));
}

/// Writes down every event.
struct Writes(std::sync::Arc<std::sync::Mutex<Vec<String>>>);

impl Invariant for Writes {
    fn name(&self) -> &'static str {
        "writes"
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        let Event { at, task, what, .. } = event;
        let task = task.map_or("-".to_owned(), |task| task.to_string());
        self.0.lock().unwrap().push(format!("{at} {task} {what:?}"));
        Ok(())
    }
}

#[test]
fn every_event_is_told_in_order() {
    let written = std::sync::Arc::default();
    let page = std::sync::Arc::clone(&written);
    let config = Config::new().invariant(move || Writes(std::sync::Arc::clone(&page)));
    run(&config, || async {
        sleep(MS).await;
        log("woken");
    })
    .unwrap();
    let one_ms = Instant::from_nanos(1_000_000);
    let armed = format!("0.000 s 0 Armed {{ timer: 1, deadline: {one_ms:?}, until: {one_ms:?} }}");
    let expected = [
        "0.000 s - Spawned(0)",
        "0.000 s 0 Turn(0)",
        &armed,
        "0.001 s - Fired(1)",
        "0.001 s - Woken(0)",
        "0.001 s 0 Turn(0)",
        "0.001 s 0 Logged(\"woken\")",
        "0.001 s 0 Ended(0)",
    ];
    assert_eq!(*written.lock().unwrap(), expected);
}

fn with_it(config: Config) -> Config {
    config.invariant(GivenBack::default)
}

#[deadheat::test(config = "with_it", regressions = false)]
#[should_panic(expected = "violated: what is taken is given back")]
async fn the_attribute_takes_it_from_a_function() {
    holders().await;
}

/// Panics where it is told to.
struct Panics(&'static str);

impl Panics {
    fn at(&self, place: &str) {
        assert!(self.0 != place, "no {place}");
    }
}

impl Invariant for Panics {
    fn name(&self) -> &'static str {
        "panics"
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        match event.what {
            Happened::Logged("in a destructor") => self.at("destructor"),
            Happened::Logged(_) => self.at("event"),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, _: &End) -> Result<(), String> {
        self.at("end");
        Ok(())
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.at("drop");
    }
}

#[test]
fn one_that_panics_fails_the_run_by_its_name_and_the_thread_is_as_good_as_before() {
    struct Logs;
    impl Drop for Logs {
        fn drop(&mut self) {
            log("in a destructor");
        }
    }
    let program = || async {
        let logs = Logs;
        log("something");
        // The program must not be able to catch it.
        _ = std::panic::catch_unwind(|| log("something else"));
        drop(logs);
    };
    for (place, who) in [
        (
            "make",
            "an invariant of one's own, as it was made, panicked at ",
        ),
        ("event", "the invariant \"panics\" panicked at "),
        ("destructor", "the invariant \"panics\" panicked at "),
        ("end", "the invariant \"panics\" panicked at "),
        (
            "drop",
            "an invariant of one's own, as it was dropped, panicked at ",
        ),
    ] {
        let config = Config::new().runs(3).invariant(move || {
            let own = Panics(place);
            own.at("make");
            own
        });
        let failure = check(&config, program).unwrap_err();
        let report = failure.to_string();
        let line = format!("  panicked: {who}tests/tests/search/own_invariant.rs:");
        assert!(report.contains(&line), "{place}: {report}");
        assert!(report.contains(&format!(": no {place}")), "{report}");
        assert_eq!(failure.run.violations, [], "{place}");
        run(&Config::new(), || sleep(MS)).expect("the thread makes runs as before");
    }
}

/// Objects to everything.
struct Objects;

impl Invariant for Objects {
    fn name(&self) -> &'static str {
        "objects"
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        Err(format!("{:?}", event.what))
    }
}

#[test]
fn one_that_objects_to_everything_is_heard_in_order_and_not_for_ever() {
    let program = || async {
        deadheat::program::violate(Check::Stated, "before all that follows".to_owned());
        for _ in 0..100_000 {
            log("again");
        }
    };
    let failure = run(&Config::new().invariant(|| Objects), program).unwrap_err();
    let violations = &failure.run.violations;
    assert!(violations.len() < 100, "{} are kept", violations.len());
    let checks: Vec<Check> = violations.iter().map(|found| found.check).take(4).collect();
    let own = Check::Own("objects");
    assert_eq!(checks, [own, own, Check::Stated, own]);
}
