//! Closures for `spawn_blocking` that wait: the run goes on underneath, or it is said what to do instead.

use std::time::Duration;

use deadheat::{Config, Verdict, check, check_blocking, run};
use deadheat_tokio as tokio;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinSet, LocalSet, spawn_blocking};
use tokio::time::sleep;

const MS: Duration = Duration::from_millis(1);
const ADVICE: &str = "wait by Handle::current().block_on(receiver.recv())";

/// Three values, each 1 ms after the one before.
fn numbers() -> Receiver<u32> {
    let (send, receive) = channel(1);
    tokio::spawn(async move {
        for number in 0..3 {
            sleep(MS).await;
            send.send(number).await.expect("it is received");
        }
    });
    receive
}

/// Receives them all in a plain function.
fn sum(mut receive: Receiver<u32>) -> u32 {
    let mut sum = 0;
    while let Some(number) = Handle::current().block_on(receive.recv()) {
        sum += number;
    }
    sum
}

#[test]
fn a_closure_waits_by_the_handle() {
    check(&Config::new(), || async {
        let receive = numbers();
        assert_eq!(spawn_blocking(|| sum(receive)).await.unwrap(), 3);
    })
    .unwrap();
}

#[test]
fn several_closures_wait_inside_each_other() {
    check(&Config::new(), || async {
        let (first, second) = (numbers(), numbers());
        let mut set = JoinSet::new();
        set.spawn_blocking(|| sum(first));
        set.spawn_blocking(|| sum(second));
        assert_eq!(set.join_all().await, [3, 3]);
    })
    .unwrap();
}

/// Sends three values in a plain function.
fn send(send: Sender<u32>) {
    for number in 0..3 {
        Handle::current().block_on(send.send(number)).unwrap();
    }
}

#[test]
fn one_hands_over_to_an_asynchronous_task() {
    check(&Config::new(), || async {
        let (sender, mut receive) = channel(1);
        let sends = spawn_blocking(|| send(sender));
        for number in 0..3 {
            assert_eq!(receive.recv().await, Some(number));
        }
        sends.await.unwrap();
    })
    .unwrap();
}

/// They would need a stack each.
#[test]
fn two_that_wait_for_each_other_are_stuck_by_name() {
    let failure = run(&Config::new(), || async {
        let (sender, receive) = channel(1);
        let sends = spawn_blocking(|| send(sender));
        let receives = spawn_blocking(|| sum(receive));
        sends.await.unwrap();
        receives.await.unwrap();
    });
    let failure = failure.unwrap_err();
    assert_eq!(failure.run.verdict, Verdict::Stuck);
    assert_eq!(failure.run.violations.len(), 0);
    let report = failure.to_string();
    assert!(
        report.contains("task-1 waits for its turn, but task-2 blocks on top of it"),
        "{report}"
    );
}

#[test]
fn also_on_runtimes_of_the_program_and_in_a_local_set() {
    for builder in [Builder::new_current_thread, Builder::new_multi_thread] {
        check_blocking(&Config::new(), move || {
            let runtime = builder().enable_all().build().unwrap();
            let handle = runtime.handle().clone();
            runtime.block_on(async {
                let receive = numbers();
                assert_eq!(handle.spawn_blocking(|| sum(receive)).await.unwrap(), 3);
                let receive = numbers();
                let set = LocalSet::new();
                let all = set.run_until(async { spawn_blocking(|| sum(receive)).await });
                assert_eq!(all.await.unwrap(), 3);
            });
        })
        .unwrap();
    }
}

#[test]
fn what_would_stop_the_thread_says_what_to_do() {
    let receives = run(&Config::new(), || async {
        let mut receive = numbers();
        let receive = spawn_blocking(move || receive.blocking_recv());
        receive.await.unwrap();
    });
    let sends = run(&Config::new(), || async {
        let (send, _receive) = channel(1);
        let send = spawn_blocking(move || send.blocking_send(1));
        send.await.unwrap().unwrap();
    });
    let locks = run(&Config::new().beside(tokio::beside), || async {
        let lock = tokio::sync::Mutex::new(1);
        let lock = spawn_blocking(move || *lock.blocking_lock());
        lock.await.unwrap();
    });
    for failure in [receives.map(drop), sends.map(drop), locks.map(drop)] {
        let report = failure.unwrap_err().to_string();
        assert!(
            report.contains("Cannot block the current thread"),
            "{report}"
        );
        assert!(report.contains(ADVICE), "{report}");
    }
}
