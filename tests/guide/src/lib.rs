//! The worked example of `docs/GUIDE.md`: a connection pool on tokio, as it was found and as it was mended.
//!
//! Both are plain tokio code: there is nothing of a simulator in them.

pub mod leaky;
pub mod mended;
mod pool;

pub use pool::Pool;

/// A connection to something.
#[derive(Debug, PartialEq, Eq)]
pub struct Connection(pub u32);
