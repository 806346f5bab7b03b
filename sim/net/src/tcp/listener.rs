//! A TCP socket that listens.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::id::SocketId;

#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) local: SocketAddr,
    pub(crate) backlog: usize,
    /// Connections that wait to be accepted.
    pub(crate) queue: VecDeque<SocketId>,
    /// Those whose client has not confirmed yet.
    pub(crate) arriving: Vec<SocketId>,
}

impl Listener {
    /// As on Linux, one more than the backlog may wait, and as many may be arriving.
    pub(crate) fn is_full(&self) -> bool {
        self.queue.len() > self.backlog || self.arriving.len() > self.backlog
    }

    /// A connection was confirmed.
    pub(crate) fn arrived(&mut self, id: SocketId) {
        self.left(id);
        self.queue.push_back(id);
    }

    /// A connection is gone before it was confirmed.
    pub(crate) fn left(&mut self, id: SocketId) {
        self.arriving.retain(|arriving| *arriving != id);
    }
}
