//! Every panic of a run is told, with its place: of tasks, of what is dropped, and of code from outside.

use std::future::{Future, pending};
use std::panic::panic_any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use deadheat::decide::{Decision, Scheduler};
use deadheat::search::Single;
use deadheat::{Bounds, Config, Failure, Main, check, log, run, sleep, spawn, spawn_named};

const MS: Duration = Duration::from_millis(1);

struct PanicsOnDrop(&'static str);

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("drop of {}", self.0);
    }
}

/// A waker that panics when it wakes, or when it is dropped.
struct Outside {
    wake: bool,
}

impl Wake for Outside {
    fn wake(self: Arc<Self>) {
        if self.wake {
            panic!("in a waker");
        }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        if !self.wake && !std::thread::panicking() {
            panic!("drop of a waker");
        }
    }
}

fn poll_from_outside<F: Future>(future: Pin<&mut F>, wake: bool) -> Poll<F::Output> {
    let waker = Waker::from(Arc::new(Outside { wake }));
    let polled = future.poll(&mut Context::from_waker(&waker));
    // Only the last of the two is dropped with effect.
    drop(waker);
    polled
}

#[track_caller]
fn says(failure: &Failure, part: &str) {
    let text = failure.to_string();
    assert!(text.contains(part), "expected {part:?} in: {text}");
}

#[test]
fn a_waker_from_outside_that_panics_as_a_timer_fires_fails_the_run() {
    let failure = check(&Config::new().runs(20), || async {
        let mut nap = Box::pin(sleep(MS));
        assert!(poll_from_outside(nap.as_mut(), true).is_pending());
        sleep(3 * MS).await;
    });
    let failure = failure.unwrap_err();
    says(
        &failure,
        "panicked: a waker from outside panicked at tests/tests/reports/panics.rs:",
    );
    says(&failure, ": in a waker\n");
    // The thread is as good as before.
    assert!(run(&Config::new(), || sleep(MS)).is_ok());
}

#[test]
fn a_waker_from_outside_that_panics_as_a_task_ends_fails_the_run() {
    let ends: [fn() -> deadheat::JoinHandle<()>; 3] = [
        || spawn(async { sleep(MS).await }),
        || {
            let task = spawn(pending());
            task.abort();
            task
        },
        || {
            let task = spawn(pending());
            let handle = task.abort_handle();
            spawn(async move {
                sleep(MS).await;
                handle.drop_now();
            });
            task
        },
    ];
    for end in ends {
        let failure = run(&Config::new(), || async move {
            let mut task = Box::pin(end());
            assert!(poll_from_outside(task.as_mut(), true).is_pending());
            sleep(3 * MS).await;
        });
        says(
            &failure.unwrap_err(),
            "panicked: a waker from outside panicked at tests/tests/reports/panics.rs:",
        );
    }
}

#[test]
fn a_waker_from_outside_that_panics_as_it_is_dropped_with_the_run_fails_it() {
    let failure = run(&Config::new(), || async {
        let mut nap = Box::pin(sleep(5 * MS));
        let mut task = Box::pin(spawn(pending::<()>()));
        assert!(poll_from_outside(task.as_mut(), false).is_pending());
        assert!(poll_from_outside(nap.as_mut(), false).is_pending());
        std::mem::forget(nap);
    });
    let failure = failure.unwrap_err();
    says(
        &failure,
        "panicked: a waker from outside panicked at tests/tests/reports/panics.rs:",
    );
    says(
        &failure,
        "    then a waker from outside panicked at tests/tests/reports/panics.rs:",
    );
    assert!(run(&Config::new(), || sleep(MS)).is_ok());
}

#[test]
fn a_payload_that_panics_as_it_is_dropped_is_told() {
    let failure = check(&Config::new().runs(20), || async {
        spawn(async {
            sleep(MS).await;
            panic_any(PanicsOnDrop("a payload"));
        });
        sleep(5 * MS).await;
    });
    let failure = failure.unwrap_err();
    says(
        &failure,
        "task-1 panicked at tests/tests/reports/panics.rs:",
    );
    says(
        &failure,
        ": a value that is no text\n    then what it panicked with panicked as it was dropped, at tests/tests/reports/panics.rs:",
    );
    says(&failure, ": drop of a payload\n");
}

#[test]
fn a_caught_panic_that_nobody_sees_has_a_payload_that_may_panic_too() {
    let failure = run(&Config::new(), || async {
        let caught = deadheat::program::catch(|| panic_any(PanicsOnDrop("a payload")));
        drop(caught.map(|()| 0));
        let discarded = deadheat::program::catch(|| panic_any(PanicsOnDrop("another")));
        discarded.map(|()| 0).unwrap_err().discard();
        log("it goes on");
    });
    let failure = failure.unwrap_err();
    says(
        &failure,
        ": a value that is no text\n    then what it panicked with panicked as it was dropped, at ",
    );
    says(&failure, ": drop of a payload\n");
    says(&failure, "it goes on");
    assert!(!failure.to_string().contains("another"), "{failure}");
}

#[test]
fn a_task_that_panics_and_panics_again_as_it_is_dropped_is_told_with_both() {
    /// Its drop is no part of the unwinding: the future is dropped afterwards.
    struct Twice(#[expect(dead_code, reason = "it is there to be dropped")] PanicsOnDrop);
    impl Future for Twice {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            panic!("first")
        }
    }
    let failure = run(&Config::new(), || async {
        spawn_named("worker", Twice(PanicsOnDrop("the future")));
        sleep(MS).await;
    });
    let failure = failure.unwrap_err();
    says(
        &failure,
        "panicked: worker panicked at tests/tests/reports/panics.rs:",
    );
    says(
        &failure,
        ": first\n    then the same task, as it was dropped, panicked at tests/tests/reports/panics.rs:",
    );
    says(&failure, ": drop of the future\n");
}

#[test]
fn panics_of_the_teardown_are_told_after_the_first_one() {
    let failure = run(&Config::new(), || async {
        for _ in 0..5 {
            spawn(async {
                let _guard = PanicsOnDrop("a guard");
                pending::<()>().await;
            });
        }
        sleep(MS).await;
        panic!("the test itself");
    });
    let failure = failure.unwrap_err();
    says(&failure, "main panicked at tests/tests/reports/panics.rs:");
    says(
        &failure,
        ": the test itself\n    then task-1 panicked at tests/tests/reports/panics.rs:",
    );
    says(&failure, "    then task-3 panicked");
    says(&failure, ": drop of a guard\n    and 2 more\n");
}

#[test]
fn a_panic_that_was_caught_on_the_way_leaves_the_place_of_the_other_alone() {
    struct Catches;
    impl Drop for Catches {
        fn drop(&mut self) {
            let caught = deadheat::program::catch(|| panic!("inner"));
            caught.map(|()| 0).unwrap_err().discard();
            let _ = std::panic::catch_unwind(|| panic!("innermost"));
        }
    }
    let line = line!() + 3;
    let failure = run(&Config::new(), || async {
        let _catches = Catches;
        panic!("outer")
    });
    let place = format!("main panicked at tests/tests/reports/panics.rs:{line}:9: outer");
    says(&failure.unwrap_err(), &place);
}

#[test]
fn a_scheduler_that_panics_is_told_and_the_thread_is_as_good_as_before() {
    #[derive(Debug)]
    struct Panics;
    impl Scheduler for Panics {
        fn name(&self) -> &'static str {
            "panics"
        }
        fn begin(&mut self, _seed: u64) -> bool {
            true
        }
        fn choose(&mut self, _decision: &Decision<'_>) -> u64 {
            panic!("no choice")
        }
    }
    let program = Main::new(|| async {
        spawn(sleep(MS));
        spawn(sleep(MS));
        sleep(MS).await;
    });
    let (made, _) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, Box::new(Panics));
    let panic = made.panic.expect("a panic").to_string();
    assert!(panic.starts_with("the scheduler panicked at "), "{panic}");
    assert!(panic.ends_with(": no choice"), "{panic}");
    assert!(run(&Config::new(), || sleep(MS)).is_ok());
}
