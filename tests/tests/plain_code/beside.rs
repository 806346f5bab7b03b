//! A runtime of one's own beside a run: what it is told, and what its mistakes come to.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::beside::{Beside, attach, is_there};
use deadheat::program::busy;
use deadheat::{Config, Instant, block_on, run, run_blocking, sleep, spawn, yield_now};

const MS: Duration = Duration::from_millis(1);

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn tell(what: impl Into<String>) {
    TOLD.with_borrow_mut(|told| told.push(what.into()));
}

fn told() -> Vec<String> {
    TOLD.take()
}

/// Writes down what it is told.
#[derive(Debug)]
struct Writes;

impl Beside for Writes {
    fn begin(&self) {
        tell("begin");
    }
    fn turn(&self, now: Instant) {
        tell(format!("turn at {now}"));
    }
    fn within(&self, now: Instant, code: &mut dyn FnMut()) {
        tell(format!("within at {now}"));
        code();
    }
    fn moved(&self, now: Instant) {
        tell(format!("moved to {now}"));
    }
    fn keeps_time(&self) -> bool {
        true
    }
    fn pass(&self, until: Instant) {
        tell(format!("pass to {until}"));
    }
    fn end(self: Rc<Self>) {
        tell("end");
    }
}

#[test]
fn it_is_told_of_turns_of_time_and_of_the_end() {
    run(&Config::new().beside(|| Rc::new(Writes)), || async {
        sleep(MS).await;
        busy(MS);
    })
    .unwrap();
    let expected = [
        "begin",
        "within at 0 ms",
        "turn at 0 ms",
        "pass to 1 ms",
        "turn at 1 ms",
        "moved to 2 ms",
        "within at 2 ms",
        "within at 2 ms",
        "end",
    ];
    assert_eq!(told(), expected);
    // Nothing of it is left, so that time passes by itself in the next run of this thread.
    assert!(!is_there());
    run(&Config::new(), || sleep(MS)).unwrap();
    assert_eq!(told(), [""; 0]);
}

#[test]
fn turns_beneath_one_that_blocks_are_told_too() {
    run_blocking(&Config::new().beside(|| Rc::new(Writes)), || {
        let other = spawn(async {});
        block_on(other).unwrap();
    })
    .unwrap();
    let turns = told()
        .iter()
        .filter(|what| what.starts_with("turn"))
        .count();
    assert!(
        turns >= 3,
        "the program's, the other's, and that of what is on the stack: {turns}"
    );
}

/// Counts turns.
#[derive(Debug)]
struct Counts;

impl Beside for Counts {
    fn turn(&self, _: Instant) {
        tell("turn");
    }
}

#[test]
fn one_that_is_attached_is_there_from_the_next_turn_to_the_end_of_the_run() {
    run(&Config::new(), || async {
        assert!(!is_there());
        attach(|| Rc::new(Counts));
        // There is one already.
        attach(|| Rc::new(Writes));
        yield_now().await;
        yield_now().await;
    })
    .unwrap();
    assert_eq!(told(), ["turn", "turn"]);
    run(&Config::new(), yield_now).unwrap();
    assert_eq!(told(), [""; 0], "it was of that run only");
}

#[test]
fn one_that_is_attached_beneath_a_turn_that_blocks_is_there_afterwards() {
    run_blocking(&Config::new(), || {
        block_on(spawn(async { attach(|| Rc::new(Counts)) })).unwrap();
        told();
        block_on(yield_now());
    })
    .unwrap();
    assert!(!told().is_empty());
}

#[test]
fn its_mistakes_fail_the_run_and_say_what_they_are() {
    /// Does not call what it is given.
    #[derive(Debug)]
    struct Idle;
    impl Beside for Idle {
        fn within(&self, _: Instant, _: &mut dyn FnMut()) {}
    }
    /// Does not drive the run.
    #[derive(Debug)]
    struct Stands;
    impl Beside for Stands {
        fn drive(&self, _: &mut dyn FnMut() -> bool) {}
    }
    let report = |config: &Config, program: fn()| {
        let failure = run(config, move || async move { program() });
        failure.unwrap_err().to_string()
    };
    let idle = report(&Config::new().beside(|| Rc::new(Idle)), || ());
    let what =
        "the runtime beside the run did not call the code that it was given (Beside::within)";
    assert!(idle.contains(what), "{idle}");
    let stands = report(&Config::new().beside(|| Rc::new(Stands)), || ());
    let what = "the runtime beside the run did not drive it to its end (Beside::drive)";
    assert!(stands.contains(what), "{stands}");
    let late = report(&Config::new(), || attach(|| Rc::new(Writes)));
    let what = "what keeps time stands beside a run from its start: see deadheat::Config::beside";
    assert!(late.contains(what), "{late}");
    let never = report(&Config::new().beside(|| panic!("no runtime")), || ());
    assert!(never.contains("the program's start panicked at"), "{never}");
    run(&Config::new(), || sleep(MS)).expect("the thread is as good as before");
}

/// Panics wherever it is asked, but drives the run once too often.
#[derive(Debug)]
struct Panics(&'static str);
impl Panics {
    fn at(&self, place: &str) {
        assert!(self.0 != place, "no {place}");
    }
}
impl Beside for Panics {
    fn begin(&self) {
        self.at("begin");
    }
    fn drive(&self, go_on: &mut dyn FnMut() -> bool) {
        while go_on() {}
        go_on();
        self.at("drive");
    }
    fn turn(&self, _: Instant) {
        self.at("turn");
    }
    fn turned(&self) {
        self.at("turned");
    }
    fn within(&self, _: Instant, code: &mut dyn FnMut()) {
        code();
        self.at("within");
    }
    fn pass(&self, _: Instant) {
        self.at("pass");
    }
    fn keeps_time(&self) -> bool {
        self.at("keeps_time");
        true
    }
    fn moved(&self, _: Instant) {
        self.at("moved");
    }
    fn advice(&self, _: &str) -> Option<&'static str> {
        panic!("no advice")
    }
    fn end(self: Rc<Self>) {
        self.at("end");
    }
}

#[test]
fn wherever_it_panics_the_run_fails_and_the_thread_is_as_good_as_before() {
    macro_rules! panics_at {
        ($($place:literal)*) => {
            [$(($place, (|| Rc::new(Panics($place)) as Rc<dyn Beside>) as fn() -> Rc<dyn Beside>)),*]
        };
    }
    let makers =
        panics_at! { "begin" "drive" "turn" "turned" "within" "pass" "keeps_time" "moved" "end" };
    for (place, make) in makers {
        let failure = run(&Config::new().beside(make), || async {
            sleep(MS).await;
            busy(MS);
        });
        let report = failure.unwrap_err().to_string();
        assert!(report.contains(&format!("no {place}")), "{place}: {report}");
        run(&Config::new(), || sleep(MS)).expect("the thread is as good as before");
    }
}
