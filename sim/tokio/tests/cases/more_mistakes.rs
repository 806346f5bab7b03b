//! More mistakes: timeouts that are too short, panics in tasks, statements that do not hold, ranges that end before they begin.

use std::time::Duration;

use deadheat_timeout::timeout;
use deadheat_tokio as tokio;

const MS: Duration = Duration::from_millis(1);

async fn a_timeout_without_a_range() {
    let answer = timeout(&deadheat::clock(), 10 * MS, deadheat::sleep(5 * MS));
    answer.await.unwrap();
}

async fn a_timeout_that_is_met() {
    let answer = timeout(
        &deadheat::clock(),
        10 * MS,
        deadheat::sleep(5 * MS..=10 * MS),
    );
    answer.await.unwrap();
}

async fn a_range_that_ends_before_it_begins() {
    let (low, high) = (9 * MS, 5 * MS);
    deadheat::sleep(low..=high).await;
}

async fn a_panic_in_a_task() {
    let work = tokio::spawn(async {
        deadheat::sleep(5 * MS..=9 * MS).await;
        let values: &[u32] = &[];
        *values.first().unwrap()
    });
    drop(tokio::time::timeout(7 * MS, work).await);
}

async fn a_panic_that_somebody_sees() {
    let work = tokio::spawn(async { panic!("no work") });
    assert!(work.await.unwrap_err().is_cancelled(), "it panicked");
}

async fn a_panic_in_a_drop() {
    struct Guard(&'static str);
    impl Drop for Guard {
        fn drop(&mut self) {
            panic!("the guard {} panics", self.0);
        }
    }
    tokio::spawn(async {
        let _guard = Guard("of a task that never ends");
        std::future::pending::<()>().await;
    });
    tokio::time::sleep(5 * MS).await;
}

async fn a_statement_that_does_not_hold() {
    let permits = std::rc::Rc::new(std::cell::Cell::new(0));
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let permits = std::rc::Rc::clone(&permits);
        tasks.push(deadheat::spawn(async move {
            deadheat::sleep(5 * MS..=9 * MS).await;
            permits.set(permits.get() + 1);
            deadheat::never!(permits.get() > 1, "{} permits of 1", permits.get());
            deadheat::sleep(MS).await;
            permits.set(permits.get() - 1);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn a_test_that_returns_an_error() -> Result<(), String> {
    deadheat::sleep(5 * MS..=9 * MS).await;
    Err("it is no use".to_owned())
}

crate::says! {
    a_timeout_without_a_range,
    a_timeout_that_is_met,
    a_range_that_ends_before_it_begins,
    a_panic_in_a_task,
    a_panic_that_somebody_sees,
    a_panic_in_a_drop,
    a_statement_that_does_not_hold,
    a_test_that_returns_an_error,
}
