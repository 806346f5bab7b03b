//! A search of every order and tie finds what counting through all latencies finds, and no more.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use deadheat::decide::{Purpose, Stream};
use deadheat::search::Exploration;
use deadheat::{Bounds, Config, Main, Program, Verdict, Watch, explore_exhaustive, sleep, spawn};
use deadheat_timeout::timeout;

/// What a task of a random program does next. Times are in units.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// Waits for so long; a latency if the second is more than the first.
    Sleep(u64, u64),
    /// The same with a timeout around it.
    Timeout(u64, u64, u64),
    /// Spawns the steps of a task of its own.
    Spawn(Vec<Step>),
    /// Makes a timer that is waited for after the next step.
    Ahead(u64),
}

/// How long a unit is: a multiple of every small number, so that it can be divided.
const UNIT: u64 = 60_000_000;

fn units(count: u64) -> Duration {
    Duration::from_nanos(count * UNIT)
}

fn steps(stream: &mut Stream, latencies: &mut u64, depth: u64) -> Vec<Step> {
    let count = 1 + stream.below(2);
    let mut range = |stream: &mut Stream| {
        let low = stream.below(3);
        match *latencies > 0 && stream.below(3) > 0 {
            true => {
                *latencies -= 1;
                (low, low + 1 + stream.below(2))
            }
            false => (low + 1, low + 1),
        }
    };
    let mut steps = Vec::new();
    for _ in 0..count {
        let (low, high) = range(stream);
        steps.push(match stream.below(6) {
            0 | 1 => Step::Timeout(1 + stream.below(3), low, high),
            2 => Step::Ahead(1 + stream.below(4)),
            _ => Step::Sleep(low, high),
        });
    }
    if depth > 0 && stream.below(3) == 0 {
        let inner = self::steps(stream, latencies, depth - 1);
        steps.insert(
            stream.below(steps.len() as u64 + 1) as usize,
            Step::Spawn(inner),
        );
    }
    steps
}

fn drawn(seed: u64) -> Vec<Vec<Step>> {
    let mut stream = Stream::new(seed, Purpose::User);
    let mut latencies = 1 + stream.below(3);
    (0..2 + stream.below(2))
        .map(|_| steps(&mut stream, &mut latencies, 1))
        .collect()
}

/// What happened, in order: which step of which task ended, and how.
type Seen = Rc<RefCell<Vec<(String, bool)>>>;

/// How long each latency takes: its range, or the values of a list in the order of the text.
type Fixed = Option<Rc<Vec<u64>>>;

async fn wait(low: u64, high: u64, index: &mut usize, fixed: &Fixed) {
    match fixed {
        _ if low == high => sleep(units(low)).await,
        None => {
            *index += 1;
            sleep(units(low)..=units(high)).await;
        }
        Some(fixed) => {
            let nanos = fixed[*index];
            *index += 1;
            sleep(Duration::from_nanos(low * UNIT + nanos)).await;
        }
    }
}

fn latencies(steps: &[Step]) -> Vec<u64> {
    let of = |step: &Step| match step {
        Step::Sleep(low, high) | Step::Timeout(_, low, high) if high > low => vec![high - low],
        Step::Spawn(inner) => latencies(inner),
        _ => Vec::new(),
    };
    steps.iter().flat_map(of).collect()
}

fn perform(
    name: String,
    steps: Vec<Step>,
    mut index: usize,
    fixed: Fixed,
    seen: Seen,
) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        let mut ahead = None;
        let mut children = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let here = format!("{name}.{number}");
            let ok = match &step {
                Step::Sleep(low, high) => {
                    wait(*low, *high, &mut index, &fixed).await;
                    true
                }
                Step::Timeout(limit, low, high) => {
                    let inner = wait(*low, *high, &mut index, &fixed);
                    let result = timeout(&deadheat::clock(), units(*limit), inner).await;
                    result.is_ok()
                }
                Step::Spawn(inner) => {
                    let own = index;
                    index += latencies(inner).len();
                    let (fixed, seen) = (fixed.clone(), seen.clone());
                    children.push(spawn(perform(
                        here.clone(),
                        inner.clone(),
                        own,
                        fixed,
                        seen,
                    )));
                    continue;
                }
                Step::Ahead(after) => {
                    ahead = Some(sleep(units(*after)));
                    continue;
                }
            };
            seen.borrow_mut().push((here.clone(), ok));
            if let Some(timer) = ahead.take() {
                timer.await;
                seen.borrow_mut()
                    .push((format!("{here} and the timer"), true));
            }
        }
        for child in children {
            child.await.unwrap();
        }
    })
}

type Outcome = Vec<(String, bool)>;

fn program(
    tasks: Vec<Vec<Step>>,
    fixed: Option<Vec<u64>>,
) -> impl Program<Outcome = Option<Outcome>> {
    Main::new(move || {
        let (tasks, fixed): (_, Fixed) = (tasks.clone(), fixed.clone().map(Rc::new));
        async move {
            let seen = Seen::default();
            let mut index = 0;
            let mut spawned = Vec::new();
            for (number, steps) in tasks.into_iter().enumerate() {
                let count = latencies(&steps).len();
                let body = perform(
                    number.to_string(),
                    steps,
                    index,
                    fixed.clone(),
                    seen.clone(),
                );
                spawned.push(spawn(body));
                index += count;
            }
            for task in spawned {
                task.await.unwrap();
            }
            seen.take()
        }
    })
}

fn all<P>(program: &P, runs: u64) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let config = Config::new().runs(runs);
    explore_exhaustive(program, &config, Bounds::EXACT, &Watch::default())
}

type Outcomes = BTreeSet<(Verdict, Option<Option<Outcome>>)>;

fn outcomes(exploration: &Exploration<Option<Outcome>>) -> Outcomes {
    let found = exploration.found.iter();
    found
        .map(|found| (found.verdict, found.outcome.clone()))
        .collect()
}

/// What all multiples of a part of a unit show, for each latency.
fn counted(tasks: &[Vec<Step>]) -> Outcomes {
    let spans: Vec<u64> = tasks.iter().flat_map(|steps| latencies(steps)).collect();
    let parts = spans.len() as u64 + 1;
    let mut fixed = vec![0; spans.len()];
    let mut outcomes = Outcomes::new();
    loop {
        let nanos = fixed.iter().map(|count| count * (UNIT / parts)).collect();
        let exploration = all(&program(tasks.to_vec(), Some(nanos)), 100_000);
        assert!(exploration.complete);
        outcomes.extend(self::outcomes(&exploration));
        let Some(next) = (0..spans.len()).find(|of| fixed[*of] < spans[*of] * parts) else {
            return outcomes;
        };
        fixed[next] += 1;
        fixed[..next].fill(0);
    }
}

/// Of the random programs those are counted through whose search takes no more runs.
const RUNS_MAX: u64 = 2_000;

#[test]
fn what_the_ranges_allow_is_what_counting_through_them_finds() {
    let mut compared = 0;
    for seed in 0..80 {
        let tasks = drawn(seed);
        let every = all(&program(tasks.clone(), None), RUNS_MAX);
        if every.runs >= RUNS_MAX {
            continue;
        }
        let orders = every.orders;
        assert!(every.complete, "seed {seed}: {orders}, {tasks:?}");
        let (found, counted) = (outcomes(&every), counted(&tasks));
        let missed: Vec<_> = counted.difference(&found).collect();
        let more: Vec<_> = found.difference(&counted).collect();
        assert!(
            missed.is_empty() && more.is_empty(),
            "seed {seed}: {tasks:?}: missed {missed:#?}, more {more:#?}"
        );
        compared += 1;
    }
    assert!(compared > 40, "only {compared} were small enough");
}

#[test]
fn a_deadline_that_counts_from_an_earlier_moment_is_known_by_a_second_run() {
    let program = Main::new(|| async {
        let limit = sleep(units(3));
        sleep(units(1)..=units(4)).await;
        let order = Rc::new(RefCell::new(Vec::new()));
        let (one, other) = (order.clone(), order.clone());
        let late = spawn(async move {
            limit.await;
            one.borrow_mut().push("limit");
        });
        let early = spawn(async move {
            sleep(units(1)).await;
            other.borrow_mut().push("after");
        });
        late.await.unwrap();
        early.await.unwrap();
        order.take()
    });
    let seen = all(&program, 1_000);
    assert!(seen.complete, "{}", seen.orders);
    assert_eq!(seen.found.len(), 2, "each before the other");
}

#[test]
fn a_program_that_looks_at_the_clock_is_said_to() {
    let program = Main::new(|| async {
        sleep(units(1)..=units(3)).await;
        deadheat::now() >= deadheat::Instant::START
    });
    let seen = all(&program, 1_000);
    assert!(!seen.complete && seen.orders.is_exhausted());
    assert!(
        seen.orders.to_string().contains("zones.rs"),
        "{}",
        seen.orders
    );
}

#[test]
fn where_a_limit_may_cut_a_run_short_or_not_nothing_is_claimed() {
    let program = Main::new(|| sleep(units(1)..=units(3)));
    let limits = deadheat::Limits {
        virtual_time: units(2),
        ..deadheat::Limits::default()
    };
    let config = Config::new().limits(limits);
    let seen = explore_exhaustive(&program, &config, Bounds::EXACT, &Watch::default());
    assert!(!seen.complete, "{}", seen.orders);
}

#[test]
fn many_timers_at_one_moment_and_many_at_any_are_gone_through_without_trying_in_vain() {
    let same = Main::new(|| async {
        let tasks: Vec<_> = (0..200).map(|_| spawn(sleep(units(1)))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(all(&same, 3).runs, 3);
    let any = Main::new(|| async {
        let latency = || spawn(sleep(units(1)..=units(9)));
        let tasks: Vec<_> = (0..40).map(|_| latency()).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(all(&any, 100).runs, 100);
}

/// In nanoseconds, where values agree by chance: a limit that is counted from the start, and one from a latency's end.
#[test]
fn what_agrees_by_chance_is_looked_at_again() {
    let nanos = Duration::from_nanos;
    let program = Main::new(move || async move {
        let order = Rc::new(RefCell::new(Vec::new()));
        let note = |name: &'static str| {
            let order = order.clone();
            move || order.borrow_mut().push(name)
        };
        let (limited, after) = (note("limit"), note("after"));
        let limit = sleep(nanos(3));
        sleep(nanos(1)..=nanos(3)).await;
        let limit = spawn(async move {
            limit.await;
            limited();
        });
        let after = spawn(async move {
            sleep(nanos(2)).await;
            after();
        });
        limit.await.unwrap();
        after.await.unwrap();
        order.take()
    });
    for seed in 0..50 {
        let config = Config::new().seed(seed);
        let seen = explore_exhaustive(&program, &config, Bounds::EXACT, &Watch::default());
        // At one nanosecond they meet, later the limit comes first: either way both orders are there.
        let orders = (seen.found.iter()).map(|found| found.outcome.clone());
        let orders: BTreeSet<_> = orders.collect();
        assert!(
            !seen.complete || orders.len() == 2,
            "seed {seed}: {orders:?}"
        );
    }
}

/// One function makes timers that are awaited at once, and some that are awaited later.
#[test]
fn a_place_that_makes_timers_of_both_kinds_is_seen_through() {
    fn limit(count: u64) -> impl Future<Output = ()> {
        sleep(units(count))
    }
    let program = Main::new(|| async {
        limit(3).await;
        let later = limit(4);
        sleep(units(1)..=units(3)).await;
        let order = Rc::new(RefCell::new(Vec::new()));
        let (one, other) = (order.clone(), order.clone());
        let later = spawn(async move {
            later.await;
            one.borrow_mut().push("later");
        });
        let after = spawn(async move {
            sleep(units(2)).await;
            other.borrow_mut().push("after");
        });
        later.await.unwrap();
        after.await.unwrap();
        order.take()
    });
    let seen = all(&program, 1_000);
    assert!(seen.complete, "{}", seen.orders);
    assert_eq!(seen.found.len(), 2, "each before the other");
}

#[test]
fn a_trace_that_is_to_be_short_takes_nothing_from_the_search() {
    let program = program(drawn(3), None);
    let whole = all(&program, 5_000);
    let limits = deadheat::Limits {
        trace_events: 0,
        ..deadheat::Limits::default()
    };
    let config = Config::new().runs(5_000).limits(limits);
    let short = explore_exhaustive(&program, &config, Bounds::EXACT, &Watch::default());
    assert_eq!((short.runs, short.complete), (whole.runs, whole.complete));
}

#[test]
fn every_draw_is_taken_if_asked_for() {
    let program = Main::new(|| async { (deadheat::random(3), deadheat::random(1_000)) });
    let config = Config::new().every_draw(true);
    let seen = explore_exhaustive(&program, &config, Bounds::EXACT, &Watch::default());
    assert_eq!((seen.runs, seen.found.len()), (3, 3));
    assert!(!seen.complete, "a draw from a thousand is the seed's");
}

#[test]
fn a_solved_run_repeats_from_its_token_and_from_its_number() {
    let program = program(drawn(3), None);
    let mix = deadheat::Mix::only(deadheat::search::Lane::solved(), Bounds::EXACT);
    let config = Config::new().mix(mix).runs(200).check_determinism(true);
    let once = deadheat::explore(&program, &config, &Watch::default());
    let twice = deadheat::explore(&program, &config.jobs(2), &Watch::default());
    assert!(once.failure().is_none(), "{:?}", once.failure());
    assert_eq!(once.fingerprints, twice.fingerprints);
    assert!(once.found.len() > 3);
}

/// Two deadlines that both follow from latencies meet in no run of those that are aimed at what is pending.
#[test]
fn solved_runs_let_derived_deadlines_meet() {
    let program = || async {
        let after = |more| async move {
            sleep(units(10)..=units(20)).await;
            sleep(units(more)).await;
            deadheat::now()
        };
        let (one, other) = (spawn(after(5)), spawn(after(7)));
        assert_ne!(one.await.unwrap(), other.await.unwrap());
    };
    let config = Config::new();
    let solved = config.clone().mix(deadheat::Mix::default().solving(2));
    assert!(deadheat::check(&solved, program).is_err());
}
