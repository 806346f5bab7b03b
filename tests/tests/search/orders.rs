//! A search of every order says what it went through, and claims no more.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadheat::program::busy;
use deadheat::search::{Exploration, Orders, explore_bounded};
use deadheat::{
    Bounds, Config, Main, Program, Watch, explore, explore_exhaustive, never, random, sleep, spawn,
    yield_now,
};

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn every<P>(program: &P, bounds: Bounds) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let config = Config::new().seed(7).runs(100_000);
    explore_exhaustive(program, &config, bounds, &Watch::default())
}

fn orders<F, Fut>(future: F, bounds: Bounds) -> Orders
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: Ord + Clone + Send + 'static,
{
    let seen = every(&Main::new(future), bounds);
    assert_eq!(seen.complete, seen.orders.is_complete());
    seen.orders
}

#[test]
fn on_an_exact_clock_and_without_draws_it_is_every_order() {
    let exact = || async {
        drop(spawn(sleep(ms(3))));
        sleep(ms(3)).await;
        busy(ms(1));
        assert_eq!(random(1), 0, "no draw");
    };
    let seen = orders(exact, Bounds::EXACT);
    assert!(seen.is_complete() && seen.is_exhausted());
    assert_eq!(seen.to_string(), "every order");
    // That timers may be late makes no difference where there are none.
    let turns = || async { drop(spawn(yield_now())) };
    assert!(orders(turns, Bounds::late(ms(1))).is_complete());
}

#[test]
fn what_latencies_allow_is_seen_whole() {
    let seen = orders(|| sleep(ms(1)..=ms(5)), Bounds::EXACT);
    assert!(seen.is_exhausted() && seen.is_complete());
    assert_eq!(
        seen.to_string(),
        "every order and tie that the ranges allow"
    );
}

#[test]
fn where_something_computes_long_or_is_late_it_is_every_order_at_the_interesting_instants() {
    let stall = Bounds {
        task_late: ms(1),
        ..Bounds::EXACT
    };
    let seen = [
        orders(|| sleep(ms(1)), Bounds::late(ms(1))),
        orders(|| async { busy(ms(1)..=ms(5)) }, Bounds::EXACT),
        orders(yield_now, stall),
    ];
    for seen in seen {
        assert!(seen.is_exhausted() && !seen.is_complete(), "{seen}");
        assert_eq!(seen.to_string(), "every order at the interesting instants");
    }
}

#[test]
fn where_the_program_draws_it_is_for_the_draws_of_the_seed() {
    let drawn = || async { random(6) };
    let seen = every(&Main::new(drawn), Bounds::EXACT);
    assert_eq!(seen.runs, 1);
    assert!(seen.orders.is_exhausted() && !seen.orders.is_complete());
    assert_eq!(
        seen.orders.to_string(),
        "every order, for the draws of seed 7"
    );
    let both = || async {
        sleep(ms(1)..=ms(5)).await;
        random(6)
    };
    let text = "every order and tie that the ranges allow, for the draws of seed 7";
    assert_eq!(orders(both, Bounds::EXACT).to_string(), text);
}

#[test]
fn what_was_cut_short_or_sampled_or_does_not_repeat_is_some_orders() {
    let program = Main::new(|| async {
        drop(spawn(yield_now()));
        yield_now().await;
    });
    let config = Config::new().runs(2);
    let watch = Watch::default();
    let cut = explore_exhaustive(&program, &config, Bounds::EXACT, &watch);
    assert_eq!((cut.runs, cut.orders), (2, Orders::Some));
    assert_eq!(explore(&program, &config, &watch).orders, Orders::Some);
    let bounded = explore_bounded(&program, &config.runs(99), Bounds::EXACT, 9, &watch);
    assert_eq!(bounded.orders, Orders::Some);
}

/// A main task that gives way beside so many tasks as `tasks` says of the number of the run.
fn changing(tasks: fn(u64) -> u64) -> impl Program<Outcome = Option<()>> {
    let run = AtomicU64::new(0);
    Main::new(move || {
        let tasks = tasks(run.fetch_add(1, Ordering::Relaxed));
        async move {
            (0..tasks).for_each(|_| drop(spawn(yield_now())));
            yield_now().await;
        }
    })
}

#[test]
fn of_a_program_that_is_another_one_in_another_run_nothing_is_claimed() {
    let more = changing(|run| 1 + run % 3);
    let fewer = changing(|run| u64::from(run == 0));
    for seen in [every(&more, Bounds::EXACT), every(&fewer, Bounds::EXACT)] {
        assert_eq!(seen.orders, Orders::Some, "after {} runs", seen.runs);
        assert_eq!(seen.orders.to_string(), "some orders");
    }
}

/// `y` may come while `x` is half way, which takes two latencies that nothing pending points at.
async fn window() {
    let half = Rc::new(Cell::new(false));
    let of_x = Rc::clone(&half);
    let x = spawn(async move {
        sleep(ms(10)..=ms(20)).await;
        sleep(ms(5)).await;
        of_x.set(true);
        sleep(ms(1)).await;
        of_x.set(false);
    });
    let y = spawn(async move {
        sleep(ms(10)..=ms(20)).await;
        sleep(ms(7)).await;
        never(half.get(), || "y came while x was half way".to_owned());
    });
    x.await.unwrap();
    y.await.unwrap();
}

#[test]
fn a_latency_that_only_a_later_order_has_is_solved_for() {
    let program = Main::new(|| async {
        let first = Rc::new(Cell::new(false));
        let of_one = Rc::clone(&first);
        drop(spawn(async move { of_one.set(true) }));
        // In the first run the other task has set it.
        let other = spawn(async move {
            if first.get() {
                return;
            }
            window().await;
        });
        other.await.unwrap();
    });
    let seen = every(&program, Bounds::EXACT);
    assert!(seen.failure().is_some() && seen.complete, "{}", seen.orders);
    let text = "every order and tie that the ranges allow";
    assert_eq!(seen.orders.to_string(), text);
}

#[test]
fn two_instants_that_both_follow_from_latencies_meet() {
    let seen = every(&Main::new(window), Bounds::EXACT);
    assert!(seen.failure().is_some() && seen.complete, "{}", seen.orders);
    // With lateness, only a few moments of each latency are tried, and no more is claimed.
    let seen = every(&Main::new(window), Bounds::late(ms(1)));
    assert!(!seen.complete, "{}", seen.orders);
}
