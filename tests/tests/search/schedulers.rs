//! Each scheduler does what it says: finds the planted bug, passes the fixed twin, and (the exhaustive
//! one) takes every order exactly once.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Mutex;
use std::time::Duration;

use deadheat::decide::{Bounded, DecisionKind, Exhaustive, Scheduler};
use deadheat::search::{Orders, Single, explore_bounded};
use deadheat::{
    Bounds, Config, Main, Mix, Program, Sampler, Verdict, Watch, check, explore,
    explore_exhaustive, random, sleep, spawn, yield_now,
};

/// `tasks` tasks that give way `awaits` times each; its outcome is the order of their turns.
struct Turns {
    tasks: usize,
    awaits: usize,
}

impl Program for Turns {
    type Handles = Rc<std::cell::RefCell<Vec<usize>>>;
    type Outcome = Vec<usize>;

    fn start(&self) -> Self::Handles {
        let order = Self::Handles::default();
        for task in 0..self.tasks {
            let order = Rc::clone(&order);
            let awaits = self.awaits;
            spawn(async move {
                for _ in 0..awaits {
                    order.borrow_mut().push(task);
                    yield_now().await;
                }
                order.borrow_mut().push(task);
            });
        }
        order
    }

    fn finish(&self, order: Self::Handles, _: Verdict) -> Vec<usize> {
        order.take()
    }
}

#[test]
fn exhaustive_takes_each_of_the_1680_orders_of_three_tasks_with_two_awaits_once() {
    let program = Turns {
        tasks: 3,
        awaits: 2,
    };
    let config = Config::new().runs(u64::MAX);
    let all = explore_exhaustive(&program, &config, Bounds::EXACT, &Watch::default());
    assert!(all.complete);
    assert_eq!(all.runs, 1680);
    assert_eq!(all.found.len(), 1680, "every run is another order");
    let fifo = [0, 1, 2, 0, 1, 2, 0, 1, 2];
    assert_eq!(all.found[0].outcome.as_deref(), Some(&fifo[..]));
}

#[test]
fn exhaustive_stops_where_it_is_told_to() {
    let program = Turns {
        tasks: 3,
        awaits: 2,
    };
    let some = explore_exhaustive(
        &program,
        &Config::new().runs(100),
        Bounds::EXACT,
        &Watch::default(),
    );
    assert_eq!((some.runs, some.complete), (100, false));
    assert_eq!(some.orders, Orders::Some);
}

#[test]
fn random_reaches_nearly_every_order_of_a_small_program() {
    let program = Turns {
        tasks: 3,
        awaits: 1,
    };
    let config = Config::new()
        .runs(3_000)
        .mix(Mix::only(Sampler::Random, Bounds::EXACT));
    let found = explore(&program, &config, &Watch::default()).found.len();
    assert_eq!(found, 90, "6! / (2! 2! 2!) orders");
}

#[test]
fn fifo_makes_one_and_the_same_run() {
    let program = Turns {
        tasks: 3,
        awaits: 2,
    };
    let config = Config::new()
        .runs(50)
        .mix(Mix::only(Sampler::Fifo, Bounds::EXACT));
    let found = explore(&program, &config, &Watch::default()).found;
    assert_eq!(found.len(), 1);
    assert!(found[0].run(&program, &config).token.tape.is_empty());
}

#[test]
fn the_result_does_not_depend_on_the_number_of_jobs() {
    let program = Turns {
        tasks: 3,
        awaits: 2,
    };
    let explored = |jobs| {
        let config = Config::new().runs(500).jobs(jobs);
        let found = explore(&program, &config, &Watch::default()).found;
        let key = |found: deadheat::search::Found<Vec<usize>>| {
            let token = found.run(&program, &config).token.to_string();
            (found.first, found.count, found.outcome, token)
        };
        found.into_iter().map(key).collect::<Vec<_>>()
    };
    assert_eq!(explored(1), explored(2));
    assert_eq!(explored(1), explored(7));
}

/// A reply that takes 1 to 5 s against a deadline of 3 s; the planted bug believes in the reply.
async fn reply_against_deadline(believes: bool) {
    let replied = Rc::new(Cell::new(false));
    let seen = Rc::clone(&replied);
    let server = spawn(async move {
        sleep(Duration::from_secs(1)..=Duration::from_secs(5)).await;
        replied.set(true);
    });
    sleep(Duration::from_secs(3)).await;
    if believes {
        assert!(seen.get(), "no reply at the deadline");
    }
    server.await.unwrap();
}

#[test]
fn lateness_within_a_range_is_found_and_the_fixed_twin_passes() {
    let failure = check(&Config::new(), || reply_against_deadline(true)).unwrap_err();
    assert!(failure.to_string().contains("no reply at the deadline"));
    assert!(
        failure
            .run
            .token
            .tape
            .departures()
            .iter()
            .all(|departure| departure.kind == DecisionKind::Next)
    );
    assert_eq!(
        check(&Config::new(), || reply_against_deadline(false)).unwrap(),
        1000
    );
}

#[test]
fn each_scheduler_that_draws_finds_a_planted_bug_and_passes_its_fixed_twin() {
    for sampler in [
        Sampler::Random,
        Sampler::Pos,
        Sampler::Pct(2),
        Sampler::Pct(3),
        Sampler::Delay(2),
        Sampler::Delay(3),
    ] {
        let config = Config::new().mix(Mix::only(sampler, Bounds::EXACT));
        let failure = check(&config, || reply_against_deadline(true)).unwrap_err();
        assert_eq!(failure.scheduler, sampler.name());
        assert_eq!(
            check(&config, || reply_against_deadline(false)).unwrap(),
            1000,
            "{sampler}"
        );
    }
}

/// Every run of a program with at most so many departures, as tapes.
fn bounded(departures: usize) -> Vec<String> {
    let program = Turns {
        tasks: 3,
        awaits: 2,
    };
    let mut tapes = Vec::new();
    let mut scheduler: Box<dyn Scheduler> = Box::new(Bounded::new(departures));
    let config = Config::new();
    while let Some(made) = Single::of(&program, &config).next(Bounds::EXACT, scheduler) {
        let run = made.run;
        scheduler = made.scheduler;
        assert!(run.token.tape.len() <= departures);
        tapes.push(run.token.to_string());
    }
    tapes
}

#[test]
fn bounded_makes_each_run_with_at_most_so_many_departures_once() {
    let counts: Vec<usize> = (0..4)
        .map(|departures| {
            let tapes = bounded(departures);
            let distinct: BTreeSet<&String> = tapes.iter().collect();
            assert_eq!(distinct.len(), tapes.len(), "no run twice");
            tapes.len()
        })
        .collect();
    // One run is FIFO; of the nine turns the first six have three options, the next two two or more.
    assert_eq!(counts[0], 1);
    assert!(
        counts.windows(2).all(|pair| pair[0] < pair[1]),
        "{counts:?}"
    );
    assert_eq!(
        bounded(9).len(),
        1680,
        "with enough departures it is every order"
    );
}

#[test]
fn a_bounded_exploration_counts_each_run_once_and_finds_with_the_fewest_departures_first() {
    let program = Turns {
        tasks: 3,
        awaits: 2,
    };
    let config = Config::new().runs(u64::MAX);
    let all = explore_bounded(&program, &config, Bounds::EXACT, 9, &Watch::default());
    assert_eq!((all.runs, all.found.len()), (1680, 1680));
    let departures: Vec<_> = all
        .found
        .iter()
        .map(|found| found.run(&program, &config).token.tape.len())
        .collect();
    assert!(departures.is_sorted(), "fewest first");
}

#[test]
fn delay_departs_at_most_so_often() {
    let program = Turns {
        tasks: 4,
        awaits: 9,
    };
    for departures in [1, 2, 5] {
        let mix = Mix::only(
            Sampler::Delay(departures),
            Bounds::late(Duration::from_millis(1)),
        );
        let config = Config::new().mix(mix);
        let all = explore(&program, &config, &Watch::default());
        let most = all
            .found
            .iter()
            .map(|found| found.run(&program, &config).token.tape.len())
            .max();
        assert_eq!(most, Some(departures as usize));
    }
}

/// Tasks that sleep until the same moment, and what order they woke in.
struct Sleepers(usize);

impl Program for Sleepers {
    type Handles = Rc<std::cell::RefCell<Vec<usize>>>;
    type Outcome = Vec<usize>;

    fn start(&self) -> Self::Handles {
        let order = Self::Handles::default();
        for task in 0..self.0 {
            let order = Rc::clone(&order);
            spawn(async move {
                sleep(Duration::from_secs(1)).await;
                order.borrow_mut().push(task);
            });
        }
        order
    }

    fn finish(&self, order: Self::Handles, _: Verdict) -> Vec<usize> {
        order.take()
    }
}

#[test]
fn the_reduction_leaves_out_orders_of_timers_that_only_wake_and_no_outcome() {
    let config = Config::new().runs(u64::MAX);
    let reduced = explore_exhaustive(&Sleepers(3), &config, Bounds::EXACT, &Watch::default());
    assert!(reduced.orders.is_exhausted());
    let (mut runs, mut outcomes) = (0, BTreeSet::new());
    let mut full: Box<dyn Scheduler> = Box::new(Exhaustive::default());
    while let Some(made) = Single::of(&Sleepers(3), &config).next(Bounds::EXACT, full) {
        let outcome = made.outcome;
        full = made.scheduler;
        runs += 1;
        outcomes.insert(outcome);
    }
    let found: BTreeSet<_> = reduced
        .found
        .into_iter()
        .map(|found| found.outcome)
        .collect();
    assert_eq!(found, outcomes);
    assert_eq!(found.len(), 6);
    assert!(reduced.runs * 2 < runs, "{} of {runs} runs", reduced.runs);
}

#[test]
fn a_naive_search_never_meets_a_deadline_exactly_and_replays_what_it_did() {
    async fn meets(late: bool) {
        let seen = spawn(async {
            sleep(Duration::from_secs(1)..=Duration::from_secs(5)).await;
            deadheat::now()
        });
        sleep(Duration::from_secs(3)).await;
        let at = seen.await.unwrap().as_nanos();
        assert_ne!(at, 3_000_000_000, "met exactly");
        assert!(!late || at < 4_000_000_000, "late");
    }
    let naive = Config::new().mix(Mix::only(Sampler::Naive, Bounds::EXACT));
    let failure = check(&naive, || meets(true)).unwrap_err();
    assert!(failure.to_string().contains("late"), "{failure}");
    let again = deadheat::replay(&Config::new(), &failure.run.token.to_string(), || {
        meets(true)
    });
    assert!(again.unwrap_err().to_string().contains("late"));
    check(&naive, || meets(false)).unwrap();
    let aimed = check(&Config::new(), || meets(false)).unwrap_err();
    assert!(aimed.to_string().contains("met exactly"), "{aimed}");
}

/// A queue of tasks that wait actively for the last one: only a fair scheduler lets it run.
#[test]
fn pct_is_fair_to_a_task_that_others_wait_for_actively() {
    let config = Config::new()
        .runs(20)
        .mix(Mix::only(Sampler::Pct(1), Bounds::EXACT));
    let runs = check(&config, || async {
        let done = Rc::new(Cell::new(false));
        let set = Rc::clone(&done);
        let setter = spawn(async move { set.set(true) });
        while !done.get() {
            yield_now().await;
        }
        setter.await.unwrap();
    });
    assert_eq!(runs.unwrap(), 20);
}

#[test]
fn a_failure_within_the_general_bound_is_reported_with_the_smallest_bound_that_shows_it() {
    let failure = check(&Config::new(), || async {
        let (early, late) = (Rc::new(Cell::new(false)), Duration::from_micros(1_000_400));
        let seen = Rc::clone(&early);
        spawn(async move {
            sleep(Duration::from_secs(1)).await;
            early.set(true);
        });
        sleep(late).await;
        assert!(seen.get(), "0.4 ms were not enough");
    })
    .unwrap_err();
    let late = failure.run.token.bounds.late;
    assert!(
        late >= Duration::from_micros(400) && late < Duration::from_micros(402),
        "{late:?}"
    );
}

#[test]
fn an_always_failing_canary_is_reported_in_the_first_run() {
    let failure = check(&Config::new().name("canary"), || async { panic!("tweet") }).unwrap_err();
    assert_eq!(failure.number, Some((0, 1000)));
    assert!(
        failure.run.token.tape.is_empty(),
        "nothing is needed but to run it"
    );
    assert!(failure.to_string().contains("tweet"), "{failure}");
}

#[test]
fn draws_follow_from_the_seed_and_not_from_the_scheduler() {
    static DRAWN: Mutex<BTreeSet<(u64, u64)>> = Mutex::new(BTreeSet::new());
    for sampler in Sampler::ALL {
        let config = Config::new().runs(8).mix(Mix::only(sampler, Bounds::EXACT));
        check(&config, || async {
            let noise = spawn(async { yield_now().await });
            yield_now().await;
            let draw = (random(1_000_000), random(1_000_000));
            noise.await.unwrap();
            DRAWN.lock().unwrap().insert(draw);
        })
        .unwrap();
    }
    assert_eq!(
        DRAWN.lock().unwrap().len(),
        8,
        "one pair a seed, whoever schedules"
    );
}

#[test]
fn a_depth_or_a_number_of_departures_has_the_bound_that_it_has_by_name() {
    let token = |sampler| {
        let config = Config::new()
            .runs(1)
            .mix(Mix::only(sampler, Bounds::late(Duration::from_millis(3))));
        let program = Main::new(|| async {
            let sleepers = [1, 2, 3]
                .map(|millis| deadheat::spawn(deadheat::sleep(Duration::from_millis(millis))));
            for sleeper in sleepers {
                sleeper.await.unwrap();
            }
        });
        let made = explore(&program, &config, &Watch::default());
        made.found[0].run(&program, &config).token.to_string()
    };
    for (most, bound) in [
        (Sampler::Pct(u32::MAX), Sampler::Pct(64)),
        (Sampler::Pct(0), Sampler::Pct(1)),
        (Sampler::Delay(u32::MAX), Sampler::Delay(64)),
        (Sampler::Delay(0), Sampler::Delay(1)),
    ] {
        assert_eq!(token(most), token(bound), "{most:?}");
    }
    assert!("pct:65".parse::<Sampler>().is_err() && "delay:0".parse::<Sampler>().is_err());
}
