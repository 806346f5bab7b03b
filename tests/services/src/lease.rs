//! The right to order: one service has it at a time, and only for a while.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Version;
use crate::pool::Pool;

/// How long a lease is good for.
pub const TTL: Duration = Duration::from_millis(300);
/// How long after an answer it is renewed.
const HEARTBEAT: Duration = Duration::from_millis(200);
/// How long before its end it is not used any more: an order takes a while to get there.
const MARGIN: Duration = Duration::from_millis(100);

#[derive(Debug, Clone, Copy)]
struct Lease {
    token: u64,
    until: Instant,
}

/// The lease as this service knows it.
#[derive(Debug)]
pub struct Leases {
    pool: Arc<Pool>,
    version: Version,
    cached: Mutex<Option<Lease>>,
}

impl Leases {
    /// None is held yet.
    #[must_use]
    pub fn new(pool: Arc<Pool>, version: Version) -> Leases {
        Leases {
            pool,
            version,
            cached: Mutex::default(),
        }
    }

    /// Renews the lease again and again.
    pub async fn heartbeat(&self) {
        loop {
            // What fails is tried again at the next beat; the lease ends by itself.
            let _ = self.renew().await;
            sleep(HEARTBEAT).await;
        }
    }

    /// Asks for a lease. It counts from before the question, so that it ends here before it does at the backend.
    pub async fn renew(&self) -> io::Result<()> {
        let until = Instant::now() + TTL;
        let answer = self.pool.ask("lease").await?;
        let token = answer.parse().map_err(io::Error::other)?;
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some(Lease { token, until });
        Ok(())
    }

    /// Orders a share, if the lease is held: whether it was done.
    pub async fn order(&self, share: &str) -> io::Result<bool> {
        let cached = *self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        let margin = match self.version {
            Version::First => Duration::ZERO,
            Version::Mended => MARGIN,
        };
        let Some(lease) = cached.filter(|lease| Instant::now() + margin < lease.until) else {
            return Ok(false);
        };
        let question = format!("order {} {share}", lease.token);
        Ok(self.pool.ask(&question).await? == "done")
    }
}
