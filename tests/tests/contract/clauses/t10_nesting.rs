//! T10: with equal deadlines only the outermost scope ends in `Elapsed` and `expired()` is true on
//! both; an outer deadline passes through an inner scope as `Cancelled`; scopes exit in LIFO order.

use std::future::pending;

use deadheat::invariant::Check;
use deadheat::program::spawn_task;
use deadheat::{Config, clock, now, sleep};
use deadheat_timeout::{Interrupted, State, Timeout};

use super::support::*;

/// A scope inside of a scope around `body`: how each ended, and its handle.
async fn nested(
    cx: &Cx,
    outer: Option<u64>,
    inner: Option<u64>,
    body: impl AsyncFnOnce(&Cx) -> Result<(), Interrupted>,
) -> [(Result<(), Interrupted>, Handle); 2] {
    let scope = |delay: Option<u64>| match delay {
        Some(delay) => Timeout::after(&clock(), ms(delay)),
        None => Timeout::never(&clock()),
    };
    let (outer, inner) = (scope(outer), scope(inner));
    let handles = (outer.handle(), inner.handle());
    let mut inner_end = Ok(());
    let outer_end = outer.run_in(cx, async |cx| {
        inner_end = inner.run_in(&cx, async |cx| body(&cx).await).await;
        inner_end.clone()
    });
    let outer_end = outer_end.await;
    [(outer_end, handles.0), (inner_end, handles.1)]
}

#[test]
fn t10_with_equal_deadlines_only_the_outermost_elapses_and_both_expired() {
    fifo_task(async |cx| {
        let [outer, inner] = nested(&cx, Some(1000), Some(1000), forever).await;
        assert!(is_elapsed(&outer.0) && is_cancelled(&inner.0));
        assert!(outer.1.expired() && inner.1.expired());
        assert_eq!(cx.cancelling(), 0);
        nap(&cx, secs(1)).await
    });
}

#[test]
fn t10_with_many_equal_deadlines_only_the_outermost_elapses() {
    async fn deep(cx: &Cx, depth: u32, scopes: &mut Vec<Handle>) -> Result<(), Interrupted> {
        if depth == 0 {
            return forever(cx).await;
        }
        let scope = Timeout::at(&clock(), at(1));
        scopes.push(scope.handle());
        let end = scope
            .run_in(cx, async |cx| Box::pin(deep(&cx, depth - 1, scopes)).await)
            .await;
        // The outermost is the one that was entered first.
        assert_eq!(
            (is_elapsed(&end), is_cancelled(&end)),
            (depth == 20, depth != 20)
        );
        end
    }
    fifo_task(async |cx| {
        let mut scopes = Vec::new();
        assert!(is_elapsed(&deep(&cx, 20, &mut scopes).await));
        assert!(scopes.len() == 20 && scopes.iter().all(Handle::expired));
        assert_eq!((cx.cancelling(), now()), (0, at(1)));
        Ok(())
    });
}

#[test]
fn t10_an_outer_deadline_passes_through_an_inner_scope_as_cancelled() {
    fifo_task(async |cx| {
        for inner in [Some(2000), None] {
            let [outer, inner] = nested(&cx, Some(1000), inner, forever).await;
            assert!(is_elapsed(&outer.0) && is_cancelled(&inner.0));
            assert_eq!(
                (outer.1.state(), inner.1.state()),
                (State::Expired, State::Finished)
            );
        }
        Ok(())
    });
}

#[test]
fn t10_an_inner_elapsed_is_an_error_like_any_other_for_the_outer_scope() {
    fifo_task(async |cx| {
        for outer in [Some(2000), None] {
            let [outer, inner] = nested(&cx, outer, Some(1000), forever).await;
            assert!(is_elapsed(&outer.0) && is_elapsed(&inner.0));
            assert_eq!(
                (outer.1.state(), inner.1.state()),
                (State::Finished, State::Expired)
            );
        }
        Ok(())
    });
}

#[test]
fn t10_an_inner_elapsed_that_is_caught_leaves_the_outer_scope_at_work() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(3), async |cx| {
            for n in 1..=2 {
                let inner = cx.timeout(secs(1), async |cx| forever(&cx).await).await;
                assert!(is_elapsed(&inner));
                assert_eq!((now(), cx.cancelling()), (at(n), 0));
            }
            let inner = cx.timeout(secs(2), async |cx| forever(&cx).await).await;
            assert!(is_cancelled(&inner));
            inner
        });
        assert!(is_elapsed(&end.await));
        assert_eq!(now(), at(3));
        Ok(())
    });
}

#[test]
fn t10_the_outer_deadline_comes_while_the_inner_scope_cleans_up() {
    fifo_task(async |cx| {
        let [outer, inner] = nested(&cx, Some(1500), Some(1000), async |cx| {
            let end = forever(cx).await;
            sleep(secs(1)).await;
            end
        })
        .await;
        assert!(is_elapsed(&outer.0) && is_cancelled(&inner.0));
        assert!(outer.1.expired() && inner.1.expired());
        assert_eq!((cx.cancelling(), now()), (0, at(2)));
        Ok(())
    });
}

#[test]
fn t10_the_inner_deadline_comes_while_the_outer_one_is_being_cleaned_up() {
    fifo_task(async |cx| {
        let [outer, inner] = nested(&cx, Some(1000), Some(1500), async |cx| {
            let end = forever(cx).await;
            sleep(secs(1)).await;
            end
        })
        .await;
        assert!(is_elapsed(&outer.0) && is_cancelled(&inner.0));
        assert!(outer.1.expired() && inner.1.expired());
        assert_eq!(cx.cancelling(), 0);
        Ok(())
    });
}

#[test]
fn t10_clean_up_of_the_outer_scope_may_have_a_deadline_of_its_own() {
    fifo_task(async |cx| {
        let end = cx.timeout(secs(1), async |cx| {
            let end = forever(&cx).await;
            // Entered after the outer one has expired: its baseline is one.
            let rollback = cx.timeout(secs(1), async |cx| forever(&cx).await).await;
            assert!(is_elapsed(&rollback));
            assert_eq!((cx.cancelling(), now()), (1, at(2)));
            end
        });
        assert!(is_elapsed(&end.await));
        assert_eq!(cx.cancelling(), 0);
        Ok(())
    });
}

#[test]
fn t10_scopes_exit_in_lifo_order_and_each_cancel_belongs_to_one_in_any_order() {
    // LIFO and attribution are checks of the simulator's own, in every run.
    explored_task(async |cx| {
        let ends = nested(&cx, Some(1000), Some(1000), async |cx| {
            let end = forever(cx).await;
            sleep(ZERO..=ms(2)).await;
            end
        });
        let [outer, inner] = ends.await;
        // Whichever came first: one `Elapsed` comes out, of a scope that expired.
        assert!(is_elapsed(&outer.0));
        match (outer.1.expired(), inner.1.expired()) {
            (true, _) => assert!(is_cancelled(&inner.0)),
            (false, true) => assert!(is_elapsed(&inner.0)),
            (false, false) => panic!("nobody has expired"),
        }
        assert_eq!(cx.cancelling(), 0);
        nap(&cx, secs(1)).await
    });
}

#[test]
fn t10_three_deadlines_about_the_same_instant_in_any_order() {
    explored_task(async |cx| {
        let mut ends = Vec::new();
        let outermost = Timeout::after(&clock(), ms(1001));
        let handle = outermost.handle();
        let end = outermost.run_in(&cx, async |cx| {
            ends = nested(&cx, Some(1000), Some(1001), forever).await.into();
            ends[0].0.clone()
        });
        let end = end.await;
        assert!(is_elapsed(&end));
        // From the inside out: what an expired scope let through as `Cancelled` belongs further out.
        let mut belongs_further_out = is_cancelled(&ends[1].0);
        if !belongs_further_out {
            assert!(is_elapsed(&ends[1].0) && ends[1].1.expired());
        }
        belongs_further_out &= is_cancelled(&ends[0].0);
        assert!(handle.expired() || !belongs_further_out);
        assert_eq!(cx.cancelling(), 0);
        Ok(())
    });
}

#[test]
fn t10_a_native_scope_inside_and_outside_of_a_cooperative_one() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            // The native one drops its future, which is no cancel request.
            let scope = cx.timeout(secs(2), async |cx| {
                let native = deadheat_timeout::timeout(&clock(), secs(1), pending::<()>()).await;
                assert!(native.is_err());
                assert_eq!(cx.cancelling(), 0);
                forever(&cx).await
            });
            assert!(is_elapsed(&scope.await));
            let dropped = Flag::default();
            let held = dropped.on_drop();
            let scope = cx.timeout(secs(9), async move |cx| {
                let end = forever(&cx).await;
                drop(held);
                end
            });
            assert!(
                deadheat_timeout::timeout(&clock(), secs(1), scope)
                    .await
                    .is_err()
            );
            assert!(dropped.is_raised());
            assert_eq!((cx.cancelling(), now()), (0, at(3)));
            done(())
        });
        main.ended().await.unwrap();
    });
}

#[test]
fn t10_scopes_of_one_task_side_by_side_are_no_nesting_and_are_reported() {
    // A limit of the cooperative form: a request belongs to the task. Such scopes belong in tasks of
    // their own, or in the native form.
    let failure = deadheat::run(&Config::new(), || async {
        let main = spawn_task("main", async |cx| {
            let scope = |delay| cx.timeout(secs(9), async move |cx| nap(&cx, secs(delay)).await);
            let (mut first, mut second) = (Box::pin(scope(1)), Box::pin(scope(2)));
            // The one that was entered first exits first.
            let first = std::future::poll_fn(|cx| {
                let end = first.as_mut().poll(cx);
                assert!(second.as_mut().poll(cx).is_pending());
                end
            });
            first.await?;
            done(())
        });
        main.ended().await.unwrap();
    });
    let failure = failure.map(|_| ()).unwrap_err();
    let found: Vec<Check> = failure.run.violations.iter().map(|it| it.check).collect();
    assert!(found.contains(&Check::NestingIsLifo), "{failure}");
}
