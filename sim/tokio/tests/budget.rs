//! Each turn of a task has tokio's budget: 128 receives, or the like, and then it gives way. Nothing of a runtime beside
//! the run has to be named for it.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use deadheat::{Bounds, Config, Mix, Sampler, check, run};
use deadheat_tokio as tokio;
use tokio::sync::mpsc;

const MANY: usize = 1_000;

/// How many messages are received in each turn.
async fn received() -> Vec<usize> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    (0..MANY).for_each(|message| sender.send(message).unwrap());
    let mut turns = Vec::new();
    let mut left = MANY;
    poll_fn(|cx| {
        let before = left;
        while left > 0 && pin!(receiver.recv()).poll(cx).is_ready() {
            left -= 1;
        }
        turns.push(before - left);
        match left {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
    turns
}

const EACH: [usize; 8] = [128, 128, 128, 128, 128, 128, 128, 104];

#[test]
fn a_spawned_task_receives_128_in_a_turn() {
    let fifo = Mix::only(Sampler::Fifo, Bounds::EXACT);
    check(&Config::new().runs(3).mix(fifo), || async {
        assert_eq!(tokio::spawn(received()).await.unwrap(), EACH);
    })
    .unwrap();
}

#[test]
fn so_does_the_main_future_from_its_second_turn_on_and_with_a_runtime_beside_it_from_the_first() {
    run(&Config::new(), || async {
        drop(tokio::time::sleep(Duration::ZERO));
        deadheat::yield_now().await;
        assert_eq!(received().await, EACH);
    })
    .unwrap();
    let beside = Config::new().beside(tokio::beside);
    run(&beside, || async { assert_eq!(received().await, EACH) }).unwrap();
}

#[test]
fn so_does_what_a_plain_function_blocks_on() {
    deadheat::run_blocking(&Config::new(), || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        assert_eq!(runtime.block_on(received()), EACH);
    })
    .unwrap();
}

#[test]
fn a_budget_that_one_turn_has_spent_is_whole_in_the_next() {
    run(&Config::new(), || async {
        let first = tokio::spawn(received());
        let second = tokio::spawn(received());
        assert_eq!(first.await.unwrap(), EACH);
        assert_eq!(second.await.unwrap(), EACH);
    })
    .unwrap();
}
