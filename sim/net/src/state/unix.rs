//! Unix sockets, and the names that a host has for them.
//!
//! What is written is with its reader at once: nothing lies between two sockets of one host, so nothing of it becomes a
//! packet (invariant 6 of the crate).

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

use super::ring::Ring;
use crate::error::Errno;
use crate::id::SocketId;
use crate::readiness::Readiness;

/// What a Unix socket is called.
///
/// # Examples
///
/// ```
/// use deadheat_net::{Net, UnixName};
///
/// let mut net = Net::new();
/// let host = net.host("a");
/// let name = UnixName::path("/run/a.sock");
/// net.unix_listen(host, &name, 8).unwrap();
/// assert!(net.unix_connect(host, &name).is_ok());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UnixName {
    /// The path of a file. It stays when its socket is closed, until it is removed.
    Path(PathBuf),
    /// A name without a file, which goes with its socket.
    Abstract(Vec<u8>),
}

impl UnixName {
    /// The path of a file, taken as it is: whether two paths lead to one file is not looked at.
    ///
    /// # Examples
    ///
    /// See [`UnixName`].
    pub fn path(path: impl AsRef<Path>) -> UnixName {
        UnixName::Path(path.as_ref().to_owned())
    }
}

/// The names of one host. A file whose socket was closed is there without one.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<UnixName, Option<SocketId>>);

impl Names {
    pub(crate) fn bind(&mut self, name: &UnixName, socket: SocketId) -> io::Result<()> {
        if self.0.contains_key(name) {
            return Errno::AddressInUse.fail();
        }
        self.0.insert(name.clone(), Some(socket));
        Ok(())
    }

    pub(crate) fn find(&self, name: &UnixName) -> io::Result<SocketId> {
        match (self.0.get(name), name) {
            (Some(Some(socket)), _) => Ok(*socket),
            (None, UnixName::Path(_)) => Errno::NoEntry.fail(),
            _ => Errno::Refused.fail(),
        }
    }

    /// Its socket is gone.
    pub(crate) fn leave(&mut self, name: &UnixName, socket: SocketId) {
        match self.0.get_mut(name) {
            Some(held) if *held == Some(socket) => *held = None,
            _ => return,
        }
        if matches!(name, UnixName::Abstract(_)) {
            self.0.remove(name);
        }
    }

    pub(crate) fn remove(&mut self, name: &UnixName) -> io::Result<()> {
        match self.0.remove(name) {
            Some(_) => Ok(()),
            None => Errno::NoEntry.fail(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[derive(Debug)]
pub(crate) struct UnixListener {
    pub(crate) name: UnixName,
    pub(crate) backlog: usize,
    pub(crate) queue: VecDeque<SocketId>,
}

#[derive(Debug)]
pub(crate) struct UnixStream {
    pub(crate) name: Option<UnixName>,
    pub(crate) peer: Option<SocketId>,
    pub(crate) peer_name: Option<UnixName>,
    pub(crate) unread: Ring,
    pub(crate) size: usize,
    pub(crate) reads_no_more: bool,
    pub(crate) writes_no_more: bool,
    pub(crate) error: Option<Errno>,
    /// There was no room for a write of the peer, or too little to be called writable, since there was enough.
    pub(crate) holds_back: bool,
}

impl UnixStream {
    pub(crate) fn new(
        name: Option<UnixName>,
        peer_name: Option<UnixName>,
        size: usize,
    ) -> UnixStream {
        UnixStream {
            name,
            peer: None,
            peer_name,
            unread: Ring::default(),
            size,
            reads_no_more: false,
            writes_no_more: false,
            error: None,
            holds_back: false,
        }
    }

    pub(crate) fn read(&mut self, into: &mut [u8], peeks: bool) -> io::Result<usize> {
        if !self.unread.is_empty() {
            return Ok(if peeks {
                self.unread.peek(into)
            } else {
                self.unread.read(into)
            });
        }
        if let Some(error) = self.error.take() {
            return error.fail();
        }
        if self.reads_no_more {
            return Ok(0);
        }
        Errno::WouldBlock.fail()
    }

    /// Bytes of the peer.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.size - self.unread.len());
        self.unread.push(&bytes[..count]);
        self.holds_back |= count < bytes.len() || !self.has_room();
        count
    }

    /// As Linux has it: a writer is woken when no more than a quarter is unread.
    pub(crate) fn has_room(&self) -> bool {
        4 * self.unread.len() <= self.size
    }

    /// Whether the peer should be told that it may write again.
    pub(crate) fn has_room_again(&mut self) -> bool {
        let tell = self.holds_back && self.has_room();
        self.holds_back &= !tell;
        tell
    }

    /// The peer is gone. What it had not read is lost, and this side hears of that.
    pub(crate) fn lose_peer(&mut self, unread: bool) {
        self.peer = None;
        self.reads_no_more = true;
        self.writes_no_more = true;
        if unread {
            self.error = Some(Errno::Reset);
        }
    }

    /// `peer_has_room`: whether it could write.
    pub(crate) fn readiness(&self, peer_has_room: bool) -> Readiness {
        Readiness {
            readable: !self.unread.is_empty() || self.reads_no_more,
            writable: peer_has_room,
            read_closed: self.reads_no_more,
            hung_up: self.reads_no_more && self.writes_no_more,
            error: self.error.is_some(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct UnixDatagram {
    pub(crate) name: Option<UnixName>,
    /// The one that it talks to, where it was connected.
    pub(crate) peer: Option<SocketId>,
    pub(crate) queue: VecDeque<(Option<UnixName>, Vec<u8>)>,
    /// Those that talk to this one.
    pub(crate) talkers: Vec<SocketId>,
    /// Those whose datagram found no room.
    pub(crate) waiting: Vec<SocketId>,
    pub(crate) reads_no_more: bool,
    pub(crate) writes_no_more: bool,
    pub(crate) error: Option<Errno>,
}
