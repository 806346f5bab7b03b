//! The errors of time.

pub use super::elapsed::Elapsed;
pub use tokio::time::error::Error;
