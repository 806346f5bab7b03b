//! The test of `docs/GUIDE.md`: whoever borrows a connection, it comes back.

use std::sync::Arc;
use std::time::Duration;

use deadheat_guide::{Connection, Pool, leaky, mended};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// One connection, a query of ours, and a report that waits for it for up to 100 ms.
async fn comes_back<F>(acquire: fn(Arc<Pool>, Duration) -> F)
where
    F: Future<Output = Option<Connection>> + Send + 'static,
{
    let pool = Arc::new(Pool::new([Connection(1)]));
    let connection = acquire(pool.clone(), ms(10)).await.expect("it is idle");
    let report = tokio::spawn({
        let pool = pool.clone();
        async move {
            if let Some(connection) = acquire(pool.clone(), ms(100)).await {
                pool.release(connection);
            }
        }
    });
    deadheat::sleep(ms(60)..=ms(140)).await; // our query
    pool.release(connection);
    report.await.expect("no panic");
    assert_eq!(pool.idle(), 1, "idle connections");
}

#[deadheat::test]
async fn a_connection_comes_back() {
    comes_back(mended::acquire).await;
}

#[test]
fn the_leaky_pool_loses_one() {
    let found = deadheat::check(&deadheat::Config::new(), || comes_back(leaky::acquire));
    let report = found.expect_err("some run loses it").to_string();
    assert!(report.contains("panicked: main panicked at"), "{report}");
}

#[test]
fn a_wait_that_is_cancelled_loses_none() {
    deadheat::assert_cancel_safe(
        async || {
            let pool = Arc::new(Pool::new([Connection(1)]));
            let connection = pool.take().expect("it is idle");
            let lent = pool.clone();
            tokio::spawn(async move {
                tokio::time::sleep(ms(50)).await;
                lent.release(connection);
            });
            pool
        },
        async |pool| mended::acquire(pool.clone(), ms(100)).await,
        async |pool, acquired| {
            tokio::time::sleep(ms(100)).await;
            let lent = acquired.flatten().is_some();
            assert_eq!(pool.idle() + usize::from(lent), 1, "connections");
        },
    );
}
