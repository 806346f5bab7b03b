//! Programs of somebody who tries out deadheat: a retry, a debounce, a race, a clean-up that asks to be cancelled.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::clock;
use deadheat_timeout::{Cancelled, Elapsed, Timeout, task};
use deadheat_tokio as tokio;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

const MS: Duration = Duration::from_millis(1);

#[derive(Debug, PartialEq)]
enum RetryError {
    Budget,
    Last(String),
}

/// Retries with a backoff. It is to take no longer than the budget: but the time that is left underflows, and each
/// backoff comes on top.
async fn retry<F, Fut>(budget: Duration, attempts: u32, mut attempt: F) -> Result<u32, RetryError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<u32, String>>,
{
    let start = Instant::now();
    let mut backoff = Duration::from_millis(10);
    let mut last = String::new();
    for _ in 0..attempts {
        let left = budget - start.elapsed();
        match timeout(left, attempt()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => last = error,
            Err(_) => return Err(RetryError::Budget),
        }
        sleep(backoff).await;
        backoff *= 2;
    }
    Err(RetryError::Last(last))
}

async fn never_over_budget() {
    let start = Instant::now();
    let answer = retry(100 * MS, 5, || async {
        deadheat::sleep(5 * MS..=60 * MS).await;
        match deadheat::fault("backend") {
            true => Err("503".to_owned()),
            false => Ok(7),
        }
    })
    .await;
    let took = start.elapsed();
    assert!(took <= 102 * MS, "took {took:?} {answer:?}");
}

/// Emits the last value once nothing new came for a while. It loses the last one when the sender is dropped.
async fn debounce(mut values: mpsc::Receiver<u32>, out: mpsc::Sender<u32>, quiet: Duration) {
    let mut pending: Option<u32> = None;
    let timer = sleep(quiet);
    tokio::pin!(timer);
    loop {
        tokio::select! {
            value = values.recv() => match value {
                Some(value) => {
                    pending = Some(value);
                    timer.as_mut().reset(Instant::now() + quiet);
                }
                None => return,
            },
            () = &mut timer, if pending.is_some() => {
                out.send(pending.take().unwrap()).await.unwrap();
            }
        }
    }
}

async fn last_value_always_comes() {
    let (sender, values) = mpsc::channel(8);
    let (out, mut debounced) = mpsc::channel(8);
    tokio::spawn(debounce(values, out, 20 * MS));
    tokio::spawn(async move {
        for value in 0..3 {
            sender.send(value).await.unwrap();
            deadheat::sleep(5 * MS..=30 * MS).await;
        }
    });
    let mut got = vec![];
    while let Some(value) = debounced.recv().await {
        got.push(value);
    }
    assert_eq!(got.last(), Some(&2), "got {got:?}");
}

async fn which_sleep() {
    let begun = deadheat::now();
    tokio::select! {
        () = async { deadheat::sleep(5 * MS..=9 * MS).await } => {}
        () = async { sleep(7 * MS).await } => {
            panic!("the second after {:?}", deadheat::now() - begun)
        }
    }
}

async fn nothing_is_wrong() {
    let other = deadheat::spawn(async {
        deadheat::sleep(MS..=9 * MS).await;
    });
    deadheat::sleep(MS..=9 * MS).await;
    other.await.unwrap();
}

/// An error of one's own that hides what it was made of.
#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
enum NoSource {
    Cancelled(Cancelled),
    Elapsed(Elapsed),
}

impl std::fmt::Display for NoSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for NoSource {}

impl From<Cancelled> for NoSource {
    fn from(cancelled: Cancelled) -> Self {
        NoSource::Cancelled(cancelled)
    }
}

impl From<Elapsed> for NoSource {
    fn from(elapsed: Elapsed) -> Self {
        NoSource::Elapsed(elapsed)
    }
}

/// The error that ends the inner scope does not say that it was a cancel.
async fn an_error_without_a_source() {
    let log: Rc<RefCell<Vec<&str>>> = Rc::default();
    let says = Rc::clone(&log);
    let (work, _handle) = task(&clock(), async move |cx| {
        cx.timeout(50 * MS, async |cx| {
            says.borrow_mut().push("outer");
            let inner: Result<(), NoSource> = cx
                .timeout(20 * MS, async |cx| {
                    let waited = cx.wait(deadheat::sleep(10 * MS..=30 * MS)).await;
                    if let Err(cancelled) = waited {
                        deadheat::sleep(5 * MS..=40 * MS).await;
                        says.borrow_mut().push("rolled back");
                        return Err(cancelled.into());
                    }
                    Ok(())
                })
                .await;
            drop(inner);
            cx.wait(deadheat::sleep(MS)).await?;
            says.borrow_mut().push("commit");
            Ok::<(), NoSource>(())
        })
        .await
    });
    deadheat::spawn(work).await.unwrap();
    let log = log.borrow();
    assert!(log.contains(&"commit"), "{log:?}");
}

async fn a_deadline_that_is_moved_too_late() {
    let timeout = Timeout::after(&clock(), 20 * MS);
    let handle = timeout.handle();
    let mover = async move {
        deadheat::sleep(10 * MS..=30 * MS).await;
        handle
            .reschedule_after(100 * MS)
            .expect("in time to move it");
    };
    drop(deadheat::spawn_named("mover", mover));
    timeout.run(deadheat::sleep(50 * MS)).await.expect("moved");
}

/// Two workers of one name, of which one does too much.
async fn two_tasks_of_one_name() {
    let done = Rc::new(RefCell::new(0));
    let workers = [1, 2].map(|work| {
        let done = Rc::clone(&done);
        deadheat::spawn_named("worker", async move {
            deadheat::sleep(5 * MS..=9 * MS).await;
            *done.borrow_mut() += work;
            deadheat::always!(*done.borrow() != 2, "the second was first");
        })
    });
    for worker in workers {
        worker.await.unwrap();
    }
}

crate::says! {
    never_over_budget,
    last_value_always_comes,
    which_sleep,
    nothing_is_wrong,
    an_error_without_a_source,
    a_deadline_that_is_moved_too_late,
    two_tasks_of_one_name,
}
