//! tower: limits of time and of concurrency, and a buffer. (What its limit of rate does is in `tests/others`.)

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tower::{Service as _, ServiceBuilder, ServiceExt as _, service_fn};

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

#[tokio::test]
async fn a_call_ends_at_its_limit() {
    let begun = Instant::now();
    let slow = service_fn(|()| async {
        sleep(10 * S).await;
        Ok::<_, Infallible>(())
    });
    let service = ServiceBuilder::new().timeout(S).service(slow);
    let error = service.oneshot(()).await.unwrap_err();
    assert!(error.is::<tower::timeout::error::Elapsed>());
    assert!(
        (S..=S + LATE).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn no_more_calls_than_allowed_are_under_way() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let counts = service_fn(move |()| {
        let under_way = Arc::clone(&under_way);
        async move {
            assert!(under_way.fetch_add(1, SeqCst) < 2, "a third");
            sleep(S).await;
            under_way.fetch_sub(1, SeqCst);
            Ok::<_, Infallible>(())
        }
    });
    let service = ServiceBuilder::new().concurrency_limit(2).service(counts);
    let calls: Vec<_> = (0..5)
        .map(|_| tokio::spawn(service.clone().oneshot(())))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_buffer_answers_each_caller_with_its_own() {
    let echo = service_fn(|number: u64| async move {
        sleep(S * (4 - number as u32)).await;
        Ok::<_, tower::BoxError>(number)
    });
    let mut service = ServiceBuilder::new().buffer(4).service(echo);
    let mut calls = Vec::new();
    for number in 0..4 {
        let answer = service.ready().await.unwrap().call(number);
        calls.push(tokio::spawn(answer));
    }
    for (number, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap().unwrap(), number as u64);
    }
}
