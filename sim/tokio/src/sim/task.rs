//! `tokio::task`, inside a run and outside of it.

pub use tokio::task::*;
