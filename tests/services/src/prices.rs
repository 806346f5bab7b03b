//! The price of a watched share: asked for again and again, and good for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::pool::Pool;

/// The share that everybody asks for.
pub const WATCHED: &str = "watched";
/// How often its price is asked for.
const EVERY: Duration = Duration::from_secs(1);
/// How long a price is good for.
pub const TTL: Duration = Duration::from_secs(5);

/// The last price, and when it came.
#[derive(Debug, Default)]
pub struct Prices {
    last: Mutex<Option<(String, Instant)>>,
}

impl Prices {
    /// The price, if it is not too old.
    pub fn fresh(&self) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (price, at) = last.as_ref()?;
        (at.elapsed() < TTL).then(|| price.clone())
    }

    /// Asks for the price again and again.
    pub async fn refresh(&self, pool: &Pool) {
        let mut beats = interval(EVERY);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            // Without an answer the last one is good until it is too old.
            if let Ok(price) = pool.ask(WATCHED).await {
                let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                *last = Some((price, Instant::now()));
            }
        }
    }
}
