//! Ready-made ties between a deadheat run and crates that take their time from outside.
//!
//! Each module has the name of the crate it ties in, is a feature of that name, and holds what the crate
//! asks for: a timer, a clock, a sleeper, a runtime. Code that is given it waits in virtual time, and its
//! waits are decisions of the run.
//!
//! | feature | for | gives |
//! |---|---|---|
//! | `aws-smithy` | the AWS SDKs | `aws_smithy::{Sleeper, WallTime}` |
//! | `backon` | retries | `backon::Sleeper` |
//! | `governor` | rate limits | `governor::{Clock, until_ready, until_n_ready}` |
//! | `hyper` | HTTP | `hyper::{Timer, Executor}` |
//! | `quinn` | QUIC | `quinn::{Runtime, Network, endpoint_config, crypto_provider}` |
//! | `tracing` | spans and events | `tracing::TraceLayer` |
//!
//! Deliberately not here: `rand`, for which [`deadheat::program::rng`] is a generator; crates that wait with tokio's
//! own timers, which need the drop-in and no tie; and anything that replaces what a crate does but for time,
//! tasks and sockets.
//!
//! 1. What is made here is `Send` and `Sync` where the crate asks for it, and has no state but the run's.
//! 2. Every function that needs a run panics outside of one, as [`deadheat::sleep`] does.

#[cfg(feature = "aws-smithy")]
pub mod aws_smithy;
#[cfg(feature = "backon")]
pub mod backon;
#[cfg(feature = "governor")]
pub mod governor;
#[cfg(feature = "hyper")]
pub mod hyper;
#[cfg(any(feature = "hyper", feature = "quinn"))]
mod instant;
#[cfg(any(feature = "hyper", feature = "quinn"))]
pub use instant::{from_std, to_std};
#[cfg(feature = "quinn")]
pub mod quinn;
#[cfg(feature = "tracing")]
pub mod tracing;
