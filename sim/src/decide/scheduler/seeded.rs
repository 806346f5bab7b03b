//! A scheduler with a seed of its own: runs of one seed, whose program draws the same, in orders that differ.

use super::{Decision, Divergence, Scheduler};

/// Begins every run of `inner` with `seed`, whatever the run's is.
#[derive(Debug, Clone)]
pub(crate) struct Seeded<S> {
    pub(crate) seed: u64,
    pub(crate) inner: S,
}

impl<S: Scheduler> Scheduler for Seeded<S> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn begin(&mut self, _seed: u64) -> bool {
        self.inner.begin(self.seed)
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        self.inner.choose(decision)
    }

    fn draw(&mut self, number: u64, options: u64) -> Option<u64> {
        self.inner.draw(number, options)
    }

    fn settle(&mut self, timer: u64, options: u64) -> Option<u64> {
        self.inner.settle(timer, options)
    }

    fn divergence(&self) -> Option<Divergence> {
        self.inner.divergence()
    }
}
