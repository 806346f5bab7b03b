//! The modules of tokio as they are with the feature `sim`: the same names, in the same places.

pub mod runtime;
pub mod task;
pub mod time;

pub use task::spawn;
pub use tokio::{fs, io, net, pin, process, select, signal, sync, task_local};
pub use tokio::{join, main, test, try_join};
