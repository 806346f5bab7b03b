//! T6 for the error types that a body may end in: how `Cancelled` is told in them, and what is not
//! to be taken for one. And what every error of the library says.

use std::error::Error;
use std::fmt;
use std::future::pending;

use deadheat::clock;
use deadheat_timeout::{
    BodyError, Cancelled, Elapsed, Interrupted, ShiftError, StateError, Timeout, timeout,
};

use super::support::*;

/// `context: source`, as errors that wrap others are written by hand.
#[derive(Debug)]
struct Context<E>(&'static str, E);

impl<E> fmt::Display for Context<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<E: Error + 'static> Error for Context<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.1)
    }
}

impl<E: From<Cancelled>> From<Cancelled> for Context<E> {
    fn from(error: Cancelled) -> Self {
        Context("cancelled here", error.into())
    }
}

impl<E: From<Elapsed>> From<Elapsed> for Context<E> {
    fn from(error: Elapsed) -> Self {
        Context("elapsed here", error.into())
    }
}

type Dynamic = Box<dyn Error + Send + Sync>;

/// Whether `E` is recognised when it holds a `Cancelled`, and not when it holds an `Elapsed`.
fn tells<E: BodyError<Kind>, Kind>(elapsed: Elapsed) {
    assert!(E::from(Cancelled::new()).is_cancelled());
    assert!(!E::from(elapsed).is_cancelled());
}

/// An `Elapsed` of either form.
async fn elapsed(cx: &Cx) -> [Elapsed; 2] {
    let native = timeout(&clock(), ms(1), pending::<()>()).await.unwrap_err();
    match cx.timeout(ms(1), async |cx| forever(&cx).await).await {
        Err(Interrupted::Elapsed(cooperative)) => [native, cooperative],
        end => panic!("{end:?} is not elapsed"),
    }
}

#[test]
fn t06_every_kind_of_error_tells_cancelled_from_elapsed() {
    fifo_task(async |cx| {
        for it in elapsed(&cx).await {
            tells::<Interrupted, _>(it.clone());
            tells::<Failed, _>(it.clone());
            tells::<Context<Interrupted>, _>(it.clone());
            tells::<Context<Context<Failed>>, _>(it.clone());
            tells::<Dynamic, _>(it.clone());
            tells::<Box<dyn Error>, _>(it.clone());
            let io: Dynamic = Box::new(std::io::Error::from(it));
            assert!(!io.is_cancelled());
        }
        assert!(!Failed::Own.is_cancelled());
        Ok(())
    });
}

#[test]
fn t06_a_boxed_error_elapses_with_the_cancelled_as_its_source() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |cx| {
            cx.wait(pending::<()>()).await?;
            Ok::<_, Dynamic>(())
        });
        let error = end.await.unwrap_err();
        let elapsed = error.downcast_ref::<Elapsed>().unwrap();
        assert!(elapsed.source().unwrap().is::<Cancelled>());
        Ok(())
    });
}

#[test]
fn t06_a_cancelled_behind_the_contexts_of_a_boxed_error_elapses() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |cx| {
            let read = cx.wait(pending::<()>()).await;
            read.map_err(|cancelled| Context("while reading", Context("a row", cancelled)))?;
            Ok::<_, Dynamic>(())
        });
        assert!(end.await.unwrap_err().is::<Elapsed>());
        Ok(())
    });
}

#[test]
fn t06_an_error_that_wraps_an_inner_elapsed_passes_through_an_expired_scope() {
    fifo_task(async |cx| {
        for it in elapsed(&cx).await {
            let scope = Timeout::after(&clock(), secs(1));
            let handle = scope.handle();
            let end = scope.run_in(&cx, async |cx| {
                assert!(forever(&cx).await.is_err());
                Err::<(), Dynamic>(Context("the replica", it).into())
            });
            let error = end.await.unwrap_err();
            assert!(handle.expired());
            assert_eq!(error.to_string(), "the replica");
        }
        Ok(())
    });
}

#[test]
fn t06_an_inner_elapsed_passes_through_the_outer_scope_in_every_kind_of_error() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(9), async |cx| {
            let inner = cx.timeout(secs(1), async |cx| forever(&cx).await).await;
            inner.map_err(|inner| Context("inner", inner))?;
            Ok::<_, Dynamic>(())
        });
        let error = end.await.unwrap_err();
        assert!(matches!(
            error.downcast_ref::<Context<Interrupted>>(),
            Some(Context("inner", Interrupted::Elapsed(_)))
        ));
        let end = cx.timeout(secs(9), async |cx| {
            cx.timeout(secs(1), async |cx| {
                cx.wait(pending::<()>()).await?;
                Ok::<_, Failed>(())
            })
            .await
        });
        assert!(matches!(end.await, Err(Failed::Elapsed(_))));
        Ok(())
    });
}

#[test]
fn t06_a_task_ends_in_cancelled_whatever_its_error_type_is() {
    fifo(|| async {
        let boxed = deadheat::program::spawn_task("boxed", async |cx| {
            cx.wait(pending::<()>()).await?;
            Ok::<_, Dynamic>(())
        });
        let transparent = deadheat::program::spawn_task("transparent", async |cx| {
            cx.wait(pending::<()>()).await?;
            Ok::<_, Failed>(())
        });
        deadheat::yield_now().await;
        boxed.cancel();
        transparent.cancel();
        deadheat::yield_now().await;
        let cancelled = Some(deadheat_timeout::TaskEnd::Cancelled);
        assert_eq!((boxed.end(), transparent.end()), (cancelled, cancelled));
        assert!(
            boxed
                .take_output()
                .unwrap()
                .is_err_and(|error| error.is::<Cancelled>())
        );
    });
}

#[test]
fn t06_an_elapsed_as_an_io_error_is_timed_out() {
    fifo_task(async |cx| {
        for it in elapsed(&cx).await {
            let error = std::io::Error::from(it.clone());
            assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
            let inner = error.get_ref().unwrap().downcast_ref::<Elapsed>();
            assert_eq!(inner, Some(&it));
        }
        Ok(())
    });
}

#[test]
fn t06_every_error_says_what_happened() {
    fifo_task(async |cx| {
        let [native, cooperative] = elapsed(&cx).await;
        let (place, line) = (native.place(), cooperative.place().line());
        let file = place.file();
        assert!(file.ends_with("t06_errors.rs") && place.line() < line);
        assert_eq!(
            native.to_string(),
            format!("timed out (timeout made at {place})")
        );
        let place = cooperative.place();
        assert_eq!(
            cooperative.to_string(),
            format!("timed out after 1 ms (timeout made at {place})")
        );
        assert!(native.source().is_none() && cooperative.source().is_some());
        assert_eq!(
            Interrupted::from(native.clone()).to_string(),
            native.to_string()
        );
        assert_eq!(Cancelled::new().to_string(), "cancelled");
        assert_eq!(Interrupted::from(Cancelled::new()).to_string(), "cancelled");
        Ok(())
    });
}

#[test]
fn t06_a_refused_reschedule_names_the_state_that_was_found() {
    fifo_task(async |cx| {
        let says = |error: StateError| error.to_string();
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let created = handle.reschedule(None).unwrap_err();
        assert_eq!(says(created), "the timeout has not been entered");
        let end = scope.run_in(&cx, async |cx| {
            let end = forever(&cx).await;
            let expiring = cx.deadline().reschedule(None).unwrap_err();
            assert_eq!(
                says(expiring),
                "cannot change the deadline of a timeout that is expiring"
            );
            end
        });
        assert!(is_elapsed(&end.await));
        let expired = handle.reschedule(None).unwrap_err();
        assert_eq!(
            says(expired),
            "cannot change the deadline of a timeout that is expired"
        );

        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        scope.run(async {}).await.unwrap();
        let finished = handle.reschedule(None).unwrap_err();
        let text = "cannot change the deadline of a timeout that is finished";
        assert_eq!(says(finished), text);
        let shift = handle.shift(secs(1)).unwrap_err();
        assert_eq!(shift, ShiftError::State(finished));
        assert_eq!(shift.to_string(), text);
        assert_eq!(shift.source().unwrap().to_string(), text);
        let none = ShiftError::NoDeadline;
        assert_eq!(
            none.to_string(),
            "cannot shift a timeout without a deadline"
        );
        assert!(none.source().is_none());
        Ok(())
    });
}
