//! `tokio::sync`: tokio's own, but for `watch`.
//!
//! All of it hands over in the order of arrival and draws nothing. tokio's `watch` draws in which of eight lists a
//! receiver waits, from a generator that cannot be seeded; here its receivers wait in one list.

pub mod watch;

// What is defined here hides what a glob brings.
pub use tokio::sync::*;
