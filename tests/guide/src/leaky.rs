//! As it was found: now and then the pool runs dry.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::{Connection, Pool};

/// A connection, or none if there was none within this time.
pub async fn acquire(pool: Arc<Pool>, within: Duration) -> Option<Connection> {
    let handed_over = match pool.take() {
        Ok(connection) => return Some(connection),
        Err(handed_over) => handed_over,
    };
    tokio::select! {
        connection = handed_over => connection.ok(),
        () = sleep(within) => None,
    }
}
