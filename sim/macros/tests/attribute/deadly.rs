//! Tests that end their process, or never end, if they are run by `child`.

use std::panic::{catch_unwind, panic_any};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use deadheat::program::pick;
use deadheat::{sleep, spawn, spawn_named};

use crate::child;

const MS: Duration = Duration::from_millis(1);

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("the second panic");
    }
}

/// A payload that panics itself.
struct BadPayload;

impl Drop for BadPayload {
    fn drop(&mut self) {
        panic!("the payload's own panic");
    }
}

/// Drops something that panics, and survives it, also while the stack is unwound.
struct Survives;

impl Drop for Survives {
    fn drop(&mut self) {
        let _ = catch_unwind(|| drop(PanicsOnDrop));
    }
}

#[deadheat::test(runs = 20, regressions = false)]
async fn panics_twice() {
    if child::is_asked_for() {
        spawn_named("worker", async {
            let _second = PanicsOnDrop;
            sleep(MS).await;
            if pick(3) == 2 {
                panic!("the first panic");
            }
            std::mem::forget(_second);
        });
    }
    sleep(5 * MS).await;
}

/// On a thread that is no run's.
#[deadheat::test(runs = 20, regressions = false)]
async fn panics_twice_on_a_thread_of_its_own() {
    if child::is_asked_for() {
        sleep(MS).await;
        let thread = std::thread::spawn(|| {
            let _second = PanicsOnDrop;
            panic!("the first panic");
        });
        thread.join().unwrap();
    }
}

#[deadheat::test(runs = 20, regressions = false)]
async fn survives_a_panic_while_one_unwinds() {
    if child::is_asked_for() {
        let _survives = Survives;
        sleep(MS).await;
        panic!("the only one that counts");
    }
}

#[deadheat::test(runs = 20, regressions = false)]
async fn has_a_payload_that_panics() {
    if child::is_asked_for() {
        spawn(async { panic_any(BadPayload) });
    }
    sleep(5 * MS).await;
}

fn overflow(depth: u64) -> u64 {
    let here = [depth; 100];
    if depth == u64::MAX {
        return 0;
    }
    overflow(std::hint::black_box(depth + 1)) + here[3]
}

#[deadheat::test(runs = 20, regressions = false)]
async fn overflows_the_stack() {
    sleep(MS).await;
    if child::is_asked_for() && pick(4) == 3 {
        std::hint::black_box(overflow(1));
    }
}

#[deadheat::test(runs = 20, regressions = false)]
async fn aborts() {
    sleep(MS).await;
    if child::is_asked_for() && pick(4) == 3 {
        std::process::abort();
    }
}

#[deadheat::test(runs = 20, regressions = false)]
async fn spins() {
    if child::is_asked_for() {
        spawn_named("busy", async {
            sleep(MS).await;
            if pick(3) == 2 {
                loop {
                    std::thread::park();
                }
            }
        });
    }
    sleep(9 * MS).await;
}

#[deadheat::test(runs = 20, regressions = false, watchdog = "300ms")]
#[expect(clippy::await_holding_lock, reason = "it is the mistake")]
async fn locks_across_an_await() {
    if child::is_asked_for() {
        let first = Arc::new(Mutex::new(0));
        let second = Arc::clone(&first);
        spawn(async move {
            let guard = second.lock().unwrap();
            sleep(5 * MS).await;
            drop(guard);
        });
        sleep(MS).await;
        *first.lock().unwrap() += 1;
    }
}

#[deadheat::test(runs = 20, jobs = 2, regressions = false)]
async fn blocks_on_a_channel() {
    if child::is_asked_for() {
        let (sender, receiver) = mpsc::channel::<u8>();
        spawn(async move {
            sleep(MS).await;
            sender.send(1).unwrap();
        });
        receiver.recv().unwrap();
    }
}

/// It is slow, and it goes on.
#[deadheat::test(runs = 3, regressions = false)]
async fn is_slow() {
    for _ in 0..if child::is_asked_for() { 40 } else { 0 } {
        std::thread::sleep(5 * MS);
        sleep(MS).await;
    }
}

#[deadheat::test(runs = 3, steps_per_instant = 50, regressions = false)]
async fn yields_often() {
    for _ in 0..if child::is_asked_for() { 100 } else { 0 } {
        deadheat::yield_now().await;
    }
}
