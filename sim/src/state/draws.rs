//! The program's own draws.

use crate::base::rng::Stream;

/// The streams of a run.
#[derive(Debug, Default)]
pub(crate) struct Draws {
    pub(crate) seed: u64,
    /// By the task that draws; none is the program's start and end.
    pub(crate) streams: Vec<(Option<u32>, Stream)>,
}

impl Draws {
    pub(crate) fn begin(&mut self, seed: u64) {
        self.seed = seed;
        self.streams.clear();
    }
}
