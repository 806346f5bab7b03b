//! tokio, for code under test: used as `tokio = { package = "deadheat-tokio", … }`.
//!
//! Without the feature `sim` this is tokio, re-exported. With it, what is called inside a
//! [deadheat](https://docs.rs/deadheat) run belongs to that run: time is virtual, tasks take their turns
//! as the scheduler decides, and `select!` begins where a decision says. Outside of a run it is tokio's.
//!
//! In a graph where `cargo deadheat` has put these sources in the place of tokio itself, the package by this name is
//! that tokio, re-exported.

#[cfg(any(not(feature = "sim"), deadheat_graph = "on_top"))]
pub use tokio::*;

#[cfg(all(feature = "sim", not(deadheat_graph = "on_top")))]
mod sim;
#[cfg(all(feature = "sim", not(deadheat_graph = "on_top")))]
pub use sim::*;
