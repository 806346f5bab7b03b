//! Everything of `deadheat-timeout` but its clock on tokio. Use that package: it gives on all of this one.
//!
//! This package has no dependency on tokio, not even an optional one. So the simulator can stand on it, and a package
//! that takes tokio's place in a test can stand on the simulator. The contract, with its clauses T1 to T15, is in the
//! documentation of `deadheat-timeout`.

mod body;
mod clock;
mod core;
mod cx;
mod elapsed;
mod error;
mod handle;
mod hops;
mod join;
pub mod machine;
mod metered;
mod native;
mod observe;
mod place;
mod scope;
mod state;
mod sync;
mod task;
mod timeout;
mod told;
mod trace;
mod wait;
mod wait_for;

#[cfg(feature = "anyhow")]
pub use body::Anyhow;
pub use body::{BodyError, Boxed, Interrupted, Standard};
pub use clock::{Clock, Place, Timer};
pub use cx::{Cx, Scope};
pub use elapsed::Elapsed;
pub use error::{Cancelled, ShiftError, StateError};
pub use handle::Handle;
pub use join::{Ended, Join, Shield, shield};
pub use metered::{Meter, Metered, MeteredTimer};
pub use native::{Named, Native, timeout, timeout_at};
pub use observe::{Event, Requester, ScopeEnd, TaskEnd};
#[doc(hidden)]
pub use place::is_own;
pub use state::State;
pub use task::{Canceller, Task, TaskHandle, task};
pub use timeout::{Run, Scoped, Timeout};
pub use told::{Deadline, Told};
pub use wait::Wait;
pub use wait_for::wait_for;
