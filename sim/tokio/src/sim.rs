//! The modules of tokio as they are with the feature `sim`: the same names, in the same places.

#[cfg(any(feature = "fs", feature = "io-std"))]
mod blocking;
mod budget;
#[cfg(feature = "fs")]
pub mod fs;
#[cfg(any(deadheat_graph = "is_tokio", test))]
mod graph;
pub mod io;
mod kept;
#[cfg(feature = "net")]
pub mod net;
pub mod runtime;
mod select;
#[cfg(feature = "signal")]
pub mod signal;
pub mod sync;
pub mod task;
pub mod time;

pub use budget::budget;
#[cfg(feature = "macros")]
pub use deadheat_tokio_macros::main;
#[cfg(deadheat_graph = "is_tokio")]
pub use deadheat_tokio_macros::test;
pub use kept::beside;
pub use task::spawn;
#[cfg(not(feature = "net"))]
pub use tokio::net;
#[cfg(feature = "process")]
pub use tokio::process;
#[cfg(all(feature = "macros", not(deadheat_graph = "is_tokio")))]
pub use tokio::test;
#[cfg(feature = "macros")]
pub use tokio::{join, try_join};
pub use tokio::{pin, task_local};

/// What tokio's macros expand to; no part of its interface.
#[doc(hidden)]
pub use tokio::macros;

/// What the macros of this package expand to; no part of its interface.
#[doc(hidden)]
pub mod __private {
    #[cfg(any(deadheat_graph = "is_tokio", test))]
    pub use super::graph::{is_outside, returned};
    pub use super::select::{begin_with, branch, goes_on, must_yield, pauses, waits};
    #[cfg(deadheat_graph = "is_tokio")]
    pub use deadheat;
    pub use deadheat::net::hand_over;
    pub use deadheat_tokio_macros::select;
    pub use pin_project_lite::pin_project;
    #[cfg(feature = "macros")]
    pub use tokio::main as tokio_main;
    #[cfg(all(deadheat_graph = "is_tokio", feature = "macros"))]
    pub use tokio::test as tokio_test;
}
