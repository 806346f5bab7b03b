//! tokio-util and tokio-stream, which know nothing of the drop-in, inside a run.

use std::time::Duration;

use deadheat::{Config, now, run};
use deadheat_tokio as tokio;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::{IntervalStream, ReceiverStream};
use tokio_util::future::FutureExt as _;
use tokio_util::sync::CancellationToken;
use tokio_util::time::DelayQueue;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn elapsed() -> Duration {
    Duration::from_nanos(now().as_nanos() as u64)
}

fn in_run<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    let config = Config::new().beside(tokio::beside);
    let first = run(&config, body).unwrap();
    let second = run(&config, body).unwrap();
    assert_eq!(first.fingerprint, second.fingerprint);
}

#[test]
fn a_cancellation_token_reaches_its_children() {
    in_run(|| async {
        let token = CancellationToken::new();
        let child = token.child_token();
        let work = tokio::spawn(async move {
            child.cancelled().await;
            elapsed()
        });
        tokio::time::sleep(ms(5)).await;
        token.cancel();
        assert_eq!(work.await.unwrap(), ms(5));
        let late = token
            .run_until_cancelled(std::future::pending::<()>())
            .await;
        assert!(late.is_none());
    });
}

#[test]
fn a_delay_queue_expires_in_the_order_of_its_deadlines() {
    in_run(|| async {
        let mut queue = DelayQueue::new();
        let late = queue.insert("late", ms(30));
        queue.insert("first", ms(10));
        queue.insert("second", ms(20));
        let gone = queue.insert("gone", ms(15));
        queue.remove(&gone);
        queue.reset(&late, ms(40));
        let mut seen = Vec::new();
        while let Some(expired) = queue.next().await {
            seen.push((expired.into_inner(), elapsed()));
        }
        assert_eq!(
            seen,
            [("first", ms(10)), ("second", ms(20)), ("late", ms(40))]
        );
    });
}

#[test]
fn a_delay_queue_and_the_runs_own_timers_keep_their_order() {
    in_run(|| async {
        let mut queue = DelayQueue::new();
        for n in 1..=3 {
            queue.insert(n, ms(10 * n));
        }
        let mut seen = Vec::new();
        for _ in 0..6 {
            tokio::select! {
                biased;
                Some(expired) = queue.next() => seen.push(expired.into_inner()),
                () = tokio::time::sleep(ms(4)) => seen.push(0),
            }
        }
        assert_eq!(seen, [0, 0, 1, 0, 0, 2]);
        assert_eq!(elapsed(), ms(20));
    });
}

#[test]
fn a_future_has_a_timeout_of_tokio_util() {
    in_run(|| async {
        let late = tokio::time::sleep(ms(50)).timeout(ms(20)).await;
        assert_eq!((late.is_err(), elapsed()), (true, ms(20)));
        let in_time = tokio::time::sleep(ms(10)).timeout(ms(20)).await;
        assert_eq!((in_time.is_ok(), elapsed()), (true, ms(30)));
    });
}

#[test]
fn a_streams_timeout_and_throttle_are_virtual() {
    in_run(|| async {
        let (send, receive) = tokio::sync::mpsc::channel(8);
        tokio::spawn(async move {
            for wait in [1, 50, 1] {
                tokio::time::sleep(ms(wait)).await;
                send.send(wait).await.unwrap();
            }
        });
        let stream = ReceiverStream::new(receive).timeout(ms(20));
        let mut stream = std::pin::pin!(stream);
        let mut seen = Vec::new();
        while let Some(item) = stream.next().await {
            seen.push((item.ok(), elapsed()));
        }
        let expected = [
            (Some(1), ms(1)),
            (None, ms(21)),
            (Some(50), ms(51)),
            (Some(1), ms(52)),
        ];
        assert_eq!(seen, expected);

        let throttled = tokio_stream::iter(0..3).throttle(ms(10));
        let start = elapsed();
        throttled.collect::<Vec<_>>().await;
        assert_eq!(elapsed() - start, ms(30));
    });
}

#[test]
fn an_interval_is_a_stream_of_tokio_stream() {
    in_run(|| async {
        let interval = tokio::time::interval(ms(10));
        let ticks = IntervalStream::new(interval.into()).take(3);
        let seen: Vec<_> = ticks.map(|_| elapsed()).collect().await;
        assert_eq!(seen, [ms(0), ms(10), ms(20)]);
    });
}

#[test]
fn what_nobody_awaits_still_expires() {
    in_run(|| async {
        use futures::FutureExt as _;
        let mut queue = DelayQueue::new();
        queue.insert("job", ms(10));
        let mut looks = 0;
        while queue.next().now_or_never().is_none() {
            looks += 1;
            tokio::time::sleep(ms(3)).await;
        }
        assert_eq!((looks, elapsed()), (4, ms(12)));
    });
}
