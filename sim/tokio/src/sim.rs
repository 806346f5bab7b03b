//! The modules of tokio as they are with the feature `sim`: the same names, in the same places.

mod budget;
mod kept;
pub mod runtime;
mod select;
pub mod signal;
pub mod sync;
pub mod task;
pub mod time;

pub use kept::beside;
pub use task::spawn;
pub use tokio::{fs, io, net, pin, process, task_local};
pub use tokio::{join, main, test, try_join};

/// What tokio's macros expand to; no part of its interface.
#[doc(hidden)]
pub use tokio::macros;

/// What the macros of this package expand to; no part of its interface.
#[doc(hidden)]
pub mod __private {
    pub use super::select::{begin_with, branch, must_yield};
    pub use deadheat_tokio_macros::select;
    pub use pin_project_lite::pin_project;
}
