//! Bytes for each pending timeout, one task each: everything the heap holds while all of them wait.
//!
//! The floor is what one timer takes by itself, in a `Vec` of (deadline, task).

#![expect(
    clippy::print_stdout,
    reason = "a table on the screen is what a benchmark is for"
)]

use std::alloc::System;
use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use deadheat::search::Single;
use deadheat::{Config, Limits, Program, Verdict};
use deadheat_timeout::timeout;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const FAR: Duration = Duration::from_secs(3600);
const GOAL: f64 = 144.0;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// So many tasks, each of which waits for a timeout; and one that looks once all of them do.
struct Waiting(usize);

impl Program for Waiting {
    type Handles = ();
    type Outcome = ();

    fn start(&self) {
        let region = Region::new(ALLOCATOR);
        for _ in 0..self.0 {
            deadheat::spawn(timeout(&deadheat::clock(), FAR, pending::<()>()));
        }
        deadheat::spawn(async move { HELD.set(held(&region)) });
    }

    fn finish(&self, _handles: (), _verdict: Verdict) {}
}

fn held(region: &Region<'_, System>) -> usize {
    let change = region.change();
    change
        .bytes_allocated
        .saturating_sub(change.bytes_deallocated)
}

fn ours(tasks: usize) -> usize {
    let config = Config::new().limits(Limits {
        steps_per_instant: u64::MAX,
        ..Limits::default()
    });
    // On a thread of its own, whose run finds no memory from the one before.
    let measured = std::thread::spawn(move || {
        let (run, _) = Single::of(&Waiting(tasks), &config).fifo();
        assert_eq!(run.verdict, Verdict::Done, "every timeout elapses");
        HELD.get()
    });
    measured.join().expect("it is measured")
}

fn on_tokio(tasks: usize) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let region = Region::new(ALLOCATOR);
        for _ in 0..tasks {
            drop(tokio::spawn(tokio::time::timeout(FAR, pending::<()>())));
        }
        tokio::task::yield_now().await;
        held(&region)
    })
}

fn floor(tasks: usize) -> usize {
    let region = Region::new(ALLOCATOR);
    let timers: Vec<(u32, u32, u32)> = (0..tasks as u32).map(|task| (0, task, task)).collect();
    let held = held(&region);
    drop(timers);
    held
}

fn main() {
    println!(
        "{:<46} {:>8} {:>8} {:>8} {:>10}",
        "bytes for each pending timeout, one task each", "floor", "tokio", "ours", "goal"
    );
    // A power of two, and a number between two: half of what a `Vec` holds may be spare.
    for tasks in [(1 << 16) - 1, 100_000] {
        let each = |held: usize| held as f64 / tasks as f64;
        let (floor, tokio, ours) = (each(floor(tasks)), each(on_tokio(tasks)), each(ours(tasks)));
        let verdict = if ours <= GOAL { "met" } else { "MISSED" };
        println!(
            "{:<46} {floor:>8.1} {tokio:>8.1} {ours:>8.1} {:>10} {verdict}",
            format!("{tasks} of them"),
            format!("≤ {GOAL}"),
        );
    }
}
