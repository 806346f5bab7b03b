//! The error of a timeout says which one it was: the drop-in's, and the library's on the clock of a run.

use std::future::pending;
use std::time::Duration;

use deadheat::fault::NodeClock;
use deadheat::program::{SimClock, busy};
use deadheat::{Config, clock, run};
use deadheat_timeout::{self as lib, Interrupted};
use deadheat_tokio as tokio;
use tokio::time::error::Elapsed;

const MS: Duration = Duration::from_millis(1);

const _: () = assert!(size_of::<Elapsed>() <= 16);

/// Works from before the deadline until after it, and then waits for ever.
async fn busy_past_a_deadline() {
    tokio::time::sleep(MS).await;
    busy(12 * MS);
    pending::<()>().await;
}

#[test]
fn the_drop_in_says_what_the_library_says() {
    let run = run(&Config::new(), || async {
        let line = line!() + 1;
        let late = tokio::time::timeout(10 * MS, busy_past_a_deadline()).await;
        let elapsed = late.unwrap_err();
        let place = elapsed.place().unwrap();
        assert_eq!((place.file(), place.line()), (file!(), line));
        let (delay, lateness) = (elapsed.delay(), elapsed.lateness());
        assert_eq!((delay, lateness), (Some(10 * MS), Some(3 * MS)));
        let told = format!("timed out after 10 ms (timeout made at {place}), noticed 3 ms late");
        assert_eq!(elapsed.to_string(), format!("deadline has elapsed: {told}"));
        assert_eq!(format!("{elapsed:?}"), format!("Elapsed({told})"));

        let at = tokio::time::Instant::now() + MS;
        let other = tokio::time::timeout_at(at, pending::<()>()).await;
        let other = other.unwrap_err();
        assert_eq!(
            (other.delay(), other.lateness()),
            (Some(MS), Some(Duration::ZERO))
        );
        assert_eq!(elapsed, other, "as tokio's are");
        let error = std::io::Error::from(elapsed);
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        assert!(error.to_string().ends_with(&told));
        let tokios: ::tokio::time::error::Elapsed = other.into();
        assert_eq!(tokios.to_string(), "deadline has elapsed");
    });
    run.unwrap();
}

#[::tokio::test(start_paused = true)]
async fn outside_of_a_run_it_is_tokios() {
    let late = tokio::time::timeout(MS, pending::<()>()).await;
    let elapsed = late.unwrap_err();
    assert_eq!(elapsed.to_string(), "deadline has elapsed");
    assert_eq!(format!("{elapsed:?}"), "Elapsed(())");
    let told = (elapsed.place(), elapsed.delay(), elapsed.lateness());
    assert_eq!(told, (None, None, None));
}

#[test]
fn a_timeout_on_the_clock_of_a_run_and_its_name() {
    let run = run(&Config::new().trace(true), || async {
        let native = lib::timeout(&clock(), 10 * MS, busy_past_a_deadline());
        let elapsed = native.named("reply").await.unwrap_err();
        let place = elapsed.place();
        assert_eq!(
            elapsed.to_string(),
            format!("timed out (timeout \"reply\" made at {place}), noticed 3 ms late")
        );
        let run = lib::Timeout::after(&clock(), 10 * MS).named("the request");
        let elapsed = run.run(busy_past_a_deadline()).await.unwrap_err();
        assert_eq!(elapsed.lateness(), Some(3 * MS));
        assert_eq!(elapsed.delay(), Some(10 * MS));
    });
    // The name of a scope is in the trace, too.
    let run = run.unwrap();
    assert_eq!(run.trace().of_scope("the request").events.len(), 3);
}

/// The clean-up of a scope takes its time: how late the deadline was noticed does not count it.
#[test]
fn clean_up_is_not_lateness() {
    let run = run(&Config::new(), || async {
        let work = async |cx: lib::Cx<SimClock>| {
            cx.timeout(10 * MS, async |cx| {
                let end = cx.wait(pending::<()>()).await;
                deadheat::sleep(50 * MS).await;
                Ok::<_, Interrupted>(end?)
            })
            .await
        };
        let end = deadheat::program::spawn_task("work", work).ended().await;
        let Err(Interrupted::Elapsed(elapsed)) = end else {
            panic!("{end:?}")
        };
        assert_eq!(elapsed.lateness(), Some(Duration::ZERO));
        assert!(!elapsed.to_string().contains("late"), "{elapsed}");
    });
    run.unwrap();
}

/// A node's clock that runs fast: what is told is by that clock.
#[test]
fn by_the_clock_of_a_node() {
    let run = run(&Config::new(), || async {
        let node = NodeClock::exactly(Duration::ZERO, true, 500_000_000);
        let late = lib::timeout(&node, 15 * MS, busy_past_a_deadline()).await;
        assert_eq!(
            late.unwrap_err().lateness(),
            Some(Duration::from_micros(4_500))
        );
    });
    run.unwrap();
}
