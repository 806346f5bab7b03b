//! Programs of any number of tasks and timers.
//!
//! Who includes them has `meter` beside `rt`: they note what the heap holds once everything waits.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::Poll;

use super::scattered::scattered;
use super::{MOST_TASKS, SLEEPS, meter, rt};

/// The longest wait, in milliseconds.
const LONGEST: u64 = 10_000;

fn pause(number: u64) -> u64 {
    1 + scattered(number) % LONGEST
}

/// Notes the memory once so many tasks wait.
async fn note_once(number: u64, waiting: Arc<AtomicU64>) {
    while waiting.load(Relaxed) < number {
        rt::yield_now().await;
    }
    meter::note();
}

/// So many tasks that sleep a few times.
pub async fn tasks(number: u64) {
    let waiting = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::with_capacity(number as usize);
    for task in 0..number {
        let waiting = Arc::clone(&waiting);
        tasks.push(rt::spawn(async move {
            waiting.fetch_add(1, Relaxed);
            drop(waiting);
            for sleep in 0..SLEEPS {
                rt::sleep(pause(task * SLEEPS + sleep)).await;
            }
        }));
    }
    note_once(number, waiting).await;
    for task in tasks {
        task.await.expect("it ends");
    }
}

/// So many timers that are pending at once, in up to a thousand tasks.
pub async fn timers(number: u64) {
    let holders = number.min(MOST_TASKS);
    let waiting = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::with_capacity(holders as usize);
    for holder in 0..holders {
        let waiting = Arc::clone(&waiting);
        tasks.push(rt::spawn(async move {
            let each = number / holders;
            let pauses = (0..each).map(|timer| pause(holder * each + timer));
            let mut sleeps: Vec<_> = pauses.map(|pause| Box::pin(rt::sleep(pause))).collect();
            for sleep in &mut sleeps {
                let mut sleep: Pin<&mut _> = sleep.as_mut();
                poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx).is_pending())).await;
            }
            waiting.fetch_add(1, Relaxed);
            for sleep in sleeps {
                sleep.await;
            }
        }));
    }
    note_once(holders, waiting).await;
    for task in tasks {
        task.await.expect("it ends");
    }
}
