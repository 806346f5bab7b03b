//! bb8: a pool gives no more connections than it may have, takes them back, and `get` gives up in time.
//!
//! Mostly without a limit to a connection's life or idleness: with one, which is the default, bb8 starts its
//! reaper by `std::time::Instant`, the real clock, and a run does not repeat. That is one of the findings.

mod show;

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use bb8::{ManageConnection, Pool, RunError};
use show::{Promises, latency, ms};
use tokio::time::{Instant, sleep};

fn main() -> ExitCode {
    let mut promises = Promises::default();
    promises.holds("never more connections than max_size", never_more);
    promises.holds("get ends within connection_timeout", in_time);
    promises.holds("a connection comes back when a get is cancelled", cancelled);
    promises.broken(
        "a run repeats with the limits that are the default",
        "not deterministic",
        by_default,
    );
    promises.end()
}

#[derive(Default)]
struct Manager {
    open: Arc<AtomicU32>,
}

struct Connection(Arc<AtomicU32>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = Infallible;

    async fn connect(&self) -> Result<Connection, Infallible> {
        assert!(
            self.open.fetch_add(1, Relaxed) < 2,
            "more connections than max_size"
        );
        let connection = Connection(self.open.clone());
        latency(ms(1)..=ms(5)).await;
        Ok(connection)
    }

    async fn is_valid(&self, _connection: &mut Connection) -> Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, _connection: &mut Connection) -> bool {
        false
    }
}

async fn pool() -> Pool<Manager> {
    let builder = Pool::builder()
        .max_size(2)
        .idle_timeout(None)
        .max_lifetime(None);
    let built = builder
        .connection_timeout(ms(20))
        .build(Manager::default())
        .await;
    built.expect("a pool")
}

async fn never_more() {
    let pool = pool().await;
    let users: Vec<_> = (0..4)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let connection = pool.get().await.expect("a connection");
                latency(ms(0)..=ms(4)).await;
                drop(connection);
            })
        })
        .collect();
    for user in users {
        user.await.expect("a user");
    }
    assert!(pool.state().connections <= 2);
}

async fn by_default() {
    let pool = Pool::builder().max_size(2).build(Manager::default()).await;
    let pool = pool.expect("a pool");
    drop(pool.get().await.expect("a connection"));
    latency(ms(1)..=ms(5)).await;
}

async fn in_time() {
    let pool = pool().await;
    let _held = [pool.get().await, pool.get().await];
    let start = Instant::now();
    let given_up = pool.get().await;
    assert!(
        matches!(given_up, Err(RunError::TimedOut)),
        "a third connection"
    );
    let took = start.elapsed();
    assert!((ms(20)..=ms(21)).contains(&took), "gave up after {took:?}");
}

/// Others wait while who would have been next is dropped.
async fn cancelled() {
    let pool = pool().await;
    let held = [pool.get_owned().await, pool.get_owned().await];
    let waiting = [(); 2].map(|()| {
        let pool = pool.clone();
        tokio::spawn(async move { drop(pool.get().await) })
    });
    sleep(ms(1)).await;
    tokio::spawn(async move {
        latency(ms(0)..=ms(4)).await;
        drop(held);
    });
    latency(ms(0)..=ms(4)).await;
    waiting.each_ref().map(|task| task.abort());
    assert!(pool.get().await.is_ok(), "no connection came back");
    for task in waiting {
        // Cancelled or not, it has ended.
        drop(task.await);
    }
    sleep(ms(30)).await;
    let state = pool.state();
    assert_eq!(
        state.idle_connections, state.connections,
        "a connection is lost"
    );
}
