//! axum with tower-http's limit of time.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use tokio::time::{Instant, sleep};
use tower::ServiceExt as _;
use tower_http::timeout::TimeoutLayer;

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

fn app() -> Router {
    Router::new()
        .route("/slow", get(async || sleep(10 * S).await))
        .route("/fast", get(async || sleep(S / 2).await))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            S,
        ))
}

async fn status(path: &str) -> StatusCode {
    let request = Request::get(path).body(Body::empty()).unwrap();
    app().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_answered_for_at_the_limit() {
    let begun = Instant::now();
    assert_eq!(status("/slow").await, StatusCode::REQUEST_TIMEOUT);
    assert!(
        (S..=S + LATE).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_handler_that_does_not_answers_itself() {
    let begun = Instant::now();
    assert_eq!(status("/fast").await, StatusCode::OK);
    let took = begun.elapsed();
    assert!((S / 2..=S / 2 + LATE).contains(&took), "{took:?}");
}
