//! What may go wrong: faults, stalls, clocks that are not right, links. Each kind shows a planted bug, passes
//! the fixed twin, is absent from FIFO, and is taken away by the shrinker where it does not matter.

use std::time::Duration;

use deadheat::fault::{Coarse, Link, NodeClock, Process, Rounding, WallClock, fault_of};
use deadheat::{
    Config, Failure, Instant, Limits, always, check, clock, fault, now, random, run, sleep,
    spawn_named,
};
use deadheat_timeout::{Clock, timeout_at};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn found<F, Fut>(program: F) -> Failure
where
    F: Fn() -> Fut + Sync + Copy,
    Fut: Future<Output = ()> + 'static,
{
    run(&Config::new(), program).expect("nothing goes wrong in FIFO order, on time");
    *check(&Config::new(), program).expect_err("a planted bug")
}

#[test]
fn a_fault_is_found_named_and_shrunk_to_the_one_that_matters() {
    let failure = found(|| async {
        let mut written = 0;
        for _ in 0..5 {
            written += usize::from(!fault("the write"));
            fault("the read");
        }
        always(written == 5, || "a write is missing".to_owned());
    });
    assert_eq!(failure.run.token.tape.len(), 1, "{failure}");
    assert!(failure.to_string().contains("the write fails"), "{failure}");
    assert_eq!(failure.decisive, [true]);
}

#[test]
fn a_run_has_no_more_faults_than_its_limit() {
    let limits = Limits {
        faults: 2,
        ..Limits::default()
    };
    let runs = check(&Config::new().limits(limits), || async {
        let wrong = (0..100).filter(|_| fault("it")).count();
        assert!(wrong <= 2, "{wrong} faults");
    });
    runs.unwrap();
}

#[test]
fn a_fault_has_as_many_ways_as_it_says() {
    let failure = found(|| async {
        let copies = fault_of("the reply", &[("is lost", 0), ("comes twice", 2)]);
        always(copies != Some(&2), || "twice".to_owned());
    });
    assert!(
        failure.to_string().contains("the reply comes twice"),
        "{failure}"
    );
}

#[test]
fn a_stalled_process_meets_what_came_due_in_the_meantime() {
    let failure = found(|| async {
        let process = Process::new().may_stall(ms(10_000));
        let late = process.spawn(async {
            sleep(ms(1_000)).await;
            now()
        });
        let at = late.await.unwrap();
        always(at < Instant::START + ms(5_000), || "too late".to_owned());
    });
    assert!(
        failure.run.token.bounds.late.is_zero(),
        "no timer is late: {failure}"
    );
}

#[test]
fn the_tasks_of_a_process_stall_together_by_one_decision() {
    let failure = found(|| async {
        let process = Process::new().may_stall(ms(10_000));
        let ticks = [300, 700, 1_100, 1_500];
        let tasks = ticks.map(|at| {
            process.spawn(async move {
                sleep(ms(at)).await;
                now()
            })
        });
        let mut late = 0;
        for (task, at) in tasks.into_iter().zip(ticks) {
            late += usize::from(task.await.unwrap() > Instant::START + ms(at + 1));
        }
        always(late < 3, || "three ticks were missed".to_owned());
    });
    assert_eq!(failure.run.token.tape.len(), 1, "{failure}");
}

#[test]
fn two_processes_do_not_stall_each_other() {
    check(
        &Config::new().mix(deadheat::Mix::portfolio(&[deadheat::Bounds::EXACT])),
        || async {
            let stalling = Process::new().may_stall(ms(10_000));
            let other = Process::new().may_stall(ms(1));
            let slow = stalling.spawn(async { sleep(ms(100)).await });
            let quick = other.spawn(async {
                sleep(ms(100)).await;
                now()
            });
            assert!(quick.await.unwrap() <= Instant::START + ms(102));
            slow.await.unwrap();
        },
    )
    .unwrap();
}

#[test]
fn tasks_outside_of_a_stalled_process_are_on_time() {
    let runs = check(
        &Config::new().mix(deadheat::Mix::portfolio(&[deadheat::Bounds::EXACT])),
        || async {
            let stalled = Process::new()
                .may_stall(ms(10_000))
                .spawn(async { sleep(ms(100)).await });
            sleep(ms(1_000)).await;
            assert_eq!(now(), Instant::START + ms(1_000));
            stalled.await.unwrap();
        },
    );
    runs.unwrap();
}

#[test]
fn a_wall_clock_jumps_and_a_clone_is_the_same_clock() {
    let failure = found(|| async {
        let clock = WallClock::new().may_jump(ms(3_600_000));
        let lease_end = clock.now() + ms(10_000);
        sleep(ms(5_000)).await;
        always(clock.clone().now() < lease_end, || {
            "the lease ended early".to_owned()
        });
    });
    assert!(
        failure
            .to_string()
            .contains("the wall clock is set forward"),
        "{failure}"
    );
    check(&Config::new(), || async {
        let clock = WallClock::new();
        let before = clock.now();
        sleep(ms(5)).await;
        assert!(clock.now().duration_since(before).unwrap() >= ms(5));
    })
    .unwrap();
}

#[test]
fn a_drifting_clock_fires_at_the_first_moment_that_reads_the_deadline() {
    run(&Config::new(), || async {
        for drift in [
            -999_999_999,
            -500_000_000,
            -7,
            0,
            1,
            333,
            250_000_000,
            1_000_000_000,
        ] {
            let node = NodeClock::exactly(ms(3), drift % 2 == 0, drift);
            for reading in [-5, 0, 1, 2, 999, 1_000_003, 77_777_777] {
                let reading = Instant::from_nanos(reading);
                let at = node.moment(reading);
                assert!(node.reading(at) >= reading, "{drift} {reading:?}");
                let before = Instant::from_nanos(at.as_nanos() - 1);
                assert!(node.reading(before) < reading, "{drift} {reading:?}");
            }
        }
    })
    .unwrap();
}

#[test]
fn a_skewed_node_acts_on_a_lease_that_is_over() {
    let failure = found(|| async {
        let (server, holder) = (clock(), NodeClock::skewed(ms(2_000)));
        let granted_until = server.now() + ms(10_000);
        let last = holder.now() + ms(10_000) - (Instant::START + ms(1_000));
        sleep(last).await;
        let _ = timeout_at(
            &holder,
            holder.now() + ms(500),
            std::future::pending::<()>(),
        )
        .await;
        always(holder.now() <= granted_until, || "past the end".to_owned());
    });
    assert!(
        failure.to_string().contains("a node's clock is ahead"),
        "{failure}"
    );
}

#[test]
fn coarse_timers_round_down_or_up_to_whole_ticks() {
    run(&Config::new(), || async {
        let at = Instant::from_nanos(1_500_000);
        let down = Coarse::new(ms(1), Rounding::Down);
        let up = Coarse::new(ms(1), Rounding::Up);
        assert_eq!(down.round(at), Instant::from_nanos(1_000_000));
        assert_eq!(up.round(at), Instant::from_nanos(2_000_000));
        assert_eq!(
            down.round(Instant::from_nanos(-1)),
            Instant::from_nanos(-1_000_000)
        );
        assert_eq!(up.round(Instant::MAX), Instant::MAX);
        up.timer(at).await;
        assert_eq!(now(), Instant::from_nanos(2_000_000));
    })
    .unwrap();
}

/// Sends three messages and gives what arrives within a second.
async fn three(link: Link) -> Vec<u32> {
    let (sender, receiver) = link.connect();
    (1..=3).for_each(|number| sender.send(number));
    sleep(ms(1_000)).await;
    std::iter::from_fn(|| receiver.try_recv()).collect()
}

#[test]
fn a_link_loses_duplicates_and_reorders_only_where_it_may() {
    let link = || Link::new(ms(1)..=ms(20));
    check(&Config::new(), move || async move {
        assert_eq!(three(link()).await, [1, 2, 3]);
    })
    .unwrap();
    let lost = found(move || async move {
        always(three(link().lossy()).await.len() == 3, || "lost".to_owned());
    });
    assert!(lost.to_string().contains("a message is lost"), "{lost}");
    let twice = found(move || async move {
        always(three(link().lossy().duplicating()).await.len() <= 3, || {
            "twice".to_owned()
        });
    });
    assert!(
        twice.to_string().contains("a message comes twice"),
        "{twice}"
    );
    let reordered = found(move || async move {
        always(three(link().overtaking()).await.is_sorted(), || {
            "overtaken".to_owned()
        });
    });
    assert_eq!(reordered.run.token.tape.len(), 1, "{reordered}");
}

#[test]
fn what_a_task_draws_does_not_depend_on_what_others_draw() {
    let drawn = |others: u64| {
        let program = deadheat::Main::new(move || async move {
            (0..others).for_each(|_| assert!(random(6) < 6));
            let dice = spawn_named("dice", async { (random(1_000), random(1_000)) });
            let other = spawn_named("other", async move {
                (0..others).for_each(|_| assert!(random(6) < 6))
            });
            other.await.unwrap();
            dice.await.unwrap()
        });
        deadheat::search::Single::of(&program, &Config::new().seed(7))
            .fifo()
            .1
    };
    assert_eq!(drawn(0), drawn(1));
    assert_eq!(drawn(0), drawn(5));
}

#[test]
fn a_deadline_that_moves_on_a_coarse_clock_is_rounded_too() {
    run(&Config::new(), || async {
        let clock = Coarse::new(ms(1), Rounding::Up);
        let scope = deadheat_timeout::Timeout::at(&clock, Instant::from_nanos(9_500_000));
        let deadline = scope.handle();
        let end = scope.run(async {
            sleep(ms(1)).await;
            deadline
                .reschedule_at(Instant::from_nanos(4_200_000))
                .unwrap();
            std::future::pending::<()>().await;
        });
        assert!(end.await.is_err());
        assert_eq!(now(), Instant::from_nanos(5_000_000));
    })
    .unwrap();
}
