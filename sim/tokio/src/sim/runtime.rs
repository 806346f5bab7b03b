//! `tokio::runtime`, inside a run and outside of it.

pub use tokio::runtime::*;
