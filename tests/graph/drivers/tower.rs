//! tower: limits of time, of rate and of concurrency, and a buffer.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tower::limit::RateLimitLayer;
use tower::{Service as _, ServiceBuilder, ServiceExt as _, service_fn};

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

/// It is `time` after `begun`, or a little later.
fn at(begun: Instant, time: Duration, late: Duration) {
    let took = begun.elapsed();
    assert!((time..=time + late).contains(&took), "{took:?}");
}

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
    at(begun, S, LATE);
}

#[tokio::test]
async fn a_call_that_takes_less_than_its_limit_is_answered_at_its_time() {
    let begun = Instant::now();
    let slow = service_fn(|()| async {
        sleep(S / 2).await;
        Ok::<_, Infallible>(7)
    });
    let service = ServiceBuilder::new().timeout(S).service(slow);
    assert_eq!(service.oneshot(()).await.unwrap(), 7);
    at(begun, S / 2, LATE);
}

/// `RateLimitLayer::new(num, per)`: no more than `num` calls in each `per`, for who calls whenever it may.
#[tokio::test]
async fn no_more_calls_begin_than_their_rate_allows() {
    let begun = Instant::now();
    let calls = service_fn(|()| async { Ok::<_, Infallible>(Instant::now()) });
    let mut service = ServiceBuilder::new()
        .layer(RateLimitLayer::new(2, S))
        .service(calls);
    for nth in 0..8 {
        service.ready().await.unwrap().call(()).await.unwrap();
        let windows = nth / 2;
        at(begun, S * windows, LATE * (windows + 1));
    }
}

/// A time in which nothing was called is not made up for later.
#[tokio::test]
async fn a_rate_that_was_not_used_is_not_saved() {
    let calls = service_fn(|()| async { Ok::<_, Infallible>(()) });
    let mut service = ServiceBuilder::new()
        .layer(RateLimitLayer::new(2, S))
        .service(calls);
    service.ready().await.unwrap().call(()).await.unwrap();
    sleep(10 * S).await;
    let begun = Instant::now();
    for _ in 0..3 {
        service.ready().await.unwrap().call(()).await.unwrap();
    }
    at(begun, S, LATE);
}

#[tokio::test]
async fn no_more_calls_than_allowed_are_under_way() {
    let begun = Instant::now();
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
    // Two, two and one.
    at(begun, 3 * S, 3 * LATE);
}

#[tokio::test]
async fn a_buffer_answers_each_caller_with_its_own() {
    let echo = service_fn(|number: u64| async move {
        sleep(S * (4 - number as u32)).await;
        Ok::<_, tower::BoxError>(number)
    });
    let begun = Instant::now();
    let mut service = ServiceBuilder::new().buffer(4).service(echo);
    let mut calls = Vec::new();
    for number in 0..4 {
        let answer = service.ready().await.unwrap().call(number);
        calls.push(tokio::spawn(answer));
    }
    for (number, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap().unwrap(), number as u64);
    }
    // They are answered beside each other: the slowest was called first.
    at(begun, 4 * S, LATE);
}
