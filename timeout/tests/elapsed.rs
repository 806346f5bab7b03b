//! An `Elapsed` says which timeout it was, in every form of one; and it is small.

use std::error::Error;
use std::future::pending;
use std::time::Duration;

use deadheat_timeout::{
    Cancelled, Elapsed, Interrupted, Scope, State, Timeout, TokioClock, task, timeout, timeout_at,
    wait_for,
};

const MS: Duration = Duration::from_millis(1);

const _: () = assert!(size_of::<Elapsed>() <= 16);

/// What it says before how late it was noticed, which is what tokio's timers are.
fn without_lateness(elapsed: &Elapsed) -> String {
    let said = elapsed.to_string();
    let Some((which, late)) = said.split_once(", noticed ") else {
        assert_eq!(elapsed.lateness(), Some(Duration::ZERO));
        return said;
    };
    assert!(late.ends_with(" late"), "{said}");
    assert!(elapsed.lateness().unwrap() > Duration::ZERO);
    which.to_owned()
}

/// What is expected of a timeout that was made on a line of this file, in a column that is its own affair.
fn expected(elapsed: &Elapsed, after: &str, line: u32) -> String {
    let place = elapsed.place();
    assert_eq!((place.file(), place.line()), (file!(), line));
    format!("timed out{after} (timeout made at {place})")
}

#[tokio::test(start_paused = true)]
async fn of_the_native_forms() {
    let (late, line) = (timeout(&TokioClock, MS, pending::<()>()), line!());
    let elapsed = late.await.unwrap_err();
    assert_eq!(without_lateness(&elapsed), expected(&elapsed, "", line));
    assert_eq!((elapsed.delay(), elapsed.name()), (None, None));

    let at = tokio::time::Instant::now() + MS;
    let (late, line) = (timeout_at(&TokioClock, at, pending::<()>()), line!());
    let elapsed = late.await.unwrap_err();
    assert_eq!(without_lateness(&elapsed), expected(&elapsed, "", line));

    let (late, line) = (wait_for(&TokioClock, pending::<()>(), Some(MS)), line!());
    let elapsed = late.await.unwrap_err();
    let after = expected(&elapsed, " after 1 ms", line);
    assert_eq!(without_lateness(&elapsed), after);

    let none = Some(Duration::ZERO);
    let (late, line) = (wait_for(&TokioClock, pending::<()>(), none), line!());
    let elapsed = late.await.unwrap_err();
    assert_eq!(elapsed.to_string(), expected(&elapsed, " after 0 s", line));
}

#[tokio::test(start_paused = true)]
async fn of_a_timeout_whose_deadline_moved() {
    let (timeout, line) = (Timeout::after(&TokioClock, MS), line!());
    let deadline = timeout.handle();
    let late = timeout.run(async {
        deadline.shift(1_500 * MS).unwrap();
        pending::<()>().await;
    });
    let elapsed = late.await.unwrap_err();
    let after = expected(&elapsed, " after 1.501 s", line);
    assert_eq!(without_lateness(&elapsed), after);
    assert_eq!(elapsed.delay(), Some(1_501 * MS));
}

#[tokio::test(start_paused = true)]
async fn of_a_scope_and_of_what_is_built_on_it() {
    let work = async |cx: deadheat_timeout::Cx<TokioClock>| {
        let body =
            async |cx: Scope<TokioClock>| Ok::<_, Interrupted>(cx.wait(pending::<()>()).await?);
        let (late, line) = (cx.timeout(MS, body), line!());
        let one = (late.named("the query").await, line, " after 1 ms");
        let (late, line) = (cx.wait_for(pending::<()>(), Some(2 * MS)), line!());
        let two = (late.await, line, " after 2 ms");
        Ok::<_, Interrupted>([one, two])
    };
    let (work, handle) = task(&TokioClock, work);
    work.await;
    for (end, line, after) in handle.take_output().unwrap().unwrap() {
        let Err(Interrupted::Elapsed(elapsed)) = &end else {
            panic!("{end:?}")
        };
        let expected = expected(elapsed, after, line);
        let named = elapsed
            .name()
            .map(|name| expected.replace("made", &format!("{name:?} made")));
        assert_eq!(without_lateness(elapsed), named.unwrap_or(expected));
        assert!(elapsed.source().unwrap().is::<Cancelled>());
        // The error that holds it says the same.
        let said = end.as_ref().unwrap_err().to_string();
        assert_eq!(said, elapsed.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn equal_whatever_they_tell() {
    let one = timeout(&TokioClock, MS, pending::<()>()).await.unwrap_err();
    let other = Elapsed::new().late(MS).named("another");
    assert_ne!(one.place(), other.place());
    assert_eq!(one, other);
}

#[tokio::test(start_paused = true)]
async fn behind_other_errors() {
    let late = timeout(&TokioClock, MS, pending::<()>()).named("a reply");
    let elapsed = late.await.unwrap_err();
    let said = elapsed.to_string();
    assert!(said.contains("(timeout \"a reply\" made at "), "{said}");
    assert_eq!(format!("{elapsed:?}"), format!("Elapsed({said})"));

    let error = anyhow::Error::new(elapsed).context("the request failed");
    assert_eq!(format!("{error:#}"), format!("the request failed: {said}"));
    let elapsed = error.downcast_ref::<Elapsed>().unwrap().clone();
    let error = std::io::Error::from(elapsed);
    assert_eq!(error.to_string(), said);
}

/// An error as it is written by hand in a hurry: without its source.
#[derive(Debug, PartialEq)]
enum Bare {
    Cancelled(Cancelled),
    Elapsed(Elapsed),
    Own,
}

impl std::fmt::Display for Bare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Error for Bare {}

impl From<Cancelled> for Bare {
    fn from(error: Cancelled) -> Self {
        Bare::Cancelled(error)
    }
}

impl From<Elapsed> for Bare {
    fn from(error: Elapsed) -> Self {
        Bare::Elapsed(error)
    }
}

/// What a scope and its task end in, if the body ends in what this makes of its `Cancelled`.
async fn scope_that_ends_in(end: fn(Cancelled) -> Bare) -> (State, Bare) {
    let (work, handle) = task(&TokioClock, async move |cx| {
        let timeout = Timeout::after(&TokioClock, MS);
        let scope = timeout.handle();
        let body = async |cx: Scope<TokioClock>| cx.wait(pending::<()>()).await.map_err(end);
        let end = timeout.run_in(&cx, body).await.unwrap_err();
        Ok::<_, Bare>((scope.state(), end))
    });
    work.await;
    handle.take_output().unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn of_an_error_that_has_no_source() {
    let (state, end) = scope_that_ends_in(Bare::Cancelled).await;
    assert_eq!(state, State::Expired);
    assert!(matches!(end, Bare::Elapsed(_)), "{end:?}");
    // Another error of the type is another error.
    assert_eq!(scope_that_ends_in(|_| Bare::Own).await.1, Bare::Own);

    let (work, handle) = task(&TokioClock, async |cx| {
        Ok::<_, Bare>(cx.wait(pending::<()>()).await?)
    });
    tokio::join!(work, async { handle.cancel() });
    assert_eq!(handle.end(), Some(deadheat_timeout::TaskEnd::Cancelled));
}
