//! Unix sockets for datagrams.

use std::io;

use crate::error::Errno;
use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::readiness::Readiness;
use crate::sizes::Sizes;
use crate::socket::{Family, Socket, What};
use crate::state::udp::copy;
use crate::state::unix::{UnixDatagram, UnixName};

impl UnixDatagram {
    /// What the longest datagram leaves free of the buffer.
    const OVERHEAD: usize = 32;

    fn first(&mut self) -> io::Result<&(Option<UnixName>, Vec<u8>)> {
        if let Some(error) = self.error.take() {
            return error.fail();
        }
        self.queue.front().ok_or(Errno::WouldBlock.error())
    }

    pub(crate) fn peek(&mut self, into: &mut [u8]) -> io::Result<usize> {
        Ok(copy(&self.first()?.1, into))
    }

    fn is_full(&self, sizes: &Sizes, from_peer: bool) -> bool {
        if from_peer {
            // Two that are connected to each other are held back by bytes, not by datagrams.
            let cost = |(_, bytes): &(_, Vec<u8>)| bytes.len() + Sizes::DATAGRAM;
            return self.queue.iter().map(cost).sum::<usize>() >= sizes.datagrams;
        }
        self.queue.len() > sizes.unix_datagrams
    }
}

impl Net {
    /// A Unix socket for datagrams, which may have a name.
    ///
    /// # Errors
    ///
    /// `AddrInUse`: the host has the name, if only as a file that a socket left behind ([`Net::unix_remove`]).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Net, UnixName};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let name = UnixName::path("/run/log.sock");
    /// let log = net.unix_datagram(host, Some(&name)).unwrap();
    /// let socket = net.unix_datagram(host, None).unwrap();
    /// net.unix_send_to(socket, b"started", &name).unwrap();
    /// assert_eq!(net.unix_recv_from(log, &mut [0; 16]).unwrap(), (7, None));
    /// ```
    pub fn unix_datagram(&mut self, host: HostId, name: Option<&UnixName>) -> io::Result<SocketId> {
        let datagram = UnixDatagram {
            name: name.cloned(),
            ..UnixDatagram::default()
        };
        let what = What::UnixDatagram(Box::new(datagram));
        let id = self.sockets.insert(Socket::new(host, Family::V4, what));
        let binds = match name {
            Some(name) => self.hosts.get_mut(host).unix.bind(name, id),
            None => Ok(()),
        };
        self.keep_if(binds, id)
    }

    /// Two Unix sockets for datagrams that are connected to each other, without names.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let (one, other) = net.unix_datagram_pair(host);
    /// net.write(one, b"hello").unwrap();
    /// assert_eq!(net.read(other, &mut [0; 16]).unwrap(), 5);
    /// ```
    pub fn unix_datagram_pair(&mut self, host: HostId) -> (SocketId, SocketId) {
        let mut insert = || {
            let what = What::UnixDatagram(Box::default());
            self.sockets.insert(Socket::new(host, Family::V4, what))
        };
        let (one, other) = (insert(), insert());
        self.talk(one, other);
        self.talk(other, one);
        (one, other)
    }

    /// Connects a Unix socket for datagrams to the one that has the name. One that is connected already is connected anew.
    ///
    /// # Errors
    ///
    /// - `NotFound`: there is no such file.
    /// - `ConnectionRefused`: no socket has it.
    /// - Without a kind: it is no socket for datagrams.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Net, UnixName};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let name = UnixName::path("/run/log.sock");
    /// let log = net.unix_datagram(host, Some(&name)).unwrap();
    /// let socket = net.unix_datagram(host, None).unwrap();
    /// net.unix_datagram_connect(socket, &name).unwrap();
    /// net.write(socket, b"started").unwrap();
    /// ```
    pub fn unix_datagram_connect(&mut self, id: SocketId, name: &UnixName) -> io::Result<()> {
        let to = self.datagram_named(id, name)?;
        self.leave_peer(id);
        self.talk(id, to);
        Ok(())
    }

    /// A socket talks to another one from now on.
    fn talk(&mut self, id: SocketId, to: SocketId) {
        if let Some(own) = self.unix_datagram_mut(id) {
            own.peer = Some(to);
        }
        if let Some(other) = self.unix_datagram_mut(to) {
            other.talkers.push(id);
        }
    }

    /// A socket talks to its peer no more. What had come is lost, and a peer that talked to it hears of that.
    fn leave_peer(&mut self, id: SocketId) {
        let Some(own) = self.unix_datagram_mut(id) else {
            return;
        };
        let Some(peer) = own.peer.take() else {
            return;
        };
        let lost = !std::mem::take(&mut own.queue).is_empty();
        self.tell_of_room(id);
        if let Some(other) = self.unix_datagram_mut(peer) {
            other.talkers.retain(|talker| *talker != id);
        }
        if let Some(other) = self.unix_datagram_mut(peer)
            && lost
            && other.peer == Some(id)
        {
            other.error = Some(Errno::Reset);
            self.wake(peer);
        }
    }

    /// Who has a name, and may be sent a datagram.
    fn datagram_named(&mut self, id: SocketId, name: &UnixName) -> io::Result<SocketId> {
        let host = self.socket(id)?.host;
        let to = self.hosts.get(host).unix.find(name)?;
        let Some(other) = self.unix_datagram_mut(to) else {
            return Errno::WrongType.fail();
        };
        match other.peer {
            Some(peer) if peer != id => Errno::NotPermitted.fail(),
            _ => Ok(to),
        }
    }

    /// Sends a datagram to the socket that this one is connected to.
    ///
    /// # Errors
    ///
    /// - `WouldBlock`: as many wait there as may.
    /// - `ConnectionRefused`: it was closed; after that `NotConnected`.
    /// - `NotConnected`: it never was.
    ///
    /// # Examples
    ///
    /// See [`Net::unix_datagram_pair`].
    pub fn unix_send(&mut self, id: SocketId, bytes: &[u8]) -> io::Result<usize> {
        self.socket(id)?;
        let Some(datagram) = self.unix_datagram_mut(id) else {
            return Errno::NotSupported.fail();
        };
        let Some(to) = datagram.peer else {
            return Errno::NotConnected.fail();
        };
        if self.sockets.get(to).is_none() {
            self.leave_peer(id);
            return Errno::Refused.fail();
        }
        self.send_unix_datagram(id, bytes, to)
    }

    /// Sends a datagram to the socket that has the name.
    ///
    /// # Errors
    ///
    /// - `WouldBlock`: as many wait there as may.
    /// - `NotFound`, `ConnectionRefused`: as [`Net::unix_datagram_connect`].
    /// - `PermissionDenied`: it is connected to another one.
    ///
    /// # Examples
    ///
    /// See [`Net::unix_datagram`].
    pub fn unix_send_to(
        &mut self,
        id: SocketId,
        bytes: &[u8],
        name: &UnixName,
    ) -> io::Result<usize> {
        let to = self.datagram_named(id, name)?;
        self.send_unix_datagram(id, bytes, to)
    }

    fn send_unix_datagram(
        &mut self,
        id: SocketId,
        bytes: &[u8],
        to: SocketId,
    ) -> io::Result<usize> {
        let sent = self.hand_over(id, bytes, to);
        if self.keeps_did() {
            let to = self.own_end(to);
            self.sent_to(bytes, &to, &sent);
        }
        sent
    }

    fn hand_over(&mut self, id: SocketId, bytes: &[u8], to: SocketId) -> io::Result<usize> {
        let sizes = self.sizes;
        let Some(own) = self.unix_datagram_mut(id) else {
            return Errno::NotSupported.fail();
        };
        if own.writes_no_more {
            return Errno::BrokenPipe.fail();
        }
        if bytes.len() + UnixDatagram::OVERHEAD > sizes.unix {
            return Errno::MessageTooLong.fail();
        }
        let name = own.name.clone();
        let Some(other) = self.unix_datagram_mut(to) else {
            return Errno::WrongType.fail();
        };
        if other.peer.is_some_and(|peer| peer != id) {
            return Errno::NotPermitted.fail();
        }
        if other.reads_no_more {
            return Errno::BrokenPipe.fail();
        }
        if other.is_full(&sizes, other.peer == Some(id)) {
            if !other.waiting.contains(&id) {
                other.waiting.push(id);
                self.wait_for(id, to);
            }
            return Errno::WouldBlock.fail();
        }
        other.queue.push_back((name, bytes.to_vec()));
        self.wake(to);
        Ok(bytes.len())
    }

    fn wait_for(&mut self, id: SocketId, to: SocketId) {
        if let Some(own) = self.unix_datagram_mut(id)
            && !own.waits_for.contains(&to)
        {
            own.waits_for.push(to);
        }
    }

    /// Receives a datagram, and says from whom, if that one has a name. What does not fit is lost.
    ///
    /// # Errors
    ///
    /// `WouldBlock`: there is none, also where it receives no more: that has no end, as on Linux.
    ///
    /// # Examples
    ///
    /// See [`Net::unix_datagram`].
    pub fn unix_recv_from(
        &mut self,
        id: SocketId,
        into: &mut [u8],
    ) -> io::Result<(usize, Option<UnixName>)> {
        self.socket(id)?;
        let Some(datagram) = self.unix_datagram_mut(id) else {
            return Errno::NotSupported.fail();
        };
        let count = copy(&datagram.first()?.1, into);
        let from = datagram.queue.pop_front().and_then(|(from, _)| from);
        self.tell_of_room(id);
        if self.keeps_did() {
            self.received_from_name(&into[..count], from.as_ref());
        }
        Ok((count, from))
    }

    /// Those who may wait for room in a queue are woken.
    fn tell_of_room(&mut self, id: SocketId) {
        let sizes = self.sizes;
        let Some(own) = self.unix_datagram_mut(id) else {
            return;
        };
        let mut waiting = std::mem::take(&mut own.waiting);
        // One more fitted before, if it was full at all.
        if own.queue.len() >= sizes.unix_datagrams || own.peer.is_some() {
            waiting.extend(&own.talkers);
        }
        waiting.into_iter().for_each(|waiting| self.wake(waiting));
    }

    pub(crate) fn unix_datagram_shut(
        &mut self,
        id: SocketId,
        reads: bool,
        writes: bool,
    ) -> io::Result<()> {
        let Some(datagram) = self.unix_datagram_mut(id) else {
            return Errno::NotSupported.fail();
        };
        datagram.reads_no_more |= reads;
        datagram.writes_no_more |= writes;
        Ok(())
    }

    pub(crate) fn close_unix_datagram(&mut self, id: SocketId) {
        let Some(datagram) = self.unix_datagram_mut(id) else {
            return;
        };
        let mut waiting = std::mem::take(&mut datagram.waiting);
        let talkers = std::mem::take(&mut datagram.talkers);
        let mut others = std::mem::take(&mut datagram.waits_for);
        others.extend(datagram.peer);
        self.remove(id);
        for other in others {
            if let Some(other) = self.unix_datagram_mut(other) {
                other.talkers.retain(|talker| *talker != id);
                other.waiting.retain(|waiting| *waiting != id);
            }
        }
        for waiter in &waiting {
            if let Some(waiter) = self.unix_datagram_mut(*waiter) {
                waiter.waits_for.retain(|to| *to != id);
            }
        }
        waiting.extend(talkers);
        waiting.into_iter().for_each(|waiting| self.wake(waiting));
    }

    fn unix_datagram_mut(&mut self, id: SocketId) -> Option<&mut UnixDatagram> {
        match self.sockets.get_mut(id).map(|socket| &mut socket.what) {
            Some(What::UnixDatagram(datagram)) => Some(datagram),
            _ => None,
        }
    }

    pub(crate) fn unix_datagram_name(&self, id: SocketId) -> Option<UnixName> {
        match self.sockets.get(id).map(|socket| &socket.what) {
            Some(What::UnixDatagram(datagram)) => datagram.name.clone(),
            _ => None,
        }
    }

    pub(crate) fn datagram_readiness(&self, id: SocketId, own: &UnixDatagram) -> Readiness {
        let to = own.peer.and_then(|peer| self.sockets.get(peer));
        let is_full = match to.map(|socket| &socket.what) {
            Some(What::UnixDatagram(to)) => to.is_full(&self.sizes, to.peer == Some(id)),
            _ => false,
        };
        Readiness {
            readable: !own.queue.is_empty() || own.reads_no_more,
            writable: !is_full,
            read_closed: own.reads_no_more,
            hung_up: own.reads_no_more && own.writes_no_more,
            error: own.error.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_forgets_who_talked_to_it_and_who_waited_for_it() {
        let mut net = Net::new();
        let host = net.host("a");
        let name = UnixName::path("/log");
        let log = net.unix_datagram(host, Some(&name)).expect("a socket");
        for _ in 0..100 {
            let talker = net.unix_datagram(host, None).expect("a socket");
            net.unix_datagram_connect(talker, &name).expect("a socket");
            let other = net.unix_datagram(host, None).expect("a socket");
            while net.unix_send_to(other, b"x", &name).is_ok() {}
            net.close(talker).expect("a socket");
            net.close(other).expect("a socket");
        }
        let own = net.unix_datagram_mut(log).expect("a socket");
        assert!(own.talkers.is_empty() && own.waiting.is_empty());
    }

    #[test]
    fn a_socket_forgets_for_whom_it_waited() {
        let mut net = Net::new();
        let host = net.host("a");
        let name = UnixName::Abstract(b"log".into());
        let sender = net.unix_datagram(host, None).expect("a socket");
        for _ in 0..100 {
            let log = net.unix_datagram(host, Some(&name)).expect("a socket");
            while net.unix_send_to(sender, b"x", &name).is_ok() {}
            net.close(log).expect("a socket");
        }
        let own = net.unix_datagram_mut(sender).expect("a socket");
        assert!(own.waits_for.is_empty());
    }
}
