//! T5 over several tasks that wait for one another: chains, rings, and very long chains.

use std::cell::RefCell;
use std::rc::Rc;

use deadheat::program::spawn_task;
use deadheat::{now, sleep, yield_now};
use deadheat_timeout::{Interrupted, TaskEnd, shield};

use super::support::*;

/// A chain of tasks, each waiting for the one before; the first one runs `first`.
fn chain<F>(length: usize, first: impl FnOnce(Cx) -> F + 'static) -> Vec<TaskHandle>
where
    F: Future<Output = Result<(), Interrupted>> + 'static,
{
    let mut tasks = vec![spawn_task("first", first)];
    for _ in 1..length {
        let before = tasks[tasks.len() - 1].clone();
        tasks.push(spawn_task("link", async move |cx| cx.join(&before).await));
    }
    tasks
}

#[test]
fn t05_a_request_goes_to_the_end_of_a_chain_and_every_task_on_the_way_counts_it() {
    fifo(|| async {
        let tasks = chain(5, async |cx| {
            let end = forever(&cx).await;
            sleep(secs(1)).await;
            end
        });
        yield_now().await;
        assert!(tasks[3].cancel());
        let counts: Vec<_> = tasks.iter().map(|task| task.cancelling()).collect();
        assert_eq!(counts, [1, 1, 1, 1, 0]);
        let undelivered = tasks.iter().map(|task| task.is_cancel_undelivered());
        assert_eq!(undelivered.filter(|it| *it).count(), 1);
        assert!(is_cancelled(&tasks[4].ended().await));
        assert_eq!(now(), at(1));
        assert!(
            tasks
                .iter()
                .all(|task| task.end() == Some(TaskEnd::Cancelled))
        );
    });
}

#[test]
fn t05_a_chain_is_cut_by_a_shield() {
    fifo(|| async {
        let tasks = chain(2, async |cx| nap(&cx, secs(5)).await);
        let inner = tasks[1].clone();
        let outer = spawn_task("outer", async move |cx| cx.wait(shield(&inner)).await?);
        yield_now().await;
        outer.cancel();
        assert!(is_cancelled(&outer.ended().await));
        assert_eq!((tasks[1].cancelling(), now()), (0, at(0)));
        tasks[1].ended().await.unwrap();
    });
}

#[test]
fn t05_a_value_comes_up_a_chain_of_ten_thousand_tasks() {
    fifo(|| async {
        let tasks = chain(10_000, async |cx| nap(&cx, secs(1)).await);
        tasks[9_999].ended().await.unwrap();
        assert_eq!(now(), at(1));
    });
}

#[test]
fn t05_a_chain_of_ten_thousand_tasks_is_cancelled_from_its_end() {
    fifo(|| async {
        let tasks = chain(10_000, async |cx| forever(&cx).await);
        sleep(secs(1)).await;
        assert!(tasks[9_999].cancel());
        assert!(is_cancelled(&tasks[9_999].ended().await));
        assert!(
            tasks
                .iter()
                .all(|task| task.end() == Some(TaskEnd::Cancelled))
        );
        assert_eq!(now(), at(1));
    });
}

#[test]
fn t05_a_chain_of_ten_thousand_tasks_can_be_dropped() {
    // The run ends, and drops them from the first to the last.
    fifo(|| async {
        let tasks = chain(10_000, async |cx| forever(&cx).await);
        sleep(secs(1)).await;
        drop(tasks);
    });
    // And from the last to the first, and from the middle.
    for order in [|n: usize| 9_999 - n, |n: usize| (n + 5_000) % 10_000] {
        fifo(move || async move {
            let mut running = Vec::new();
            let mut before: Option<TaskHandle> = None;
            for _ in 0..10_000 {
                let joined = before.take();
                let body = async move |cx: Cx| match joined {
                    Some(joined) => cx.join(&joined).await,
                    None => forever(&cx).await,
                };
                let (work, handle) = deadheat_timeout::task(&deadheat::clock(), body);
                before = Some(handle);
                running.push(deadheat::spawn(work));
            }
            sleep(secs(1)).await;
            for n in 0..running.len() {
                running[order(n)].abort();
            }
            assert!(is_cancelled(&before.unwrap().ended().await));
        });
    }
}

/// Tasks that wait for one another in a ring of this size.
fn ring(size: usize) -> Vec<TaskHandle> {
    let handles: Rc<RefCell<Vec<TaskHandle>>> = Rc::default();
    for index in 0..size {
        let others = handles.clone();
        let task = spawn_task("link", async move |cx| {
            yield_now().await; // until all are there
            let next = others.borrow()[(index + 1) % size].clone();
            cx.join(&next).await
        });
        handles.borrow_mut().push(task);
    }
    handles.borrow().clone()
}

#[test]
fn t05_a_ring_of_tasks_that_wait_for_one_another_can_be_cancelled() {
    for size in [1, 2, 3, 50] {
        fifo(move || async move {
            let tasks = ring(size);
            sleep(secs(1)).await;
            assert!(tasks[0].cancel());
            for task in &tasks {
                assert!(is_cancelled(&task.ended().await));
                assert_eq!(task.cancelling(), 1);
            }
        });
    }
}

#[test]
fn t05_a_ring_is_cancelled_in_any_order() {
    explored(|| async {
        let tasks = ring(4);
        sleep(ZERO..=ms(1)).await;
        assert!(tasks[2].cancel());
        for task in &tasks {
            assert!(is_cancelled(&task.ended().await));
        }
    });
}
