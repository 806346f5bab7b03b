//! A service that tells what a share costs. It asks a backend by a protocol of lines over TCP, through a pool of
//! connections, and answers over HTTP. Nothing in here knows of deadheat.

pub mod backend;
pub mod lines;
pub mod pool;
pub mod service;

/// What differs between the service as it was first written and as it was mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// A connection goes back to the pool also when its answer has not been read.
    First,
    /// A connection goes back only after its answer.
    Mended,
}
