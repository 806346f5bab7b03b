//! backon, tokio-util and tokio-stream: waiting again, in queues and in streams.

use std::time::Duration;

use backon::{ConstantBuilder, Retryable as _};
use tokio::time::{Instant, sleep};
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::time::DelayQueue;

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

/// It is `time` after `begun`, or a little later.
fn at(begun: Instant, time: Duration, late: Duration) {
    let took = begun.elapsed();
    assert!((time..=time + late).contains(&took), "{took:?}");
}

#[tokio::test]
async fn backon_waits_as_long_as_it_was_told_between_attempts() {
    let begun = Instant::now();
    let fails = || async { Err::<(), _>("no") };
    let policy = ConstantBuilder::new().with_delay(S).with_max_times(3);
    assert_eq!(fails.retry(policy).await, Err("no"));
    at(begun, 3 * S, 3 * LATE);
}

#[tokio::test]
async fn tokio_util_a_delay_queue_gives_items_in_the_order_of_their_deadlines() {
    let mut queue = DelayQueue::new();
    let begun = Instant::now();
    for secs in [3, 1, 2] {
        queue.insert(secs, S * secs);
    }
    for secs in 1..=3 {
        assert_eq!(queue.next().await.unwrap().into_inner(), secs);
        // "At most 1 ms later" is what it promises; a timer is as late again.
        at(begun, S * secs, LATE);
    }
}

#[tokio::test]
async fn tokio_util_a_deadline_that_is_moved_holds_as_moved() {
    let mut queue = DelayQueue::new();
    let begun = Instant::now();
    let later = queue.insert("later", S);
    let sooner = queue.insert("sooner", 9 * S);
    let never = queue.insert("never", 2 * S);
    queue.reset(&later, 5 * S);
    queue.reset_at(&sooner, begun + 3 * S);
    assert_eq!(queue.remove(&never).into_inner(), "never");
    assert_eq!(queue.next().await.unwrap().into_inner(), "sooner");
    at(begun, 3 * S, LATE);
    assert_eq!(queue.next().await.unwrap().into_inner(), "later");
    at(begun, 5 * S, LATE);
    assert!(queue.next().await.is_none());
}

#[tokio::test]
async fn tokio_util_a_tracker_waits_for_all_and_a_token_reaches_all() {
    let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
    for secs in 1..4 {
        let token = token.child_token();
        tracker.spawn(async move {
            tokio::select! {
                () = token.cancelled() => {}
                () = sleep(S * secs) => {}
            }
        });
    }
    tracker.close();
    let begun = Instant::now();
    sleep(S * 2).await;
    token.cancel();
    tracker.wait().await;
    at(begun, 2 * S, 2 * LATE);
}

#[tokio::test]
async fn tokio_stream_items_that_are_throttled_keep_their_distance() {
    let stream = tokio_stream::iter(0_u32..3).throttle(S);
    tokio::pin!(stream);
    let begun = Instant::now();
    let mut got = 0;
    while let Some(item) = stream.next().await {
        assert_eq!(item, got);
        at(begun, S * item, LATE * (item + 1));
        got += 1;
    }
    assert_eq!(got, 3);
}

#[tokio::test]
async fn async_broadcast_every_receiver_gets_every_message() {
    let (sender, receiver) = async_broadcast::broadcast(2);
    let receivers: Vec<_> = (0..3)
        .map(|nth| {
            let mut receiver = receiver.clone();
            tokio::spawn(async move {
                let mut got = Vec::new();
                while let Ok(message) = receiver.recv().await {
                    got.push(message);
                    sleep(S * nth).await;
                }
                got
            })
        })
        .collect();
    drop(receiver);
    for message in 0..6 {
        sender.broadcast(message).await.unwrap();
    }
    drop(sender);
    for receiver in receivers {
        assert_eq!(receiver.await.unwrap(), [0, 1, 2, 3, 4, 5]);
    }
}
