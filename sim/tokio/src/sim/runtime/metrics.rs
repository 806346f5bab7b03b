//! What is known of a runtime's work. Of threads and queues there is nothing to tell inside a run.

use std::sync::Arc;
use std::time::Duration;

use super::context::Owner;

/// What is known of a runtime's work.
#[derive(Debug, Clone)]
pub struct RuntimeMetrics(Of);

#[derive(Debug, Clone)]
enum Of {
    Run(Arc<Owner>),
    Tokio(tokio::runtime::RuntimeMetrics),
}

impl RuntimeMetrics {
    pub(crate) fn of_run(owner: Arc<Owner>) -> Self {
        RuntimeMetrics(Of::Run(owner))
    }

    pub(crate) fn of_tokio(metrics: tokio::runtime::RuntimeMetrics) -> Self {
        RuntimeMetrics(Of::Tokio(metrics))
    }

    /// How many threads it was built with.
    pub fn num_workers(&self) -> usize {
        match &self.0 {
            Of::Run(owner) => owner.workers,
            Of::Tokio(metrics) => metrics.num_workers(),
        }
    }

    /// How many of its tasks have not ended.
    pub fn num_alive_tasks(&self) -> usize {
        match &self.0 {
            Of::Run(owner) => owner.alive(),
            Of::Tokio(metrics) => metrics.num_alive_tasks(),
        }
    }

    /// How many tasks wait in its queue; inside a run zero.
    pub fn global_queue_depth(&self) -> usize {
        match &self.0 {
            Of::Run(_) => 0,
            Of::Tokio(metrics) => metrics.global_queue_depth(),
        }
    }

    /// How long a thread was busy; inside a run zero.
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        match &self.0 {
            Of::Run(_) => Duration::ZERO,
            Of::Tokio(metrics) => metrics.worker_total_busy_duration(worker),
        }
    }

    /// How often a thread was parked; inside a run zero.
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        match &self.0 {
            Of::Run(_) => 0,
            Of::Tokio(metrics) => metrics.worker_park_count(worker),
        }
    }

    /// How often a thread was parked and unparked; inside a run zero.
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        match &self.0 {
            Of::Run(_) => 0,
            Of::Tokio(metrics) => metrics.worker_park_unpark_count(worker),
        }
    }
}
