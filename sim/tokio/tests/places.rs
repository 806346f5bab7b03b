//! What a program causes has its line in the trace: of deadheat's own functions, of the drop-in's, of the library's.

use std::future::pending;
use std::time::Duration;

use deadheat::program::spawn_task;
use deadheat::record::{EventKind, Origin};
use deadheat::{Config, clock, run};
use deadheat_timeout::Interrupted;
use deadheat_tokio as tokio;

const MS: Duration = Duration::from_millis(1);

/// What a program causes once it has begun, as `WHAT LINE`: of the source below, so that a line says what it holds.
fn causes<F: Future<Output = ()> + 'static>(program: fn() -> F) -> Vec<String> {
    let source: Vec<&str> = include_str!("places.rs").lines().collect();
    let run = run(&Config::new().trace(true), program).unwrap();
    let events = run.trace().events.iter().skip(1);
    let caused = events.filter_map(|event| Some((&event.what, event.origin.as_ref()?)));
    let told = |(what, origin): (&EventKind, &Origin)| {
        assert!(origin.at.file.ends_with("tests/places.rs"), "{origin}");
        let what = what.to_string();
        let what = what.split(' ').next().unwrap_or_default();
        let (_, name) = source[origin.at.line as usize - 1].split_once("// ")?;
        Some(format!("{what} {name}"))
    };
    caused
        .map(|caused| told(caused).unwrap_or_else(|| caused.1.to_string()))
        .collect()
}

#[test]
fn of_deadheats_own_functions() {
    let caused = causes(|| async {
        deadheat::sleep(MS).await; // a sleep
        deadheat::sleep(MS..=MS).await; // a range
        deadheat::sleep_until(deadheat::now() + MS).await; // a moment
        let task = deadheat::spawn(async {}); // a task
        task.await.unwrap();
        deadheat::random(4); // a draw
        deadheat::trace!("said"); // a log
        tokio::spawn(async {}); // a task of tokio's
    });
    let expected = [
        "arm a sleep",
        "arm a range",
        "arm a moment",
        "spawn a task",
        "draw a draw",
        "log a log",
        "spawn a task of tokio's",
    ];
    assert_eq!(caused, expected);
}

#[test]
fn of_the_timers_of_tokio() {
    let caused = causes(|| async {
        tokio::time::sleep(MS).await; // a sleep
        let mut ticks = tokio::time::interval(MS); // an interval
        ticks.tick().await;
        ticks.tick().await;
        let at = tokio::time::Instant::now() + MS;
        let late = tokio::time::timeout_at(at, pending::<()>()); // a timeout
        late.await.unwrap_err();
        tokio::select! {
            () = tokio::time::sleep(MS) => {} // a branch
            () = pending() => {}
        }
    });
    let expected = [
        "arm a sleep",
        "arm an interval",
        "arm a timeout",
        "arm a branch",
    ];
    assert_eq!(caused, expected);
}

#[test]
fn of_the_library() {
    let caused = causes(|| async {
        let native = deadheat_timeout::timeout(&clock(), MS, pending::<()>()); // a timeout
        native.await.unwrap_err();
        let waits = deadheat_timeout::wait_for(&clock(), pending::<()>(), Some(MS)); // a wait
        waits.await.unwrap_err();
        let work = async |cx: deadheat_timeout::Cx<deadheat::program::SimClock>| {
            let body = async |scope: deadheat_timeout::Scope<_>| {
                scope.deadline().reschedule_after(MS).unwrap(); // a move
                Ok::<_, Interrupted>(scope.wait(pending::<()>()).await?)
            };
            let scope = cx.timeout(9 * MS, body); // a scope
            scope.await
        };
        let work = spawn_task("work", work); // a task
        deadheat::yield_now().await;
        work.cancel(); // a cancel
        work.ended().await.unwrap_err();
    });
    let expected = [
        "arm a timeout",
        "arm a wait",
        "spawn a task",
        "enter a scope",
        "arm a scope",
        "reschedule a move",
        "arm a scope",
        "cancel a cancel",
    ];
    assert_eq!(caused, expected);
}

/// A place is for a reader: it changes neither what a trace says nor whether two are equal.
#[test]
fn a_place_changes_no_trace() {
    let of = |program: fn() -> deadheat::program::Sleep| {
        run(&Config::new().trace(true), program).unwrap()
    };
    let (one, other) = (of(|| deadheat::sleep(MS)), of(|| deadheat::sleep(MS)));
    assert_ne!(one.trace().events[2].origin, other.trace().events[2].origin);
    assert_eq!(one.trace(), other.trace());
    assert_eq!(one.fingerprint, other.fingerprint);
    assert!(!one.trace().to_string().contains("places.rs"));
}
