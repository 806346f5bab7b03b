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
    let line =
        "  violated: what is taken is given back: 2 have it at once\n    at 1 ms, caused at tests/";
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
        failure.to_string().contains("one has it still at 0 ms"),
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
    let armed = format!("0 ms 0 Armed {{ timer: 1, deadline: {one_ms:?}, until: {one_ms:?} }}");
    let expected = [
        "0 ms - Spawned(0)",
        "0 ms 0 Turn(0)",
        &armed,
        "1 ms - Fired(1)",
        "1 ms - Woken(0)",
        "1 ms 0 Turn(0)",
        "1 ms 0 Logged(\"woken\")",
        "1 ms 0 Ended(0)",
    ];
    assert_eq!(*written.lock().unwrap(), expected);
}

fn with_it(config: Config) -> Config {
    config.invariant(GivenBack::default)
}

/// What a test that fails is told.
fn report_of(test: fn()) -> String {
    let raised = std::panic::catch_unwind(test).expect_err("it fails");
    *raised.downcast::<String>().expect("a report")
}

#[test]
#[expect(unnameable_test_items, reason = "it is called")]
fn the_attribute_takes_it_from_a_function() {
    #[deadheat::test(config = "with_it", regressions = false)]
    async fn whose() {
        holders().await;
    }
    let report = report_of(whose);
    assert!(
        report.contains("violated: what is taken is given back"),
        "{report}"
    );
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
fn one_that_objects_to_everything_drowns_no_other_and_costs_no_memory() {
    let long = "ü".repeat(1 << 20);
    let program = move || {
        let long = long.clone();
        async move {
            deadheat::program::violate(Check::Stated, long);
            for _ in 0..1_000 {
                log("again");
            }
            log("taken");
            log("taken");
        }
    };
    let config = Config::new().invariant(|| Objects);
    let failure = run(&config.invariant(GivenBack::default), program).unwrap_err();
    let violations = &failure.run.violations;
    let checks: Vec<Check> = violations.iter().map(|found| found.check).collect();
    let own = Check::Own("objects");
    assert_eq!(checks[..4], [own, own, Check::Stated, own], "in order");
    let other = Check::Own("what is taken is given back");
    assert_eq!(
        checks[4..].iter().filter(|check| **check == other).count(),
        1
    );
    assert!(checks.len() < 20, "{} are kept", checks.len());
    assert!(violations[2].text.len() < 5_000);
    let report = failure.to_string();
    assert!(report.contains("… and 2093056 bytes more\n"), "{report}");
    // 1,002 logs, a spawn, a turn and an end; the statement; and what the other finds.
    let more = 1_002 + 3 + 1 + 2 - checks.len();
    assert!(
        report.contains(&format!("  and {more} violations more\n")),
        "{report}"
    );
}

/// Writes down how the run ended.
struct Ends(std::sync::Arc<std::sync::Mutex<Vec<Verdict>>>);

impl Invariant for Ends {
    fn name(&self) -> &'static str {
        "ends"
    }

    fn event(&mut self, _: &Event<'_>) -> Result<(), String> {
        Ok(())
    }

    fn end(&mut self, end: &End) -> Result<(), String> {
        self.0.lock().unwrap().push(end.verdict);
        Ok(())
    }
}

#[test]
fn each_is_told_how_the_run_ended() {
    let ends = std::sync::Arc::default();
    let two = || {
        let (one, other) = (std::sync::Arc::clone(&ends), std::sync::Arc::clone(&ends));
        let config = Config::new().invariant(move || Ends(std::sync::Arc::clone(&one)));
        config.invariant(move || Ends(std::sync::Arc::clone(&other)))
    };
    let taken = || std::mem::take(&mut *ends.lock().unwrap());
    run(&two(), || sleep(MS)).unwrap();
    assert_eq!(taken(), [Verdict::Done; 2]);
    run(&two(), || async { panic!("on purpose") }).unwrap_err();
    assert_eq!(taken()[..2], [Verdict::Failed; 2]);
    run(&two(), std::future::pending::<()>).unwrap_err();
    assert_eq!(taken()[..2], [Verdict::Stuck; 2]);
}

#[test]
fn a_search_that_stops_when_it_is_quiet_asks_it_as_well() {
    let config = judged().until_quiet(true);
    let report = check(&config, holders).unwrap_err().to_string();
    assert!(
        report.contains("violated: what is taken is given back"),
        "{report}"
    );
}

/// Its answers differ from one making to the next.
#[test]
fn one_that_judges_the_same_run_in_two_ways_is_found_out() {
    struct Fickle(bool);
    impl Invariant for Fickle {
        fn name(&self) -> &'static str {
            "fickle"
        }
        fn event(&mut self, _: &Event<'_>) -> Result<(), String> {
            Ok(())
        }
        fn end(&mut self, _: &End) -> Result<(), String> {
            match self.0 {
                true => Err("today".to_owned()),
                false => Ok(()),
            }
        }
    }
    let makings = std::sync::atomic::AtomicU64::new(0);
    let make = move || Fickle(makings.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2 == 1);
    let config = Config::new().check_determinism(true).invariant(make);
    let report = check(&config, || sleep(MS)).unwrap_err().to_string();
    assert!(report.contains("this run does not repeat"), "{report}");
    assert!(report.contains("again  today"), "{report}");
}

fn begins_anew(_: Config) -> Config {
    Config::new().invariant(GivenBack::default)
}

#[test]
#[expect(unnameable_test_items, reason = "it is called")]
fn the_attribute_says_whose_test_it_is() {
    #[deadheat::test(config = "begins_anew", regressions = false)]
    async fn whose() {
        holders().await;
    }
    let report = report_of(whose);
    assert!(report.contains("FAILED  own_invariant::whose"), "{report}");
}

/// It remembers earlier runs, and from the sixth on objects to each.
#[test]
fn one_that_remembers_earlier_runs_is_found_out() {
    static ENDED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    struct Six;
    impl Invariant for Six {
        fn name(&self) -> &'static str {
            "six"
        }
        fn event(&mut self, _: &Event<'_>) -> Result<(), String> {
            Ok(())
        }
        fn end(&mut self, _: &End) -> Result<(), String> {
            match ENDED.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0..5 => Ok(()),
                _ => Err("more than five".to_owned()),
            }
        }
    }
    let failure = check(&Config::new().invariant(|| Six), || sleep(MS)).unwrap_err();
    assert!(!failure.repeats(), "{failure}");
    let report = failure.to_string();
    let why = "run 1 passed before it, and fails now that it is made again (more than five)\n";
    assert!(report.contains(why), "{report}");
}
