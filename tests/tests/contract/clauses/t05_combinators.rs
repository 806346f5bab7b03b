//! T5 where one task is in several waits at once. Of the waits a task is in, the one entered last
//! takes the delivery; the others go on.

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use deadheat::program::spawn_task;
use deadheat::{now, sleep, yield_now};
use deadheat_timeout::{Cancelled, Interrupted};
use tokio::sync::Notify;

use super::support::*;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Both, polled in order in each turn, as `join!` does; an ended one is dropped at once.
async fn both<'a, A: 'a, B: 'a>(
    a: impl Future<Output = A> + 'a,
    b: impl Future<Output = B> + 'a,
) -> (A, B) {
    fn step<T>(slot: &mut Result<T, Boxed<'_, T>>, cx: &mut Context<'_>) {
        if let Err(future) = slot
            && let Poll::Ready(value) = future.as_mut().poll(cx)
        {
            *slot = Ok(value);
        }
    }
    let mut a: Result<A, Boxed<'a, A>> = Err(Box::pin(a));
    let mut b: Result<B, Boxed<'a, B>> = Err(Box::pin(b));
    poll_fn(|cx| {
        step(&mut a, cx);
        step(&mut b, cx);
        match (&a, &b) {
            (Ok(_), Ok(_)) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
    match (a, b) {
        (Ok(a), Ok(b)) => (a, b),
        _ => unreachable!("both have ended"),
    }
}

/// The first of two, polled in order in each turn, as a biased `select!` does.
async fn first<T>(a: impl Future<Output = T>, b: impl Future<Output = T>) -> T {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|cx| match a.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(value),
        Poll::Pending => b.as_mut().poll(cx),
    })
    .await
}

/// Polls once, and leaves it.
async fn begin<F: Future>(future: Pin<&mut F>) {
    let mut future = future;
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// All of them, each polled only when its own waker was woken, as `FuturesUnordered` does. The ended
/// ones are dropped at once.
async fn unordered<T>(futures: Vec<Boxed<'_, T>>) -> Vec<T> {
    struct Member {
        index: usize,
        ready: Arc<Mutex<(Vec<usize>, Option<Waker>)>>,
    }
    impl Wake for Member {
        fn wake(self: Arc<Self>) {
            let mut ready = self.ready.lock().unwrap();
            ready.0.push(self.index);
            if let Some(waker) = ready.1.take() {
                waker.wake();
            }
        }
    }
    let ready = Arc::new(Mutex::new(((0..futures.len()).collect(), None)));
    let mut futures: Vec<_> = futures.into_iter().map(Some).collect();
    let mut values = Vec::new();
    poll_fn(move |cx| {
        let woken: Vec<usize> = {
            let mut ready = ready.lock().unwrap();
            ready.1 = Some(cx.waker().clone());
            std::mem::take(&mut ready.0)
        };
        for index in woken {
            let Some(future) = &mut futures[index] else {
                continue;
            };
            let ready = Arc::clone(&ready);
            let waker = Waker::from(Arc::new(Member { index, ready }));
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                futures[index] = None;
                values.push(value);
            }
        }
        if futures.iter().all(Option::is_none) {
            Poll::Ready(std::mem::take(&mut values))
        } else {
            Poll::Pending
        }
    })
    .await
}

/// Cancels a task at one second.
async fn cancel_later<T: Clone>(task: &TaskHandle<T>) -> Result<T, Interrupted> {
    sleep(secs(1)).await;
    assert!(task.cancel());
    task.ended().await
}

#[test]
fn t05_of_nested_waits_the_innermost_takes_the_delivery() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let outer = cx.wait(async {
                let inner = cx.wait(cx.wait(pending::<()>())).await;
                assert_eq!(inner, Ok(Err(Cancelled::new())));
                sleep(secs(1)).await; // inner clean-up is not cut short by the outer wait
                7
            });
            assert_eq!(outer.await, Ok(7));
            done(())
        });
        cancel_later(&main).await.unwrap();
        assert_eq!(now(), at(2));
    });
}

#[test]
fn t05_a_wait_that_is_entered_in_the_turn_of_the_request_takes_it_from_the_one_around_it() {
    fifo_task(async |cx| {
        let itself = cx.canceller();
        let outer = cx.wait(async {
            sleep(secs(1)).await; // the outer wait has let a turn pass, and could take a request
            assert!(itself.cancel());
            cx.wait(pending::<()>()).await
        });
        assert_eq!(outer.await, Ok(Err(Cancelled::new())));
        Ok(())
    });
}

#[test]
fn t05_a_join_inside_of_a_wait_passes_the_request_on() {
    fifo(|| async {
        let child = spawn_task("child", async |cx| {
            let end = forever(&cx).await;
            sleep(secs(1)).await;
            end
        });
        let main = spawn_task("main", async move |cx| {
            let joined = cx.wait(cx.join(&child)).await?;
            assert_eq!(child.cancelling(), 1);
            assert!(is_cancelled(&joined));
            done(())
        });
        cancel_later(&main).await.unwrap();
        assert_eq!(now(), at(2));
    });
}

#[test]
fn t05_of_two_waits_at_once_the_one_entered_last_is_cancelled_and_the_other_goes_on() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let ends = both(nap(&cx, secs(3)), nap(&cx, secs(4))).await;
            assert!(ends.0.is_ok() && is_cancelled(&ends.1));
            assert_eq!(now(), at(3));
            Ok(())
        });
        cancel_later(&main).await.unwrap();
        let main = spawn_task("main", async |cx| {
            let ends = unordered(vec![
                Box::pin(nap(&cx, secs(3))),
                Box::pin(nap(&cx, secs(2))),
                Box::pin(nap(&cx, secs(4))),
            ]);
            let cancelled: Vec<_> = ends.await.iter().map(is_cancelled).collect();
            assert_eq!(cancelled, [true, false, false]);
            Ok(())
        });
        cancel_later(&main).await.unwrap();
    });
}

#[test]
fn t05_a_join_beside_the_wait_that_was_entered_last_passes_nothing_on() {
    fifo(|| async {
        let child = spawn_task("child", async |cx| nap(&cx, secs(3)).await);
        let joined = child.clone();
        let main = spawn_task("main", async move |cx| {
            let ends = both(cx.join(&joined), forever(&cx)).await;
            assert!(ends.0.is_ok() && is_cancelled(&ends.1));
            done(now())
        });
        assert_eq!(cancel_later(&main).await, Ok(at(3)));
        assert_eq!(child.cancelling(), 0);
    });
}

#[test]
fn t05_each_request_cancels_one_more_of_the_waits_at_once() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let ends = unordered(vec![
                Box::pin(async { (0, forever(&cx).await, now()) }),
                Box::pin(async { (1, forever(&cx).await, now()) }),
                Box::pin(async { (2, forever(&cx).await, now()) }),
            ]);
            let ends: Vec<_> = ends.await.into_iter().map(|end| (end.0, end.2)).collect();
            assert_eq!(ends, [(2, at(1)), (1, at(2)), (0, at(3))]);
            done(())
        });
        for _ in 0..3 {
            sleep(secs(1)).await;
            assert!(main.cancel());
        }
        main.ended().await.unwrap();
    });
}

#[test]
fn t05_a_race_of_two_waits_ends_in_cancelled() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            first(nap(&cx, secs(9)), nap(&cx, secs(8))).await
        });
        assert!(is_cancelled(&cancel_later(&main).await));
        assert_eq!(now(), at(1));
    });
}

#[test]
fn t05_a_wait_that_is_kept_over_the_turns_of_a_loop_can_be_cancelled() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let mut work = pin!(async {
                forever(&cx).await?;
                done(true)
            });
            loop {
                let tick = async {
                    nap(&cx, ms(300)).await?;
                    Ok(false)
                };
                if first(work.as_mut(), tick).await? {
                    return done(());
                }
            }
        });
        assert!(is_cancelled(&cancel_later(&main).await));
        assert_eq!(now(), at(1));
    });
}

#[test]
fn t05_a_wait_that_was_left_alone_does_not_keep_the_request_from_the_one_that_is_polled() {
    fifo(|| async {
        let main = spawn_task("main", async |cx| {
            let notify = Notify::new();
            let mut polled = pin!(cx.wait(notify.notified()));
            begin(polled.as_mut()).await;
            let mut left_alone = pin!(cx.wait(pending::<()>()));
            begin(left_alone.as_mut()).await;
            assert_eq!(polled.await, Err(Cancelled::new()));
            done(())
        });
        cancel_later(&main).await.unwrap();
        assert_eq!(now(), at(1));
    });
}

#[test]
fn t05_a_wait_that_has_ended_and_is_kept_takes_no_request() {
    fifo(|| async {
        let child = spawn_task("child", async |cx| nap(&cx, ms(10)).await);
        let main = spawn_task("main", async move |cx| {
            let mut polled = pin!(forever(&cx));
            begin(polled.as_mut()).await;
            let mut wait = pin!(nap(&cx, ms(10)));
            let mut join = pin!(cx.join(&child));
            wait.as_mut().await?;
            join.as_mut().await?;
            polled.await
        });
        assert!(is_cancelled(&cancel_later(&main).await));
        assert_eq!(now(), at(1));
    });
}

/// Tasks that go on until they are cancelled, and say when.
fn children(count: usize) -> (Vec<TaskHandle>, Rc<RefCell<Vec<usize>>>) {
    let cancelled: Rc<RefCell<Vec<usize>>> = Rc::default();
    let spawn = |index| {
        let cancelled = cancelled.clone();
        spawn_task(format!("child {index}"), async move |cx| {
            let end = forever(&cx).await;
            cancelled.borrow_mut().push(index);
            end
        })
    };
    ((0..count).map(spawn).collect(), cancelled)
}

#[test]
fn t05_each_request_is_passed_on_to_one_more_of_the_tasks_that_are_waited_for_at_once() {
    fifo(|| async {
        let (tasks, cancelled) = children(3);
        let joined = tasks.clone();
        let main = spawn_task("main", async move |cx| {
            let joins = joined
                .iter()
                .map(|child| -> Boxed<'_, _> { Box::pin(cx.join(child)) });
            let ends = unordered(joins.collect()).await;
            ends.into_iter().collect::<Result<(), _>>()
        });
        for asked in 1..=3 {
            sleep(secs(1)).await;
            assert!(main.cancel());
            yield_now().await;
            yield_now().await;
            assert_eq!(cancelled.borrow().len(), asked);
        }
        assert!(is_cancelled(&main.ended().await));
        assert_eq!(*cancelled.borrow(), [2, 1, 0]);
    });
}

#[test]
fn t05_a_join_that_was_given_up_takes_nothing_away_from_the_next_one() {
    fifo(|| async {
        let (tasks, cancelled) = children(2);
        let joined = tasks.clone();
        let main = spawn_task("main", async move |cx| {
            let mut given_up = Box::pin(cx.join(&joined[0]));
            begin(given_up.as_mut()).await;
            let mut next = pin!(cx.join(&joined[1]));
            begin(next.as_mut()).await;
            drop(given_up);
            next.await
        });
        assert!(is_cancelled(&cancel_later(&main).await));
        assert_eq!(*cancelled.borrow(), [1]);
        assert_eq!(tasks[0].cancelling(), 0);
    });
}

#[test]
fn t05_a_race_of_a_join_against_time_leaves_the_task_alone() {
    fifo(|| async {
        let (tasks, cancelled) = children(1);
        let joined = tasks[0].clone();
        let main = spawn_task("main", async move |cx| {
            first(cx.join(&joined), async {
                sleep(ms(10)).await;
                Ok(())
            })
            .await?;
            forever(&cx).await
        });
        assert!(is_cancelled(&cancel_later(&main).await));
        assert!(cancelled.borrow().is_empty());
        assert_eq!(tasks[0].cancelling(), 0);
    });
}

#[test]
fn t05_waits_at_once_never_lose_a_request_in_any_order() {
    explored(|| async {
        let main = spawn_task("main", async |cx| {
            let ends = both(both(forever(&cx), forever(&cx)), forever(&cx)).await;
            assert!(is_cancelled(&ends.0.0) && is_cancelled(&ends.0.1) && is_cancelled(&ends.1));
            done(())
        });
        sleep(ms(2)).await; // it waits by now
        for _ in 0..3 {
            sleep(ZERO..=ms(3)).await;
            assert!(main.cancel());
            // The next one only when this one was delivered: two before that are one.
            while main.is_cancel_undelivered() {
                yield_now().await;
            }
        }
        main.ended().await.unwrap();
    });
}
