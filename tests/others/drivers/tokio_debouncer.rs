//! tokio-debouncer: a trailing debouncer fires after the last trigger and its cooldown, and does not lose a
//! trigger.

mod show;

use std::process::ExitCode;

use show::{Promises, latency, ms};
use tokio::time::{Instant, sleep, timeout};
use tokio_debouncer::{DebounceMode, Debouncer};

fn main() -> ExitCode {
    let mut promises = Promises::default();
    promises.holds("it fires a cooldown after the last trigger", after_the_last);
    promises.holds("who is cancelled while waiting loses nothing", cancelled);
    promises.broken(
        "a trigger during the work leads to more work",
        "a trigger is lost",
        during_the_work,
    );
    promises.end()
}

fn debouncer() -> Debouncer {
    Debouncer::new(ms(100), DebounceMode::Trailing)
}

async fn after_the_last() {
    let debouncer = debouncer();
    let triggers = debouncer.clone();
    let last = tokio::spawn(async move {
        for _ in 0..3 {
            latency(ms(1)..=ms(60)).await;
            triggers.trigger();
        }
        Instant::now()
    });
    drop(debouncer.ready().await);
    let fired = Instant::now();
    let last = last.await.expect("triggers");
    assert!(
        fired >= last + ms(100),
        "fired {:?} after the last",
        fired - last
    );
    assert!(
        fired <= last + ms(102),
        "fired {:?} after the last",
        fired - last
    );
}

async fn cancelled() {
    let debouncer = debouncer();
    debouncer.trigger();
    drop(timeout(ms(100), async { drop(debouncer.ready().await) }).await);
    let was_done = !debouncer.is_triggered().await;
    let done = timeout(ms(200), async { drop(debouncer.ready().await) })
        .await
        .is_ok();
    assert!(was_done || done, "a trigger is lost");
}

/// Work that takes its time, while the guard is held as the documentation has it.
async fn during_the_work() {
    let debouncer = debouncer();
    debouncer.trigger();
    let triggers = debouncer.clone();
    let again = tokio::spawn(async move {
        latency(ms(90)..=ms(130)).await;
        triggers.trigger();
        Instant::now()
    });
    let guard = debouncer.ready().await;
    let began = Instant::now();
    latency(ms(5)..=ms(20)).await;
    drop(guard);
    sleep(ms(200)).await;
    let again = again.await.expect("a trigger");
    let more = timeout(ms(200), debouncer.ready()).await.is_ok();
    assert!(more || again < began, "a trigger is lost");
}
