//! A search of every order and tie finds what counting through all latencies finds, and no more.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use deadheat::search::{Exploration, Lane};
use deadheat::{
    Bounds, Config, Main, Mix, Program, Sampler, Verdict, Watch, busy, explore, explore_exhaustive,
    now, sleep, spawn,
};

mod programs;

use programs::{Outcome, Step, UNIT, drawn, latencies, program, units};

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

/// Runs of each sampler that are made of a random program.
const SAMPLED: u64 = 60;

#[test]
fn what_any_sampled_run_shows_is_among_what_the_search_finds() {
    let lanes = [
        Lane::from(Sampler::Random),
        Lane::from(Sampler::Naive),
        Lane::solved(),
    ];
    for seed in 0..120 {
        let tasks = drawn(seed);
        let program = program(tasks.clone(), None);
        let every = all(&program, RUNS_MAX);
        if !every.complete {
            continue;
        }
        let found = outcomes(&every);
        for lane in &lanes {
            let mix = Mix::only(lane.clone(), Bounds::EXACT);
            let config = Config::new().runs(SAMPLED).seed(seed * SAMPLED).mix(mix);
            let sampled = outcomes(&explore(&program, &config, &Watch::default()));
            let more: Vec<_> = sampled.difference(&found).collect();
            assert!(
                more.is_empty(),
                "seed {seed}, {lane:?}: {tasks:?}: {more:#?}"
            );
        }
    }
}

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

/// Who of two is done first.
async fn order_of(
    one: impl Future<Output = ()> + 'static,
    other: impl Future<Output = ()> + 'static,
) -> Vec<&'static str> {
    let order = Rc::new(RefCell::new(Vec::new()));
    let note = |name| {
        let order = order.clone();
        move || order.borrow_mut().push(name)
    };
    let (note_one, note_other) = (note("one"), note("other"));
    let one = spawn(async move {
        one.await;
        note_one();
    });
    let other = spawn(async move {
        other.await;
        note_other();
    });
    one.await.unwrap();
    other.await.unwrap();
    order.take()
}

#[test]
fn a_deadline_that_counts_from_an_earlier_moment_is_known_by_a_second_run() {
    let program = Main::new(|| async {
        let limit = sleep(units(3));
        sleep(units(1)..=units(4)).await;
        order_of(limit, sleep(units(1))).await
    });
    let seen = all(&program, 1_000);
    assert!(seen.complete, "{}", seen.orders);
    assert_eq!(seen.found.len(), 2, "each before the other");
}

#[test]
fn a_program_that_looks_at_the_clock_is_said_to() {
    let program = Main::new(|| async {
        sleep(units(1)..=units(3)).await;
        now() >= deadheat::Instant::START
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
        let limit = sleep(nanos(3));
        sleep(nanos(1)..=nanos(3)).await;
        order_of(limit, sleep(nanos(2))).await
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
        order_of(later, sleep(units(2))).await
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
    let mix = Mix::only(Lane::solved(), Bounds::EXACT);
    let config = Config::new().mix(mix).runs(200).check_determinism(true);
    let once = explore(&program, &config, &Watch::default());
    let twice = explore(&program, &config.jobs(2), &Watch::default());
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
            now()
        };
        let (one, other) = (spawn(after(5)), spawn(after(7)));
        assert_ne!(one.await.unwrap(), other.await.unwrap());
    };
    let config = Config::new();
    let solved = config.clone().mix(Mix::default().solving(2));
    assert!(deadheat::check(&solved, program).is_err());
}

/// How long a latency takes counts from the call, also where it is awaited only after that.
#[test]
fn a_latency_that_is_awaited_late_keeps_its_range() {
    let program = Main::new(|| async {
        let latency = sleep(units(1)..=units(10));
        sleep(units(9)).await;
        latency.await;
        now() > deadheat::Instant::START + units(10)
    });
    let every = explore(&program, &Config::new(), &Watch::default());
    let exact = Config::new().mix(Mix::portfolio(&[Bounds::EXACT]));
    let exact = explore(&program, &exact, &Watch::default());
    let beyond = |seen: &Exploration<_>| {
        seen.found
            .iter()
            .any(|found| found.outcome == Some(Some(true)))
    };
    assert!(
        beyond(&every) && !beyond(&exact),
        "only where timers are late"
    );
}

/// Timers fall due while the running task lets time pass, and fire after their time.
#[test]
fn what_falls_due_in_a_busy_turn_leaves_the_system_a_solution() {
    let program = Main::new(|| async {
        let one = spawn(async {
            busy(units(2));
            busy(units(2));
        });
        let other = spawn(async {
            let limited =
                deadheat_timeout::timeout(&deadheat::clock(), units(2), sleep(units(1)..=units(3)));
            drop(limited.await);
        });
        let third = spawn(sleep(units(2)));
        one.await.unwrap();
        other.await.unwrap();
        third.await.unwrap();
    });
    let solved = Config::new()
        .mix(Mix::only(Lane::solved(), Bounds::EXACT))
        .runs(300);
    assert_eq!(explore(&program, &solved, &Watch::default()).runs, 300);
}

#[test]
fn a_latency_may_have_any_range() {
    let program = Main::new(|| async {
        let any = spawn(sleep(Duration::ZERO..=Duration::MAX));
        sleep(units(1)..=units(2)).await;
        any.await.unwrap();
    });
    assert!(all(&program, 100).runs > 1);
    let solved = Config::new()
        .mix(Mix::only(Lane::solved(), Bounds::EXACT))
        .runs(100);
    assert_eq!(explore(&program, &solved, &Watch::default()).runs, 100);
}

/// The path of a run of hundreds of latencies takes long to work out.
#[test]
fn a_search_is_stopped_while_it_computes() {
    let program = Main::new(|| async {
        let tasks: Vec<_> = (0..300)
            .map(|_| spawn(sleep(units(1)..=units(2))))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    let made = std::sync::atomic::AtomicU64::new(0);
    let asked = std::sync::atomic::AtomicU64::new(0);
    let relaxed = std::sync::atomic::Ordering::Relaxed;
    let watch = Watch {
        stop: &|| made.load(relaxed) > 0 && asked.fetch_add(1, relaxed) > 9,
        progress: &|| {
            made.fetch_add(1, relaxed);
        },
        ..Watch::default()
    };
    let seen = explore_exhaustive(&program, &Config::new(), Bounds::EXACT, &watch);
    assert!(seen.runs < 3 && !seen.complete, "{} runs", seen.runs);
    assert!(
        asked.load(relaxed) < 99,
        "it goes on after it was told to stop"
    );
}
