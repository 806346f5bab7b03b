//! The service: HTTP on one side, the pool on the other.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::Version;
use crate::pool::Pool;

/// How long a request to the backend may take.
const PATIENCE: Duration = Duration::from_millis(50);

#[derive(Debug, Deserialize)]
struct Asked {
    share: String,
}

async fn quote(State(pool): State<Arc<Pool>>, Query(asked): Query<Asked>) -> (StatusCode, String) {
    match timeout(PATIENCE, pool.ask(&asked.share)).await {
        Ok(Ok(price)) => (StatusCode::OK, price),
        Ok(Err(error)) => (StatusCode::BAD_GATEWAY, error.to_string()),
        Err(_) => (
            StatusCode::GATEWAY_TIMEOUT,
            "the backend is slow".to_owned(),
        ),
    }
}

/// Serves until `until` is ready, and answers what has begun.
pub async fn serve(
    listener: TcpListener,
    backend: SocketAddr,
    version: Version,
    until: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let pool = Arc::new(Pool::new(backend, version));
    let router = Router::new().route("/quote", get(quote)).with_state(pool);
    axum::serve(listener, router)
        .with_graceful_shutdown(until)
        .await
}
