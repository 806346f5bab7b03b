//! The service: HTTP on one side, the pool on the other, and what goes on beside the requests.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Version;
use crate::audit::{self, Audit};
use crate::lease::Leases;
use crate::pool::Pool;
use crate::prices::Prices;

/// How long a request to the backend may take.
const PATIENCE: Duration = Duration::from_millis(50);

/// What the service is told when it starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the backend listens.
    pub backend: SocketAddr,
    /// Where the audit file is made.
    pub audit: PathBuf,
    /// As first written, or mended.
    pub version: Version,
}

/// What the requests share.
#[derive(Debug, Clone)]
struct App {
    pool: Arc<Pool>,
    leases: Arc<Leases>,
    prices: Arc<Prices>,
    audit: Audit,
}

type Answer = (StatusCode, String);

#[derive(Debug, Deserialize)]
struct Asked {
    share: String,
}

async fn quote(State(app): State<App>, Query(asked): Query<Asked>) -> Answer {
    match timeout(PATIENCE, app.pool.ask(&asked.share)).await {
        Ok(Ok(price)) => {
            app.audit.note(&format!("{} {price}", asked.share));
            (StatusCode::OK, price)
        }
        Ok(Err(error)) => (StatusCode::BAD_GATEWAY, error.to_string()),
        Err(_) => (
            StatusCode::GATEWAY_TIMEOUT,
            "the backend is slow".to_owned(),
        ),
    }
}

async fn watched(State(app): State<App>) -> Answer {
    match app.prices.fresh() {
        Some(price) => (StatusCode::OK, price),
        None => (StatusCode::SERVICE_UNAVAILABLE, "stale".to_owned()),
    }
}

async fn order(State(app): State<App>, Query(asked): Query<Asked>) -> Answer {
    match app.leases.order(&asked.share).await {
        Ok(true) => (StatusCode::OK, "done".to_owned()),
        Ok(false) => (StatusCode::CONFLICT, "no lease".to_owned()),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
}

/// Serves until `until` is ready, and answers what has begun.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let version = settings.version;
    let (audit, writer) = audit::open(&settings.audit, version).await?;
    let pool = Arc::new(Pool::new(settings.backend, version));
    let leases = Arc::new(Leases::new(Arc::clone(&pool), version));
    let prices = Arc::new(Prices::default());
    let mut beside = JoinSet::new();
    {
        let (leases, prices, pool) = (leases.clone(), prices.clone(), pool.clone());
        beside.spawn(async move { leases.heartbeat().await });
        beside.spawn(async move { prices.refresh(&pool).await });
    }
    let app = App {
        pool,
        leases,
        prices,
        audit,
    };
    let router = Router::new()
        .route("/quote", get(quote))
        .route("/watched", get(watched))
        .route("/order", post(order))
        .with_state(app);
    axum::serve(listener, router)
        .with_graceful_shutdown(until)
        .await?;
    beside.shutdown().await;
    writer.close().await
}
