//! `tokio::runtime`: inside a run a runtime is a set of tasks of the run, which ends with it.
//!
//! Its threads, drivers and hooks are not there: a run has one thread, and its clock is always virtual.

mod builder;
pub(crate) mod context;
mod handle;
mod local;
mod metrics;

pub use builder::Builder;
pub use handle::{EnterGuard, Handle, Id, Runtime};
pub use local::LocalRuntime;
pub use metrics::RuntimeMetrics;
pub use tokio::runtime::is_rt_shutdown_err;
#[cfg(tokio_since_1_54)]
pub use tokio::runtime::worker_index;
pub use tokio::runtime::{LocalOptions, RuntimeFlavor, TryCurrentError};
