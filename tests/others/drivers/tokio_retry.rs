//! tokio-retry: an action is tried again after each pause of its strategy, until it works or they end.

mod show;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::Mutex;

use show::{Promises, latency, ms};
use tokio::time::{Instant, timeout};
use tokio_retry::Retry;
use tokio_retry::strategy::FixedInterval;

fn main() -> ExitCode {
    let mut promises = Promises::default();
    promises.holds(
        "as many attempts as pauses and one, each in its time",
        attempts,
    );
    promises.holds("a deadline ends it, and no attempt comes after", no_more);
    promises.end()
}

type Moments = Arc<Mutex<Vec<(Instant, Instant)>>>;

/// An attempt that takes its time and fails, noted with its begin and its end.
async fn fails(moments: Moments) -> Result<(), ()> {
    let began = Instant::now();
    latency(ms(1)..=ms(4)).await;
    moments
        .lock()
        .expect("a lock")
        .push((began, Instant::now()));
    Err(())
}

async fn attempts() {
    let moments = Moments::default();
    let action = {
        let moments = moments.clone();
        move || fails(moments.clone())
    };
    let result = Retry::start(FixedInterval::new(ms(10)).take(3), action).await;
    assert!(result.is_err());
    let moments = moments.lock().expect("a lock");
    assert_eq!(moments.len(), 4, "not four attempts");
    for pair in moments.windows(2) {
        let pause = pair[1].0 - pair[0].1;
        assert!((ms(10)..=ms(12)).contains(&pause), "a pause of {pause:?}");
    }
}

async fn no_more() {
    let moments = Moments::default();
    let action = {
        let moments = moments.clone();
        move || fails(moments.clone())
    };
    let start = Instant::now();
    let retries = Retry::start(FixedInterval::new(ms(10)), action);
    assert!(timeout(ms(35), retries).await.is_err());
    let took = start.elapsed();
    assert!((ms(35)..=ms(36)).contains(&took), "it ended after {took:?}");
    let tried = moments.lock().expect("a lock").len();
    assert!((2..=4).contains(&tried), "{tried} attempts");
    latency(ms(50)..=ms(60)).await;
    assert_eq!(
        moments.lock().expect("a lock").len(),
        tried,
        "one came after"
    );
}
