//! Decisions from bytes: for fuzzers and for property tests, which know how to make and shrink those.
//!
//! One byte a decision, and the dullest option once they are used up. So a byte that is zero is no
//! departure, and fewer bytes are fewer departures: what shrinks bytes shrinks the run.

use super::{Decision, Scheduler};

/// Takes decisions from bytes.
#[derive(Debug, Clone, Default)]
pub struct Bytes {
    bytes: Vec<u8>,
    next: usize,
}

impl Bytes {
    /// The decisions of these bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main};
    /// use deadheat::decide::Bytes;
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async { 42 });
    /// let scheduler = Box::new(Bytes::of(b"what a fuzzer made"));
    /// let (_, outcome) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, scheduler);
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    pub fn of(bytes: &[u8]) -> Self {
        Bytes {
            bytes: bytes.to_vec(),
            next: 0,
        }
    }
}

impl Scheduler for Bytes {
    fn name(&self) -> &'static str {
        "bytes"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        self.next = 0;
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        let byte = self.bytes.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        u64::from(byte) % decision.options
    }
}
