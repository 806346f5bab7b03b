//! Tasks, sets and runtimes inside a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use deadheat::{Config, Verdict, check, check_blocking, now, run, run_blocking};
use deadheat_tokio as tokio;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[test]
fn a_panic_that_is_joined_is_an_error_and_the_run_goes_on() {
    run(&Config::new(), || async {
        let error = tokio::spawn(async { panic!("seen") }).await.unwrap_err();
        assert!(error.is_panic());
        assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "seen");
    })
    .unwrap();
}

#[test]
fn a_panic_that_nobody_joins_fails_the_run_and_says_where() {
    let failure = run(&Config::new(), || async {
        let _detached = tokio::spawn(async { panic!("nobody looks") });
        sleep(ms(1)).await;
    })
    .unwrap_err();
    let panic = failure.run.panic.clone().unwrap();
    assert_eq!((&*panic.message, &*panic.task), ("nobody looks", "task-1"));
    assert!(panic.place.contains("tasks.rs"), "{panic}");
    run(&Config::new(), || async {
        deadheat::program::forgive_unseen_panics();
        tokio::spawn(async { panic!("nobody looks") });
        sleep(ms(1)).await;
    })
    .unwrap();
}

#[test]
fn an_aborted_task_says_so() {
    run(&Config::new(), || async {
        let task = tokio::spawn(sleep(ms(9)));
        let handle = task.abort_handle();
        tokio::task::yield_now().await;
        handle.abort();
        let error = task.await.unwrap_err();
        assert!(error.is_cancelled() && handle.is_finished());
        assert_eq!(
            error.to_string(),
            format!("task {} was cancelled", handle.id())
        );
        assert_eq!(now().as_nanos(), 0);
    })
    .unwrap();
}

#[test]
fn a_set_gives_its_tasks_in_the_order_in_which_they_end() {
    run(&Config::new(), || async {
        let mut set = JoinSet::new();
        for n in [3, 1, 2] {
            set.spawn(async move {
                sleep(ms(n)).await;
                n
            });
        }
        let mut ended = Vec::new();
        while let Some(n) = set.join_next().await {
            ended.push(n.unwrap());
        }
        assert_eq!(ended, [1, 2, 3]);
    })
    .unwrap();
}

#[test]
fn which_of_two_tasks_ends_first_is_a_decision() {
    let failure = check(&Config::new(), || async {
        let mut set = JoinSet::from_iter([1, 2].map(|n| async move { n }));
        assert_eq!(set.join_next().await.unwrap().unwrap(), 1, "the first");
        set.shutdown().await;
    })
    .unwrap_err();
    assert!(failure.to_string().contains("the first"), "{failure}");
}

#[test]
fn where_select_begins_is_a_decision() {
    let failure = check(&Config::new(), || async {
        let first = tokio::select! { _ = async {} => true, _ = async {} => false };
        assert!(first, "the second branch");
    })
    .unwrap_err();
    assert_eq!(failure.run.token.tape.len(), 1, "{failure}");
    check(&Config::new(), || async {
        let first = tokio::select! { biased; _ = async {} => true, _ = async {} => false };
        assert!(first);
    })
    .unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn program() -> usize {
    let answer = tokio::spawn(async {
        sleep(ms(1500)).await;
        42
    });
    answer.await.unwrap()
}

#[test]
fn a_whole_program_with_its_main_is_simulated() {
    check_blocking(&Config::new(), || assert_eq!(program(), 42)).unwrap();
    run_blocking(&Config::new(), || {
        assert_eq!(program(), 42);
        assert_eq!(now().as_nanos(), 1_500_000_000);
    })
    .unwrap();
    // In an asynchronous function it panics as in tokio's, but not where one may block.
    run(&Config::new(), || async {
        assert_eq!(tokio::task::block_in_place(program), 42);
        let own = tokio::task::spawn_blocking(program);
        assert_eq!(own.await.unwrap(), 42);
    })
    .unwrap();
}

#[test]
fn a_runtime_that_is_dropped_drops_its_tasks_at_once() {
    struct Dropped(Arc<AtomicBool>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    run_blocking(&Config::new(), || {
        let dropped = Arc::new(AtomicBool::new(false));
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let kept = Dropped(Arc::clone(&dropped));
        let task = runtime.spawn(async move {
            let _kept = kept;
            std::future::pending::<()>().await;
        });
        runtime.block_on(sleep(ms(1)));
        let handle = runtime.handle().clone();
        drop(runtime);
        assert!(dropped.load(Ordering::Relaxed) && task.is_finished());
        let late = deadheat::block_on(handle.spawn(async {}));
        assert!(late.unwrap_err().is_cancelled());
    })
    .unwrap();
}

#[test]
fn a_blocking_closure_waits_by_its_handle() {
    run(&Config::new(), || async {
        let handle = Handle::current();
        let answer = tokio::task::spawn_blocking(move || {
            handle.block_on(sleep(ms(2)));
            7
        });
        assert_eq!(answer.await.unwrap(), 7);
        assert_eq!(now().as_nanos(), 2_000_000);
        let waited = tokio::spawn(async {
            tokio::task::block_in_place(|| Handle::current().block_on(sleep(ms(1))));
        });
        waited.await.unwrap();
    })
    .unwrap();
}

#[test]
fn each_turn_has_a_budget_also_where_a_plain_function_waits() {
    run_blocking(&Config::new(), || {
        let runtime = Runtime::new().unwrap();
        let turns = Arc::new(AtomicUsize::new(0));
        runtime.block_on(async {
            let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
            (0..1000).for_each(|n| sender.send(n).unwrap());
            let counted = Arc::clone(&turns);
            let task = tokio::spawn(async move {
                let receive = async {
                    for _ in 0..1000 {
                        receiver.recv().await.unwrap();
                    }
                };
                let mut receive = std::pin::pin!(receive);
                std::future::poll_fn(|cx| {
                    counted.fetch_add(1, Ordering::Relaxed);
                    receive.as_mut().poll(cx)
                })
                .await;
            });
            task.await.unwrap();
        });
        assert_eq!(turns.load(Ordering::Relaxed), 8);
    })
    .unwrap();
}

#[test]
fn local_tasks_go_on_only_while_their_set_is_driven() {
    run(&Config::new(), || async {
        let set = LocalSet::new();
        let done = std::rc::Rc::new(std::cell::Cell::new(false));
        let mark = std::rc::Rc::clone(&done);
        let task = set.spawn_local(async move {
            tokio::task::spawn_local(sleep(ms(1))).await.unwrap();
            mark.set(true);
        });
        sleep(ms(5)).await;
        assert!(!done.get());
        set.run_until(task).await.unwrap();
        assert!(done.get());
        assert_eq!(now().as_nanos(), 6_000_000);
        set.spawn_local(sleep(ms(3)));
        set.await;
        assert_eq!(now().as_nanos(), 9_000_000);
    })
    .unwrap();
}

#[test]
fn a_program_that_deadlocks_in_its_main_is_stuck() {
    #[tokio::main]
    async fn stuck() {
        let (_sender, mut receiver) = tokio::sync::mpsc::channel::<()>(1);
        receiver.recv().await;
    }
    let failure = run_blocking(&Config::new(), stuck).unwrap_err();
    assert_eq!(failure.run.verdict, Verdict::Stuck);
    assert!(failure.to_string().contains("main waits for"), "{failure}");
}
