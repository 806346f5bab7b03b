//! `tokio::io`: tokio's own, but for the standard streams, which take turns of the run inside of one.

#[cfg(feature = "io-std")]
mod standard;
#[cfg(feature = "io-std")]
mod stream;

#[cfg(feature = "io-std")]
pub use standard::{Stderr, Stdin, Stdout, stderr, stdin, stdout};
// What is defined here hides what a glob brings.
pub use tokio::io::*;
