//! Code that knows nothing of the simulation: does it work in a run, and is it told where it cannot?

mod beside;
mod blocking;
mod escapes;
mod tokio_sync;
