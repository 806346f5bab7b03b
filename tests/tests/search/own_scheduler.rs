//! A scheduler of one's own: what it is told of each option, and what its answers mean.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadheat::decide::{Choice, Decision, DecisionKind, Scheduler};
use deadheat::search::{Lane, Single};
use deadheat::{
    Bounds, Config, Main, Mix, Regressions, ReplayError, Run, Sampler, Verdict, Watch, check,
    clock, explore_future, replay, sleep, spawn, yield_now,
};
use deadheat_timeout::{Interrupted, timeout};

const MS: Duration = Duration::from_millis(1);

/// What is known of an option: what it is, whether it meets a deadline, and whether it only wakes.
type Told = (Choice, bool, bool);

/// A decision: whether any option is a timer, and the options.
type Asked = (bool, Vec<Told>);

/// Writes down what it is told, and always answers the same.
struct Asks {
    answer: u64,
    told: Arc<Mutex<Vec<Asked>>>,
}

impl Scheduler for Asks {
    fn name(&self) -> &'static str {
        "asks"
    }

    fn begin(&mut self, _: u64) -> bool {
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        assert_eq!(decision.kind, DecisionKind::Next);
        let told = |index| {
            let (meets, wakes) = (decision.meets(index), decision.only_wakes(index));
            (decision.option(index), meets, wakes)
        };
        let options = (0..decision.options).map(told).collect();
        self.told
            .lock()
            .unwrap()
            .push((decision.has_timers(), options));
        self.answer
    }
}

fn asked<F, Fut>(answer: u64, program: F) -> (Run, Vec<Asked>)
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: Send + 'static,
{
    let told = Arc::default();
    let scheduler = Asks {
        answer,
        told: Arc::clone(&told),
    };
    let program = Main::new(program);
    let (run, _) =
        Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, Box::new(scheduler));
    let told = std::mem::take(&mut *told.lock().unwrap());
    (run, told)
}

#[test]
fn an_answer_past_the_last_option_is_the_last_one() {
    let (run, told) = asked(u64::MAX, || async {
        spawn(async {});
        timeout(&clock(), 5 * MS, sleep(MS..=9 * MS)).await.ok();
    });
    assert_eq!(run.verdict, Verdict::Done);
    let departures = run.token.tape.departures();
    assert!(
        departures
            .iter()
            .all(|departure| departure.choice == departure.options - 1)
    );
    assert_eq!(departures.len(), told.len());
}

#[test]
fn the_deadline_among_the_moments_is_told() {
    let (_, told) = asked(0, || async {
        timeout(&clock(), 5 * MS, sleep(MS..=9 * MS)).await.ok();
    });
    let late = |nanos: i64, meets: bool| (Choice::Late(nanos), meets, false);
    let [(true, options)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(options[0].0, Choice::Fire(1));
    assert_eq!(
        options[1..],
        [
            late(4_999_999, false),
            late(5_000_000, true),
            late(5_000_001, false),
            late(9_000_000, false),
        ]
    );
}

#[test]
fn which_timers_only_wake_a_task_is_told() {
    let (_, told) = asked(0, || async {
        // A turn beside a turn.
        spawn(async { yield_now().await });
        yield_now().await;
        // Two timers that come due at once: one wakes a task, the other one lets a scope expire.
        let expires = deadheat::program::spawn_task("expires", async |cx| {
            cx.timeout(MS, async |cx| {
                cx.wait(std::future::pending::<()>()).await?;
                Ok::<_, Interrupted>(())
            })
            .await
        });
        sleep(MS).await;
        expires.ended().await.unwrap_err();
    });
    let turns = told.iter().find(|(timers, _)| !timers).unwrap();
    assert!(
        turns
            .1
            .iter()
            .all(|(choice, _, wakes)| { matches!(choice, Choice::Turn(_)) && !wakes })
    );
    let (_, timers) = told.iter().find(|(timers, _)| *timers).unwrap();
    let told: Vec<_> = timers
        .iter()
        .map(|(choice, _, wakes)| (*choice, *wakes))
        .collect();
    assert!(told.contains(&(Choice::Fire(1), true)), "{told:?}");
    assert!(told.contains(&(Choice::Fire(2), false)), "{told:?}");
}

/// Takes the last option each time, from the run of this number on; before that the first.
struct LastFrom {
    number: u64,
    from: u64,
}

impl Scheduler for LastFrom {
    fn name(&self) -> &'static str {
        "last-from"
    }

    fn begin(&mut self, _: u64) -> bool {
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        match self.number >= self.from {
            true => decision.options - 1,
            false => 0,
        }
    }
}

/// Fails if the second of two tasks is first.
async fn in_order() {
    let first = Rc::new(Cell::new(0));
    let task = |number: u32| {
        let first = Rc::clone(&first);
        spawn(async move {
            if first.get() == 0 {
                first.set(number);
            }
        })
    };
    let tasks = [task(1), task(2)];
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(first.get(), 1);
}

fn last_from(from: u64) -> Mix {
    Mix::only(
        Lane::own(move |number| LastFrom { number, from }),
        Bounds::EXACT,
    )
}

#[test]
fn check_explores_with_it_and_the_failure_replays_without_it() {
    let config = Config::new().mix(last_from(7));
    let failure = check(&config, in_order).unwrap_err();
    assert_eq!(failure.number, Some((7, 1000)));
    assert_eq!(failure.scheduler, "last-from");
    assert_eq!(failure.run.token.tape.len(), 1);
    let token = failure.run.token.to_string();
    let Err(ReplayError::Failure(again)) = replay(&Config::new(), &token, in_order) else {
        panic!("{token} passes");
    };
    assert_eq!(again.run.fingerprint, failure.run.fingerprint);
}

#[test]
fn it_explores_the_same_on_any_number_of_threads() {
    let explored = |jobs| {
        let config = Config::new().runs(200).mix(last_from(100)).jobs(jobs);
        let exploration = explore_future(&config, &Watch::default(), in_order);
        let failed = exploration.found.iter().find(|found| found.failed);
        let failed = failed.map(|found| (found.first, found.count));
        (failed, exploration.fingerprints)
    };
    assert_eq!(explored(1).0, Some((100, 100)));
    assert_eq!(explored(3), explored(1));
}

#[test]
fn it_has_its_lanes_beside_the_samplers() {
    let lanes = [
        Lane::from(Sampler::Fifo),
        Lane::own(|number| LastFrom { number, from: 0 }),
    ];
    let config = Config::new().mix(Mix::of_lanes(lanes.map(|lane| (lane, Bounds::EXACT))));
    let failure = check(&config, in_order).unwrap_err();
    assert_eq!(
        (failure.number, failure.scheduler),
        (Some((1, 1000)), "last-from")
    );
}

fn with_it(config: Config) -> Config {
    config.mix(last_from(3))
}

#[test]
#[expect(unnameable_test_items, reason = "it is called")]
fn the_attribute_takes_it_from_a_function() {
    #[deadheat::test(config = "with_it", regressions = false)]
    async fn whose() {
        in_order().await;
    }
    let raised = std::panic::catch_unwind(whose).expect_err("the fourth run is out of order");
    let report = raised.downcast::<String>().expect("a report");
    assert!(
        report.contains("run 4 of 1000 (seed 3, last-from)"),
        "{report}"
    );
}

/// Has only so many runs.
struct Few(u32);

impl Scheduler for Few {
    fn name(&self) -> &'static str {
        "few"
    }

    fn begin(&mut self, _: u64) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }

    fn choose(&mut self, _: &Decision<'_>) -> u64 {
        0
    }
}

#[test]
fn one_that_has_no_run_left_makes_none() {
    let program = Main::new(in_order);
    let mut scheduler: Box<dyn Scheduler> = Box::new(Few(3));
    let mut runs = 0;
    while let Some(made) = Single::of(&program, &Config::new()).next(Bounds::EXACT, scheduler) {
        assert_eq!(made.run.verdict, Verdict::Done);
        (scheduler, runs) = (made.scheduler, runs + 1);
    }
    assert_eq!(runs, 2);
    let mix = Mix::only(Lane::own(|_| Few(1)), Bounds::EXACT);
    let failure = check(&Config::new().mix(mix), in_order).unwrap_err();
    assert!(
        failure
            .to_string()
            .contains("the scheduler has no run left"),
        "{failure}"
    );
}

/// A scheduler that panics at one of its calls.
#[derive(Debug)]
struct Panics(&'static str);

impl Panics {
    fn at(&self, place: &str) {
        assert!(self.0 != place, "no {place}");
    }
}

impl Scheduler for Panics {
    fn name(&self) -> &'static str {
        self.at("name");
        "panics"
    }
    fn begin(&mut self, _seed: u64) -> bool {
        self.at("begin");
        true
    }
    fn choose(&mut self, _decision: &Decision<'_>) -> u64 {
        self.at("choose");
        0
    }
    fn draw(&mut self, _: u64, _: u64) -> Option<u64> {
        self.at("draw");
        None
    }
    fn settle(&mut self, _: u64, _: u64) -> Option<u64> {
        self.at("settle");
        None
    }
}

async fn asks_for_everything() {
    let short = || spawn(sleep(MS..=MS * 2));
    drop((short(), short()));
    deadheat::random(6);
    sleep(MS).await;
}

#[test]
fn where_it_panics_the_run_counts_for_nothing_and_says_so() {
    for place in ["make", "name", "begin", "choose", "draw", "settle"] {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = folder.path().join("kept");
        let lane = Lane::own(move |_| {
            let own = Panics(place);
            own.at("make");
            own
        });
        let config = Config::new().runs(3).mix(Mix::only(lane, Bounds::EXACT));
        let config = config.regressions(Regressions::at(&kept));
        let report = check(&config, asks_for_everything).unwrap_err().to_string();
        assert!(!kept.exists(), "{place}: there is nothing to be kept");
        let why = "the scheduler panicked: this run says nothing of the program\n";
        assert!(report.contains(why), "{place}: {report}");
        let panic = "the scheduler panicked at tests/tests/search/own_scheduler.rs:";
        assert!(report.contains(panic), "{place}: {report}");
        assert!(report.contains(&format!(": no {place}")), "{report}");
        assert!(!report.contains("replay"), "{report}");
        deadheat::run(&Config::new(), || sleep(MS)).expect("the thread is as good as before");
    }
}

#[test]
fn after_a_panic_it_has_no_more_runs() {
    let (program, config) = (Main::new(asks_for_everything), Config::new());
    let single = Single::of(&program, &config);
    let mut scheduler: Box<dyn Scheduler> = Box::new(Panics("choose"));
    let mut made = 0;
    while let Some(next) = single.next(Bounds::EXACT, scheduler) {
        assert_eq!(next.run.verdict, Verdict::Failed);
        (scheduler, made) = (next.scheduler, made + 1);
    }
    assert_eq!(made, 1);
}

/// What it answers beyond the options is the last of them.
#[test]
fn what_it_draws_and_settles_beyond_the_options_is_the_last_of_them() {
    struct Beyond;
    impl Scheduler for Beyond {
        fn name(&self) -> &'static str {
            "beyond"
        }
        fn begin(&mut self, _seed: u64) -> bool {
            true
        }
        fn choose(&mut self, _decision: &Decision<'_>) -> u64 {
            u64::MAX
        }
        fn draw(&mut self, _: u64, _: u64) -> Option<u64> {
            Some(u64::MAX)
        }
        fn settle(&mut self, _: u64, _: u64) -> Option<u64> {
            Some(u64::MAX)
        }
    }
    let program = Main::new(|| async {
        sleep(MS..=MS * 2).await;
        (deadheat::random(6), deadheat::now().as_nanos())
    });
    let config = Config::new();
    let single = Single::of(&program, &config);
    let (run, outcome) = single.scheduled(Bounds::EXACT, Box::new(Beyond));
    assert_eq!(outcome, Some(Some((5, 2_000_000))));
    assert_eq!(single.replay(&run.token).1, outcome);
}

#[test]
fn a_mix_of_one_lane_has_it_in_every_run_and_a_clone_of_a_lane_is_the_same() {
    let runs = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&runs);
    let lane = Lane::own(move |number| {
        noted.lock().unwrap().push(number);
        Panics("nowhere")
    });
    assert_eq!(lane, lane.clone());
    assert_ne!(lane, Lane::own(|_| Panics("nowhere")));
    let config = Config::new().runs(10).mix(Mix::only(lane, Bounds::EXACT));
    assert_eq!(check(&config, asks_for_everything).unwrap(), 10);
    assert_eq!(*runs.lock().unwrap(), Vec::from_iter(0..10));
}

/// It forgets to begin anew.
#[test]
fn one_that_remembers_earlier_runs_is_suspected_and_not_the_program() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static MADE: AtomicU64 = AtomicU64::new(0);
    struct Remembers;
    impl Scheduler for Remembers {
        fn name(&self) -> &'static str {
            "remembers"
        }
        fn begin(&mut self, _seed: u64) -> bool {
            MADE.fetch_add(1, Ordering::Relaxed);
            true
        }
        fn choose(&mut self, decision: &Decision<'_>) -> u64 {
            MADE.load(Ordering::Relaxed) % decision.options
        }
    }
    let mix = Mix::only(Lane::own(|_| Remembers), Bounds::EXACT);
    let config = Config::new().mix(mix).check_determinism(true);
    let report = check(&config, asks_for_everything).unwrap_err().to_string();
    let why = "its scheduler, \"remembers\", chose otherwise; by its token";
    assert!(report.contains(why), "{report}");
}
