//! The kernels of GoBench whose bug hangs on a timer, a ticker or a deadline, and those that hang on a cancel.
//!
//! 1. GoBench's collection GoKer has 103 kernels of bugs of Go projects. These sixteen were chosen by what their bug
//!    hangs on, and not by how it is found. Each stands in a file of its own, in Rust and in our own words, as it was
//!    shipped and as it was fixed.
//! 2. They are a yardstick: no scheduler and no constant is chosen for them, neither one of the search nor one of
//!    theirs. Timeouts and periods are those of the project or of its test where one was at hand; what else takes time
//!    has a natural range.
//! 3. Goroutines are tasks, and what they share is what Go has: a channel, a mutex, a condition, and a `select` that
//!    takes any of the arms that are ready.
//! 4. Most of these bugs leave somebody waiting for ever, which is the verdict `stuck`: the main task waits for the others. Those that only do too much or
//!    too late say so by `always`.
//!
//! Source: T. Yuan et al., "GoBench: A Benchmark Suite of Real-World Go Concurrency Bugs", CGO 2021.

use std::time::Duration;

use deadheat::JoinHandle;
use deadheat::program::waiting_for;

use crate::museum::flag::Flag;
use crate::museum::permits::Permits;
use crate::museum::select::{Either, select};
use crate::museum::{Exhibit, Finder, ms};

use channel::Channel;
use lock::Lock;

mod channel;
mod lock;

/// Every kernel, by name.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Watch, explore};
/// use deadheat_scenarios::goker;
///
/// let kernel = goker::exhibits().iter().find(|kernel| kernel.id == "kubernetes-5316").unwrap();
/// for variant in kernel.variants {
///     let exploration = explore(variant, &Config::new(), &Watch::default());
///     assert_eq!(exploration.failure().is_some(), variant.revision.is_broken(), "{}", variant.name);
/// }
/// ```
pub fn exhibits() -> &'static [Exhibit] {
    EXHIBITS
}

/// So many seconds.
const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Waits until each of these goroutines has ended: a run is over when its main task is, and one that waits for ever is
/// to be seen.
async fn all_end(goroutines: impl IntoIterator<Item = JoinHandle<()>>) {
    for goroutine in goroutines {
        waiting_for("the end of a goroutine".into(), goroutine)
            .await
            .ok();
    }
}

exhibits! {
    cockroach_10790
    cockroach_13197
    cockroach_13755
    cockroach_18101
    etcd_5509
    etcd_7492
    grpc_3017
    grpc_862
    hugo_5379
    istio_17860
    istio_18454
    kubernetes_11298
    kubernetes_25331
    kubernetes_5316
    kubernetes_70277
    moby_33781
}
