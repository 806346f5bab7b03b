//! A socket of UDP.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use crate::error::Errno;
use crate::readiness::Readiness;
use crate::sizes::Sizes;

/// The longest datagram.
pub(crate) const LONGEST: usize = 65_507;

#[derive(Debug)]
pub(crate) struct Udp {
    pub(crate) local: SocketAddr,
    /// The address it was bound to, before it was connected.
    pub(crate) bound: SocketAddr,
    /// The one that it talks to, where it was connected.
    pub(crate) peer: Option<SocketAddr>,
    queue: VecDeque<(SocketAddr, Vec<u8>)>,
    held: usize,
    size: usize,
    pub(crate) error: Option<Errno>,
}

impl Udp {
    pub(crate) fn new(local: SocketAddr, sizes: &Sizes) -> Udp {
        Udp {
            local,
            bound: local,
            peer: None,
            queue: VecDeque::new(),
            held: 0,
            size: sizes.datagrams,
            error: None,
        }
    }

    /// Whether it takes datagrams from an address: one that is connected takes those of its peer alone.
    pub(crate) fn hears(&self, from: SocketAddr) -> bool {
        self.peer.is_none_or(|peer| peer == from)
    }

    /// A datagram has come. It is dropped where the queue is full.
    pub(crate) fn take(&mut self, from: SocketAddr, bytes: Vec<u8>) -> Result<(), Vec<u8>> {
        let cost = bytes.len() + Sizes::DATAGRAM;
        if self.held + cost > self.size {
            return Err(bytes);
        }
        self.held += cost;
        self.queue.push_back((from, bytes));
        Ok(())
    }

    /// Reads the first datagram, as much of it as there is room for; the rest of it is lost.
    pub(crate) fn receive(&mut self, into: &mut [u8]) -> io::Result<(usize, SocketAddr, Vec<u8>)> {
        if let Some(error) = self.error.take() {
            return error.fail();
        }
        let Some((from, bytes)) = self.queue.pop_front() else {
            return Errno::WouldBlock.fail();
        };
        self.held -= bytes.len() + Sizes::DATAGRAM;
        Ok((copy(&bytes, into), from, bytes))
    }

    pub(crate) fn peek(&mut self, into: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        if let Some(error) = self.error.take() {
            return error.fail();
        }
        match self.queue.front() {
            Some((from, bytes)) => Ok((copy(bytes, into), *from)),
            None => Errno::WouldBlock.fail(),
        }
    }

    pub(crate) fn readiness(&self) -> Readiness {
        Readiness {
            readable: !self.queue.is_empty(),
            writable: true,
            error: self.error.is_some(),
            ..Readiness::default()
        }
    }
}

/// As many bytes as there is room for.
pub(crate) fn copy(bytes: &[u8], into: &mut [u8]) -> usize {
    let count = bytes.len().min(into.len());
    into[..count].copy_from_slice(&bytes[..count]);
    count
}
