//! deadpool and mobc: who waits for a connection does not wait longer than was said, and no connection is lost.

use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, RecycleResult, TimeoutType};
use tokio::time::{Instant, sleep, timeout};

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

struct Numbers;

impl Manager for Numbers {
    type Type = u32;
    type Error = std::convert::Infallible;

    async fn create(&self) -> Result<u32, Self::Error> {
        sleep(S / 10).await;
        Ok(7)
    }

    async fn recycle(&self, _: &mut u32, _: &Metrics) -> RecycleResult<Self::Error> {
        Ok(())
    }
}

fn pool() -> Pool<Numbers> {
    let pool = Pool::builder(Numbers).max_size(1).runtime(Runtime::Tokio1);
    pool.wait_timeout(Some(S)).build().unwrap()
}

#[tokio::test]
async fn deadpool_who_waits_gives_up_at_the_limit() {
    let pool = pool();
    let _held: Object<Numbers> = pool.get().await.unwrap();
    let begun = Instant::now();
    let got = pool.get().await;
    assert!(matches!(got, Err(PoolError::Timeout(TimeoutType::Wait))));
    assert!(
        (S..=S + LATE).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn deadpool_who_waits_gets_a_connection_as_soon_as_it_is_back() {
    let pool = pool();
    let held = pool.get().await.unwrap();
    let begun = Instant::now();
    let waits = tokio::spawn({
        let pool = pool.clone();
        async move { pool.get().await.map(drop) }
    });
    sleep(S / 2).await;
    drop(held);
    waits.await.unwrap().unwrap();
    let took = begun.elapsed();
    assert!((S / 2..=S / 2 + LATE).contains(&took), "{took:?}");
}

#[tokio::test]
async fn deadpool_a_connection_that_comes_back_at_the_limit_is_not_lost() {
    let pool = pool();
    let held = pool.get().await.unwrap();
    let waits = tokio::spawn({
        let pool = pool.clone();
        async move { drop(pool.get().await) }
    });
    sleep(S).await;
    drop(held);
    waits.await.unwrap();
    assert!(pool.get().await.is_ok(), "it is lost");
    assert_eq!(pool.status().available, 1);
}

struct Plain;

#[mobc::async_trait]
impl mobc::Manager for Plain {
    type Connection = u32;
    type Error = std::io::Error;

    async fn connect(&self) -> Result<u32, Self::Error> {
        sleep(S / 10).await;
        Ok(7)
    }

    async fn check(&self, number: u32) -> Result<u32, Self::Error> {
        Ok(number)
    }
}

// mobc's own limit is a timer of futures-timer's, which has a thread and a real clock: it is outside of the search, as the
// command says when it begins, and may end whenever it likes. So the limit is tokio's here.

#[tokio::test]
async fn mobc_a_connection_that_comes_back_at_the_limit_is_not_lost() {
    let pool = mobc::Pool::builder()
        .max_open(1)
        .get_timeout(None)
        .build(Plain);
    let held = pool.get().await.unwrap();
    let waits = tokio::spawn({
        let pool = pool.clone();
        async move { drop(timeout(S, pool.get()).await) }
    });
    sleep(S).await;
    drop(held);
    waits.await.unwrap();
    let again = timeout(S, pool.get()).await.expect("it is lost");
    assert!(again.is_ok());
}
