//! A service that tells what a share costs, and orders it. It asks a backend by a protocol of lines over TCP, through a
//! pool of connections, and answers over HTTP. Nothing in here knows of deadheat.

pub mod audit;
pub mod backend;
pub mod lease;
pub mod lines;
pub mod pool;
pub mod prices;
pub mod service;

/// What differs between the service as it was first written and as it was mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// A connection goes back to the pool also when its answer has not been read. A connect and an answer are waited
    /// for without an end. A lease that is good when an order is sent is good for the order. Who writes the audit file
    /// is stopped with the service.
    First,
    /// A connection goes back only after its answer. A connect that takes too long is tried again, and an answer is
    /// waited for a while. A lease is not used close to its end, and the backend looks at it. The service ends when its
    /// audit file is written.
    Mended,
}
