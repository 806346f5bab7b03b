//! tokio, for code under test: used as `tokio = { package = "deadheat-tokio", … }`.
//!
//! Without the feature `sim` this is tokio, re-exported. With it, what is called inside a
//! [deadheat](https://docs.rs/deadheat) run belongs to that run: time is virtual, tasks take their turns
//! as the scheduler decides, and `select!` begins where a decision says. Outside of a run it is tokio's.

#[cfg(not(feature = "sim"))]
pub use tokio::*;

#[cfg(feature = "sim")]
mod sim;
#[cfg(feature = "sim")]
pub use sim::*;
