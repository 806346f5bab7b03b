//! `tokio::time`, inside a run and outside of it.

pub use tokio::time::*;
