//! Crates that use the real tokio themselves are in time with a run.

use std::time::Duration;

use deadheat::fault::Link;
use deadheat::{Config, Verdict, now, run, sleep, spawn};
// In this package that is tokio itself.
use tokio::time::{self, Instant};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn elapsed() -> Duration {
    Duration::from_nanos(now().as_nanos() as u64)
}

#[test]
fn the_clock_is_virtual_to_the_nanosecond() {
    let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
        let start = Instant::now();
        sleep(Duration::from_nanos(1_234_567)).await;
        assert_eq!(start.elapsed(), Duration::from_nanos(1_234_567));
        deadheat::program::busy(ms(3));
        assert_eq!(start.elapsed(), Duration::from_nanos(4_234_567));
    });
    run.unwrap();
}

#[test]
fn a_real_timer_fires_at_its_tick_and_in_order_with_the_runs_own() {
    let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
        let real = spawn(async {
            let mut seen = Vec::new();
            for _ in 0..3 {
                time::sleep(ms(10)).await;
                seen.push(elapsed());
            }
            seen
        });
        let own = spawn(async {
            sleep(Duration::from_micros(9_999)).await;
            let before = elapsed();
            sleep(ms(5)).await;
            (before, elapsed())
        });
        assert_eq!(real.await.unwrap(), [ms(10), ms(20), ms(30)]);
        let own = own.await.unwrap();
        assert_eq!(
            own,
            (Duration::from_micros(9_999), Duration::from_micros(14_999))
        );
        assert_eq!(elapsed(), ms(30));
    });
    run.unwrap();
}

#[test]
fn a_real_timer_is_rounded_up_to_a_tick_of_the_run() {
    for _ in 0..3 {
        let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
            sleep(Duration::from_micros(300)).await;
            time::sleep(Duration::from_micros(1)).await;
            assert_eq!(elapsed(), ms(1));
        });
        // The run ends within a tick: the next one begins at one all the same.
        assert_eq!(run.unwrap().at.as_nanos(), 1_000_000);
    }
}

#[test]
fn runs_of_a_thread_do_not_depend_on_each_other() {
    let zero = || {
        let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
            let sleep = std::pin::pin!(time::sleep(Duration::ZERO));
            let at_once = futures::poll!(sleep).is_ready();
            deadheat::log(&format!("{at_once}"));
            deadheat::program::busy(Duration::from_micros(2_500));
        });
        run.unwrap().fingerprint
    };
    assert_eq!(zero(), zero());
}

#[test]
fn what_waits_for_nothing_is_stuck() {
    let failure = run(&Config::new().beside(deadheat_tokio::beside), || async {
        let (_keep, mut never) = tokio::sync::mpsc::channel::<()>(1);
        never.recv().await;
    });
    let failure = failure.unwrap_err();
    assert_eq!(failure.run.verdict, Verdict::Stuck);
    assert_eq!(failure.run.at.as_nanos(), 0);
}

#[test]
fn a_real_timeout_wakes_a_task_with_nothing_else_to_come() {
    let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
        let late = time::timeout(Duration::from_secs(3600), std::future::pending::<()>()).await;
        assert!(late.is_err());
        assert_eq!(elapsed(), Duration::from_secs(3600));
    });
    run.unwrap();
}

#[test]
fn what_others_spawn_on_tokio_runs_in_virtual_time() {
    let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
        let answer = tokio::spawn(async {
            time::sleep(ms(7)).await;
            (42, elapsed())
        });
        assert_eq!(answer.await.unwrap(), (42, ms(7)));
        assert_eq!(elapsed(), ms(7));
    });
    run.unwrap();
}

#[test]
fn a_task_on_tokio_that_never_ends_ends_with_the_run() {
    for _ in 0..2 {
        let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
            let background = tokio::spawn(async {
                loop {
                    time::sleep(ms(1)).await;
                }
            });
            drop(background);
            sleep(ms(20)).await;
            assert_eq!(elapsed(), ms(20));
        });
        run.unwrap();
    }
}

#[test]
fn a_task_on_tokio_that_ticks_for_ever_meets_the_limit() {
    let failure = run(&Config::new().beside(deadheat_tokio::beside), || async {
        tokio::spawn(async {
            loop {
                time::sleep(ms(1)).await;
            }
        });
        std::future::pending::<()>().await;
    });
    assert_eq!(
        failure.unwrap_err().run.verdict,
        Verdict::Limit(deadheat::record::LimitReached::Steps)
    );
}

#[test]
fn each_turn_has_the_budget_of_a_task() {
    let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
        let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
        for number in 0..300 {
            send.send(number).unwrap();
        }
        let other = spawn(async { deadheat::log("the other has its turn") });
        let mut before = 0;
        while !other.is_finished() {
            receive.recv().await.unwrap();
            before += 1;
        }
        assert_eq!(before, 129);
    });
    run.unwrap();
}

#[test]
fn what_blocks_the_thread_says_so() {
    let failure = run(&Config::new().beside(deadheat_tokio::beside), || async {
        let (_send, mut receive) = tokio::sync::mpsc::channel::<()>(1);
        receive.blocking_recv();
    });
    let failure = failure.unwrap_err().to_string();
    assert!(
        failure.contains("Cannot block the current thread"),
        "{failure}"
    );
}

#[test]
fn a_run_from_within_a_runtime_says_so() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let failure =
        runtime.block_on(async { run(&Config::new().beside(deadheat_tokio::beside), || async {}) });
    let failure = failure.unwrap_err().to_string();
    assert!(failure.contains("from within a runtime"), "{failure}");
}

#[test]
fn a_run_with_a_link_is_the_same_with_and_without_others() {
    let print = |others: bool| {
        let run = run(
            &Config::new().beside(deadheat_tokio::beside),
            move || async move {
                if others {
                    tokio::spawn(time::sleep(ms(1)));
                }
                let (sender, mut receiver) = Link::new(ms(1)..=ms(3)).connect();
                sender.send(7);
                assert_eq!(receiver.recv().await, 7);
            },
        );
        run.unwrap().fingerprint
    };
    assert_eq!(print(false), print(true));
}

#[test]
fn a_timer_of_the_run_in_a_task_on_tokio_is_on_time() {
    let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
        let task = tokio::spawn(async {
            deadheat_tokio::time::sleep(Duration::from_micros(1_500)).await;
            elapsed()
        });
        assert_eq!(task.await.unwrap(), Duration::from_micros(1_500));
    });
    run.unwrap();
}
