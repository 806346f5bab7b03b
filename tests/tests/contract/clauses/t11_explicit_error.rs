//! T11: an explicit timeout error raised by the body does not make `expired()` true.

use std::future::pending;

use deadheat::{clock, now};
use deadheat_timeout::{Elapsed, Interrupted, State, Timeout, timeout};

use super::support::*;

/// A timeout error that belongs to nobody in particular.
async fn some_elapsed() -> Elapsed {
    timeout(&clock(), ZERO, pending::<()>()).await.unwrap_err()
}

#[test]
fn t11_an_explicit_timeout_error_passes_through_a_scope_that_has_not_expired() {
    fifo_task(async |cx| {
        let scope = Timeout::after(&clock(), secs(9));
        let handle = scope.handle();
        let end = scope.run_in(&cx, async |_| {
            Err::<(), Interrupted>(some_elapsed().await.into())
        });
        assert_eq!(end.await, Err(Interrupted::Elapsed(some_elapsed().await)));
        assert_eq!((handle.expired(), handle.state()), (false, State::Finished));
        assert_eq!(cx.cancelling(), 0);
        Ok(())
    });
}

#[test]
fn t11_in_the_native_form_it_is_a_value_like_any_other() {
    fifo(|| async {
        let scope = Timeout::after(&clock(), secs(9));
        let handle = scope.handle();
        let end = scope
            .run(async { Err::<(), Elapsed>(some_elapsed().await) })
            .await;
        assert!(matches!(end, Ok(Err(Elapsed { .. }))));
        assert_eq!((handle.expired(), handle.state()), (false, State::Finished));
    });
}

#[test]
fn t11_an_explicit_timeout_error_of_an_expired_scopes_clean_up_passes_through() {
    fifo_task(async |cx| {
        let scope = Timeout::after(&clock(), secs(1));
        let handle = scope.handle();
        let end = scope.run_in(&cx, async |cx| {
            assert!(forever(&cx).await.is_err());
            let deadline = some_elapsed().await;
            Err::<(), Interrupted>(deadline.into())
        });
        // It is the body's own: nothing was translated.
        assert_eq!(end.await, Err(Interrupted::Elapsed(some_elapsed().await)));
        assert_eq!((handle.expired(), now(), cx.cancelling()), (true, at(1), 0));
        Ok(())
    });
}
