//! Bytes and seconds of a measured piece of work.

use std::alloc::System;
use std::cell::Cell;
use std::fs;
use std::time::{Duration, Instant};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// Up to so many operations are repeated, and the fastest time counts.
const SHORT: u64 = 10_000;
const REPEATED: usize = 20;

/// What one process measured.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// How long it took.
    pub took: Duration,
    /// Bytes that the heap held where the work said so.
    pub held: u64,
    /// The most memory that the process had, in bytes, where the system says so.
    pub most: u64,
}

fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Notes what the heap holds now.
pub fn note() {
    HELD.set(live());
}

/// Does the work, and measures it.
pub fn measured(number: u64, work: impl Fn()) -> Measured {
    let before = live();
    let once = || {
        let begin = Instant::now();
        work();
        begin.elapsed()
    };
    let first = once();
    // What the first run holds: later ones find what it kept.
    let held = HELD.get().saturating_sub(before) as u64;
    let again = if number <= SHORT { REPEATED } else { 0 };
    let took = (0..again).map(|_| once()).fold(first, Duration::min);
    let most = most_memory().unwrap_or_default();
    Measured { took, held, most }
}

/// The peak of the resident memory, as Linux tells it.
fn most_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

impl Measured {
    /// One line, for the process that asked.
    pub fn line(self) -> String {
        format!("{} {} {}", self.took.as_nanos(), self.held, self.most)
    }

    /// Reads that line.
    pub fn read(line: &str) -> Option<Measured> {
        let mut numbers = line.split_whitespace().map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Measured {
            took: Duration::from_nanos(next()?),
            held: next()?,
            most: next()?,
        })
    }
}
