//! `tokio::time` inside a run: what tokio's own tests do not ask.

use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadheat::{Bounds, Config, Mix, Sampler, check, now, run};
use deadheat_tokio as tokio;
use tokio::time::{self, Instant, MissedTickBehavior};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn elapsed() -> Duration {
    Duration::from_nanos(now().as_nanos() as u64)
}

fn in_run<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    run(&Config::new(), body).unwrap();
}

/// A run whose timers may be late by a millisecond.
fn late() -> Config {
    let bounds = Bounds::late(ms(1));
    Config::new()
        .mix(Mix::only(Sampler::Random, bounds))
        .runs(200)
}

fn panic_of(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).unwrap_err();
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| {
        payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
    })
    .unwrap()
}

/// The report of a run that awaits a timer from elsewhere.
fn failure_of(timer: impl Future<Output = ()> + Send + 'static) -> String {
    let timer = Arc::new(Mutex::new(Box::pin(timer)));
    let failure = run(&Config::new(), move || {
        let timer = Arc::clone(&timer);
        poll_fn(move |cx| {
            let mut timer = timer.lock().unwrap_or_else(PoisonError::into_inner);
            timer.as_mut().poll(cx)
        })
    });
    failure.unwrap_err().to_string()
}

#[test]
fn a_sleep_is_exact_to_the_nanosecond() {
    in_run(|| async {
        time::sleep(Duration::from_nanos(1_500_001)).await;
        assert_eq!(elapsed(), Duration::from_nanos(1_500_001));
    });
}

#[test]
fn with_ticks_a_sleep_is_rounded_up_as_tokio_does() {
    in_run(|| async {
        time::millisecond_ticks(true);
        time::sleep(Duration::from_nanos(1_500_001)).await;
        assert_eq!(elapsed(), ms(2));
        // So a deadline that is 0.8 ms before the result does not win.
        let start = Instant::now();
        let work = time::sleep_until(start + Duration::from_micros(9_900));
        let timeout = time::timeout_at(start + Duration::from_micros(9_100), work);
        assert!(timeout.await.is_ok());
        time::millisecond_ticks(false);
        time::sleep(Duration::from_nanos(1)).await;
        assert_eq!(elapsed(), ms(12) + Duration::from_nanos(1));
    });
    // The next run is exact again.
    a_sleep_is_exact_to_the_nanosecond();
}

#[test]
fn how_late_a_sleep_is_is_a_decision() {
    let found = check(&late(), || async {
        time::sleep(ms(5)).await;
        assert_eq!(elapsed(), ms(5));
    });
    let report = found.unwrap_err().to_string();
    assert!(report.contains("fires 1 ns late"), "{report}");
}

#[test]
fn both_outcomes_of_a_timeout_are_reached_near_a_tie() {
    for outcome in [true, false] {
        let found = check(&late(), move || async move {
            let work = time::timeout(ms(10), time::sleep(ms(10))).await;
            assert_ne!(work.is_ok(), outcome);
        });
        found.unwrap_err();
    }
}

#[test]
fn a_timeout_polls_the_future_first() {
    in_run(|| async {
        let both = time::timeout(Duration::ZERO, async { 42 });
        assert_eq!(both.await.unwrap(), 42);
        assert!(
            time::timeout(Duration::ZERO, pending::<()>())
                .await
                .is_err()
        );
        assert_eq!(elapsed(), Duration::ZERO);
    });
}

#[test]
fn a_reset_sleep_fires_at_its_new_deadline() {
    in_run(|| async {
        let start = Instant::now();
        let mut sleep = Box::pin(time::sleep(ms(10)));
        assert!(futures::poll!(&mut sleep).is_pending());
        sleep.as_mut().reset(start + ms(20));
        assert_eq!(sleep.deadline(), start + ms(20));
        sleep.as_mut().await;
        assert_eq!(elapsed(), ms(20));
        sleep.as_mut().reset(start + ms(30));
        assert!(!sleep.is_elapsed());
        sleep.as_mut().await;
        assert_eq!((elapsed(), sleep.is_elapsed()), (ms(30), true));
    });
}

#[test]
fn a_sleep_that_is_reset_to_the_past_wakes_in_the_call() {
    in_run(|| async {
        let start = Instant::now();
        time::sleep(ms(5)).await;
        let mut sleep = tokio_test::task::spawn(Box::pin(time::sleep(ms(10))));
        assert!(sleep.poll().is_pending());
        sleep.as_mut().reset(start);
        assert!(sleep.is_woken() && sleep.is_elapsed());
        assert!(sleep.poll().is_ready());
    });
}

#[test]
fn missed_ticks_are_as_the_behavior_says() {
    let ticks = |behavior| async move {
        let mut interval = time::interval(ms(10));
        interval.set_missed_tick_behavior(behavior);
        interval.tick().await;
        deadheat::program::busy(ms(25));
        let mut seen = Vec::new();
        for _ in 0..3 {
            interval.tick().await;
            seen.push(elapsed().as_millis());
        }
        seen
    };
    run(&Config::new(), move || async move {
        assert_eq!(ticks(MissedTickBehavior::Burst).await, [25, 25, 30]);
    })
    .unwrap();
    run(&Config::new(), move || async move {
        assert_eq!(ticks(MissedTickBehavior::Delay).await, [25, 35, 45]);
    })
    .unwrap();
    run(&Config::new(), move || async move {
        assert_eq!(ticks(MissedTickBehavior::Skip).await, [25, 30, 40]);
    })
    .unwrap();
}

#[test]
fn an_interval_may_be_late_and_keeps_its_grid() {
    check(&late(), || async {
        let start = Instant::now();
        let mut interval = time::interval(ms(10));
        for tick in 0..5 {
            let due = interval.tick().await;
            assert_eq!(due, start + tick * ms(10));
            assert!(due <= Instant::now() && Instant::now() <= due + ms(1));
        }
    })
    .unwrap();
}

#[test]
fn advance_fires_what_is_due_in_the_order_of_its_deadlines() {
    in_run(|| async {
        let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
        for millis in [30, 10, 20, 40] {
            let send = send.clone();
            deadheat::spawn(async move {
                time::sleep(ms(millis)).await;
                send.send((millis, elapsed())).unwrap();
            });
        }
        deadheat::yield_now().await;
        time::advance(ms(35)).await;
        let seen: Vec<_> = std::iter::from_fn(|| receive.try_recv().ok()).collect();
        assert_eq!(seen, [10, 20, 30].map(|millis| (millis, ms(35))));
        receive.recv().await.unwrap();
        assert_eq!(elapsed(), ms(40));
    });
}

#[test]
fn pause_and_resume_change_nothing() {
    in_run(|| async {
        time::pause();
        time::pause();
        time::resume();
        time::sleep(ms(3)).await;
        assert_eq!(elapsed(), ms(3));
    });
}

#[test]
fn a_timer_made_outside_says_so_inside() {
    let runtime = ::tokio::runtime::Runtime::new().unwrap();
    let _context = runtime.enter();
    let failure = failure_of(time::sleep(ms(1)));
    assert!(
        failure.contains("made outside of a deadheat run"),
        "{failure}"
    );
}

#[test]
fn a_timer_made_inside_says_so_outside_and_in_another_run() {
    let made = || {
        let (send, receive) = std::sync::mpsc::channel();
        run(&Config::new(), move || {
            let send = send.clone();
            async move { send.send(Box::pin(time::sleep(ms(1)))).unwrap() }
        })
        .unwrap();
        receive.recv().unwrap()
    };
    let outside = made();
    let text = panic_of(|| futures::executor::block_on(outside));
    assert!(text.contains("outside of that run"), "{text}");

    let failure = failure_of(made());
    assert!(failure.contains("outside of that run"), "{failure}");
}

#[test]
fn outside_of_a_run_time_is_tokios() {
    let runtime = ::tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        time::sleep(Duration::from_micros(1)).await;
        assert_eq!(start.elapsed(), ms(1));
        assert!(time::timeout(ms(1), pending::<()>()).await.is_err());
        let mut interval = time::interval(ms(10));
        interval.tick().await;
        interval.tick().await;
        time::advance(ms(5)).await;
        assert_eq!(start.elapsed(), ms(17));
        time::resume();
    });
}

/// The drop-in looks at the clock only to make timers, which is no look of the program.
#[test]
fn every_order_of_tokio_sleeps_is_all_there_is() {
    use deadheat::{Bounds, Config, Main, Watch, explore_exhaustive};
    let program = Main::new(|| async {
        let body = async {
            deadheat::sleep(Duration::from_millis(1)..=Duration::from_millis(4)).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        tokio::time::timeout(Duration::from_millis(3), body)
            .await
            .is_ok()
    });
    let config = Config::new();
    let seen = explore_exhaustive(&program, &config, Bounds::EXACT, &Watch::default());
    assert!(seen.complete, "{}", seen.orders);
    assert_eq!(seen.found.len(), 2, "in time and not");
}

/// In tokio that is a leak of memory, no mistake.
#[test]
fn a_sleep_that_is_forgotten_once_it_was_polled_fails_no_run() {
    in_run(|| async {
        let mut sleep = Box::pin(time::sleep(ms(9_000)));
        poll_fn(|cx| {
            assert!(sleep.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        std::mem::forget(sleep);
    });
}
