//! async_singleflight: "only one operation is in-flight at a given moment", and a leader that is dropped is
//! followed by another.

mod show;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_singleflight::DefaultGroup;
use show::{Promises, latency, ms};
use tokio::time::sleep;

fn main() -> ExitCode {
    let mut promises = Promises::default();
    promises.holds(
        "one operation is in flight, and all have its result",
        all_have_the_result,
    );
    promises.holds(
        "another leads when the leader is dropped",
        the_leader_is_dropped,
    );
    promises.end()
}

/// Counts how many are in flight, and fails if that is more than one.
#[derive(Default)]
struct Flights(AtomicU32);

struct Flight(Arc<Flights>);

impl Flight {
    fn begin(flights: &Arc<Flights>) -> Self {
        assert_eq!(flights.0.fetch_add(1, Relaxed), 0, "two are in flight");
        Flight(flights.clone())
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

async fn work(flights: Arc<Flights>, result: u32) -> Result<u32, ()> {
    let _flight = Flight::begin(&flights);
    latency(ms(5)..=ms(10)).await;
    Ok(result)
}

async fn all_have_the_result() {
    let group = Arc::new(DefaultGroup::<u32>::new());
    let flights = Arc::new(Flights::default());
    let callers: Vec<_> = (1..=4)
        .map(|number| {
            let (group, flights) = (group.clone(), flights.clone());
            tokio::spawn(async move {
                latency(ms(0)..=ms(10)).await;
                group.work("key", work(flights, number)).await
            })
        })
        .collect();
    for caller in callers {
        let result = caller.await.expect("a caller");
        assert!(matches!(result, Ok(1..=4)), "no result: {result:?}");
    }
}

async fn the_leader_is_dropped() {
    let group = Arc::new(DefaultGroup::<u32>::new());
    let flights = Arc::new(Flights::default());
    let leader = tokio::spawn({
        let (group, flights) = (group.clone(), flights.clone());
        async move { group.work("key", work(flights, 0)).await }
    });
    sleep(ms(1)).await;
    let followers = [1, 2].map(|number| {
        let (group, flights) = (group.clone(), flights.clone());
        tokio::spawn(async move { group.work("key", work(flights, number)).await })
    });
    latency(ms(0)..=ms(10)).await;
    leader.abort();
    for follower in followers {
        let result = follower.await.expect("a follower");
        assert!(result.is_ok(), "no result: {result:?}");
    }
}
