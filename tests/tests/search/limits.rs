//! Where a run is cut short, and where it is not: at the edges of limits and bounds, with very many tasks,
//! and where a program does not let itself be ended.

use std::future::{Future, pending, poll_fn};
use std::panic::catch_unwind;
use std::task::Poll;
use std::time::Duration;

use deadheat::fault::{Link, Process};
use deadheat::program::{busy, in_run};
use deadheat::record::LimitReached;
use deadheat::search::Single;
use deadheat::{
    Bounds, Config, Failure, Instant, Limits, Mix, Run, Sampler, Verdict, always, block_on, check,
    run, sleep, sleep_until, sometimes, spawn, yield_now,
};
use deadheat_tests::strategy::{cases, scenario};
use deadheat_timeout::timeout;
use proptest::prelude::*;
use proptest::sample::select;

const MS: Duration = Duration::from_millis(1);
const NS: Duration = Duration::from_nanos(1);

fn up_to(virtual_time: Duration) -> Config {
    Config::new().limits(Limits {
        virtual_time,
        ..Limits::default()
    })
}

/// Every scheduler, up to this late, a few runs each.
fn everywhere(config: &Config, bounds: Bounds) -> impl Iterator<Item = Config> {
    let config = config.clone().runs(22);
    let samplers = Sampler::ALL.into_iter();
    samplers.map(move |sampler| config.clone().mix(Mix::only(sampler, bounds)))
}

#[test]
fn a_timer_that_is_due_at_the_limit_of_virtual_time_fires() {
    for late in [Duration::ZERO, NS, MS, 9 * MS, 10 * MS, Duration::MAX] {
        for config in everywhere(&up_to(9 * MS), Bounds::late(late)) {
            check(&config, || sleep(9 * MS)).unwrap();
        }
    }
}

#[test]
fn a_task_that_may_stall_takes_its_turn_at_the_limit_of_virtual_time() {
    let end = Instant::START + 9 * MS;
    for config in everywhere(&up_to(9 * MS), Bounds::late(MS)) {
        let runs = check(&config, move || async move {
            let process = Process::new().may_stall(Duration::MAX);
            process.spawn(sleep_until(end)).await.unwrap();
            sleep_until(end).await;
        });
        runs.unwrap();
    }
}

#[test]
fn what_is_late_past_the_last_moment_of_the_clock_happens_at_it() {
    for config in everywhere(&up_to(Duration::MAX), Bounds::late(Duration::MAX)) {
        let runs = check(&config, || async {
            let late = timeout(&deadheat::clock(), MS, sleep(3 * MS)).await;
            late.ok();
        });
        runs.unwrap();
    }
}

/// Instants about which a run of random programs is likely to do something, and the ends of the clock.
fn edge() -> impl Strategy<Value = Duration> {
    let near = (0..8_u64, 0..3_u64).prop_map(|(seconds, tick)| {
        Duration::from_nanos((seconds * 1_000_000_000 + tick).saturating_sub(1))
    });
    prop_oneof![near, select(vec![Duration::ZERO, NS, MS, Duration::MAX])]
}

fn limits() -> impl Strategy<Value = Limits> {
    let steps = || select(vec![0_u64, 1, 2, 10, 1_000, u64::MAX]);
    (
        edge(),
        steps(),
        steps(),
        select(vec![0_u64, 1, 2, u64::MAX]),
    )
        .prop_map(|(virtual_time, steps, steps_per_instant, tasks)| Limits {
            virtual_time,
            steps: steps.min(10_000),
            steps_per_instant,
            tasks,
            ..Limits::default()
        })
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// No decision leaves both time and the queue as they were: whatever the limits and the bounds, it ends.
    #[test]
    fn every_run_ends_within_its_limits(
        drawn in scenario(),
        limits in limits(),
        late in edge(),
        task_late in edge(),
        seed in any::<u64>(),
    ) {
        let program = drawn.program();
        for sampler in Sampler::ALL {
            let config = Config::new().limits(limits).seed(seed);
            let bounds = Bounds { late, task_late };
            let (run, _) = Single::of(&program, &config).scheduled(bounds, sampler.scheduler());
            prop_assert!(run.panic.is_none(), "{:?}", run.panic);
            prop_assert!(run.steps <= limits.steps, "{} steps", run.steps);
            prop_assert!(
                u128::from(run.at.as_nanos().unsigned_abs()) <= limits.virtual_time.as_nanos(),
                "ended at {}", run.at
            );
        }
    }
}

fn ended(program: impl AsyncFn() + Sync + Copy + 'static) -> Result<Run, Box<Failure>> {
    run(&Config::new(), move || async move { program().await })
}

#[test]
fn very_many_tasks_that_end_at_one_instant_are_no_livelock() {
    let run = ended(async || {
        let tasks: Vec<_> = (0..60_000).map(|_| spawn(sleep(MS))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(run.unwrap().steps > Limits::default().steps_per_instant);
}

#[test]
fn a_million_tasks_run_to_their_end() {
    let run = ended(async || {
        (0..1_000_000).for_each(|_| drop(spawn(sleep(MS))));
        sleep(2 * MS).await;
    });
    assert!(run.unwrap().steps > 2_000_000);
}

#[test]
fn a_million_pending_timers_run_to_their_end() {
    let run = ended(async || {
        for _ in 0..1_000 {
            spawn(async {
                let sleeps = (0..1_000).map(|number| Box::pin(sleep(MS * (1 + number % 2))));
                let mut sleeps: Vec<_> = sleeps.collect();
                poll_fn(|cx| {
                    sleeps.retain_mut(|sleep| sleep.as_mut().poll(cx).is_pending());
                    match sleeps.is_empty() {
                        true => Poll::Ready(()),
                        false => Poll::Pending,
                    }
                })
                .await;
            });
        }
        sleep(3 * MS).await;
    });
    assert!(run.unwrap().steps > 1_000_000);
}

#[test]
fn tasks_that_spawn_tasks_without_end_meet_the_limit_on_tasks() {
    fn spread() {
        spawn(async {
            yield_now().await;
            spread();
            spread();
        });
    }
    let config = Config::new().limits(Limits {
        tasks: 100_000,
        ..Limits::default()
    });
    let failure = run(&config, || async {
        spread();
        pending::<()>().await;
    })
    .unwrap_err();
    assert_eq!(failure.run.verdict, Verdict::Limit(LimitReached::Tasks));
}

#[test]
fn a_task_that_wakes_itself_is_a_livelock_however_many_tasks_there_are() {
    let failure = ended(async || {
        (0..2_000).for_each(|_| drop(spawn(pending::<()>())));
        loop {
            yield_now().await;
        }
    });
    let failure = failure.unwrap_err();
    assert_eq!(
        failure.run.verdict,
        Verdict::Limit(LimitReached::StepsPerInstant)
    );
    let text = failure.to_string();
    assert!(text.contains("… and 1951 more tasks"), "{text}");
}

#[test]
fn time_that_passes_after_the_limit_does_not_give_the_run_new_steps() {
    let failure = run(&up_to(5 * MS), || async {
        busy(9 * MS);
        (0..100).for_each(|_| busy(MS));
        yield_now().await;
        unreachable!("the run is over");
    })
    .unwrap_err();
    assert_eq!(
        failure.run.verdict,
        Verdict::Limit(LimitReached::VirtualTime)
    );
    // The next run of this thread has its limits to itself, also where time passes in the middle of a turn.
    let next = run(&up_to(5 * MS), || async {
        busy(MS);
        sleep(4 * MS).await;
    });
    assert_eq!(next.unwrap().verdict, Verdict::Done);
}

/// So many steps in all, and so many without time passing.
fn steps(of_run: u64, of_instant: u64) -> Config {
    Config::new().limits(Limits {
        steps: of_run,
        steps_per_instant: of_instant,
        ..Limits::default()
    })
}

#[test]
fn a_run_that_took_all_its_steps_says_so_and_says_a_livelock_only_where_one_instant_took_them() {
    let wakes_itself = || async {
        loop {
            yield_now().await;
        }
    };
    for (config, limit) in [
        (steps(10, 20), LimitReached::Steps),
        (steps(10, 10), LimitReached::Steps),
        (steps(11, 10), LimitReached::StepsPerInstant),
    ] {
        let failure = run(&config, wakes_itself).unwrap_err();
        assert_eq!(failure.run.verdict, Verdict::Limit(limit));
        assert_eq!(failure.run.steps, 10);
    }
}

struct Guard<F: FnMut()>(F);

impl<F: FnMut()> Drop for Guard<F> {
    fn drop(&mut self) {
        self.0();
    }
}

#[test]
fn a_statement_of_a_destructor_counts_while_the_run_is_torn_down() {
    let failure = ended(async || {
        spawn(async {
            let _guard = Guard(|| always(false, || "dropped before it was done".to_owned()));
            pending::<()>().await;
        });
        yield_now().await;
    });
    let text = failure.unwrap_err().to_string();
    assert!(
        text.contains("violated: dropped before it was done"),
        "{text}"
    );

    let exploration =
        deadheat::explore_future(&Config::new().runs(1), &Default::default(), || async {
            spawn(async {
                let _guard = Guard(|| sometimes(true, "torn down"));
                pending::<()>().await;
            });
            yield_now().await;
        });
    assert_eq!(exploration.statements["torn down"], 1);
}

#[test]
fn the_tasks_that_are_left_are_dropped_in_the_order_in_which_they_were_spawned() {
    let failure = ended(async || {
        for name in ["first", "second", "third"] {
            spawn(async move {
                let _guard = Guard(|| always(false, || name.to_owned()));
                pending::<()>().await;
            });
            // There is nothing left of this one.
            spawn(async {}).await.unwrap();
        }
    });
    let violations = failure.unwrap_err().run.violations;
    let texts: Vec<_> = violations
        .iter()
        .map(|violation| &*violation.text)
        .collect();
    assert_eq!(texts, ["first", "second", "third"]);
}

#[test]
fn an_output_that_nobody_takes_is_dropped_with_the_tasks_and_one_that_nobody_can_take_at_its_end() {
    let failure = ended(async || {
        spawn(async {}).await.unwrap();
        let kept = spawn(async { Guard(|| always(false, || "dropped at last".to_owned())) });
        std::mem::forget(kept);
        spawn(async {
            let _guard = Guard(|| always(false, || "dropped first".to_owned()));
            pending::<()>().await;
        });
        yield_now().await;
    });
    let violations = failure.unwrap_err().run.violations;
    let texts: Vec<_> = violations
        .iter()
        .map(|violation| &*violation.text)
        .collect();
    assert_eq!(texts, ["dropped first", "dropped at last"]);

    let failure = ended(async || {
        drop(spawn(async {
            sleep(MS).await;
            Guard(|| always(false, || "dropped at its end".to_owned()))
        }));
        sleep(5 * MS).await;
    });
    let failure = failure.unwrap_err();
    assert_eq!(
        failure.run.violations[0].at,
        Instant::START + MS,
        "{failure}"
    );
}

#[test]
fn a_loop_that_catches_the_end_of_its_run_is_left() {
    let failure = ended(async || {
        loop {
            let caught = catch_unwind(|| block_on(pending::<()>()));
            assert!(caught.is_err() && in_run());
        }
    });
    assert_eq!(failure.unwrap_err().run.verdict, Verdict::Stuck);
}

#[test]
fn a_range_that_ends_before_it_starts_is_an_error_at_its_place() {
    fn inverted() -> std::ops::RangeInclusive<Duration> {
        9 * MS..=5 * MS
    }
    let calls: [fn(); 3] = [
        || drop(sleep(inverted())),
        || busy(inverted()),
        || {
            Link::new(inverted());
        },
    ];
    for call in calls {
        let failure = run(&Config::new(), move || async move { call() }).unwrap_err();
        let text = failure.to_string();
        assert!(
            text.contains("the range 9ms..=5ms holds no duration"),
            "{text}"
        );
        assert!(text.contains(file!()), "{text}");
    }
}

#[test]
fn a_sleep_past_the_end_of_the_clock_is_named_in_the_report() {
    let failure = ended(async || {
        sleep(MS).await;
        sleep(Duration::MAX).await;
    });
    let text = failure.unwrap_err().to_string();
    assert!(
        text.contains("main waits for a sleep that never ends"),
        "{text}"
    );
}

#[test]
fn what_waits_for_something_unknown_gets_the_hint_that_a_thread_may_be_behind_it() {
    let failure = ended(async || {
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || receiver.recv());
        pending::<()>().await;
        drop((sender, thread));
    });
    let text = failure.unwrap_err().to_string();
    assert!(text.contains("hint: "), "{text}");
    assert!(text.contains("may come from a real thread"), "{text}");
}
