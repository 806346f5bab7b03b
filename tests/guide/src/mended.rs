//! As it was mended: what was handed over to somebody who has stopped waiting goes back to the pool.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::{Connection, Pool};

/// A connection, or none if there was none within this time.
///
/// # Cancel safety
///
/// Dropping it loses no connection.
pub async fn acquire(pool: Arc<Pool>, within: Duration) -> Option<Connection> {
    let mut waiting = match pool.take() {
        Ok(connection) => return Some(connection),
        Err(handed_over) => Waiting { pool, handed_over },
    };
    tokio::select! {
        connection = &mut waiting.handed_over => connection.ok(),
        () = sleep(within) => None,
    }
}

struct Waiting {
    pool: Arc<Pool>,
    handed_over: oneshot::Receiver<Connection>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.handed_over.close();
        if let Ok(connection) = self.handed_over.try_recv() {
            self.pool.release(connection);
        }
    }
}
