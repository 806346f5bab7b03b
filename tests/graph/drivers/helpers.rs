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

#[tokio::test]
async fn backon_waits_as_long_as_it_was_told_between_attempts() {
    let begun = Instant::now();
    let fails = || async { Err::<(), _>("no") };
    let policy = ConstantBuilder::new().with_delay(S).with_max_times(3);
    assert_eq!(fails.retry(policy).await, Err("no"));
    assert!(
        (3 * S..=3 * S + 3 * LATE).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
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
        assert!(begun.elapsed() >= S * secs);
    }
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
    assert!(begun.elapsed() <= 2 * S + 2 * LATE, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn tokio_stream_items_that_are_throttled_keep_their_distance() {
    let stream = tokio_stream::iter(0..3).throttle(S);
    tokio::pin!(stream);
    let mut last: Option<Instant> = None;
    while stream.next().await.is_some() {
        let now = Instant::now();
        assert!(last.is_none_or(|last| now - last >= S - LATE));
        last = Some(now);
    }
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
