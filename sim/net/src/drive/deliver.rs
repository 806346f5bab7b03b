//! Packets arrive.

use crate::error::Errno;
use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::packet::{End, Load, Packet};
use crate::socket::{Holds, Socket, What};
use crate::tcp::stream::{Effect, Phase, Stream};

/// What came of a packet.
///
/// # Examples
///
/// ```
/// use deadheat_net::{Delivery, Net};
///
/// let mut net = Net::new();
/// let host = net.host("a");
/// net.tcp_connect(host, "10.0.0.9:80".parse().unwrap()).unwrap();
/// let packet = net.next_packet().unwrap();
/// assert!(matches!(net.deliver(packet), Delivery::Nowhere(_)));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Delivery {
    /// It has arrived, if only to find that nobody wants it.
    Done,
    /// It asks for a connection, and as many wait to be accepted as may. It can be delivered again later, as a system does
    /// after a second; dropped, it leaves the connect to hang.
    Full(Packet),
    /// No host has the address, or the host is down.
    Nowhere(Packet),
}

impl Net {
    /// Delivers a packet. What is sent because of it is in the outbox then, and who is to be woken is among the woken.
    ///
    /// # Examples
    ///
    /// See [`Packet`] and [`Delivery`].
    pub fn deliver(&mut self, packet: Packet) -> Delivery {
        let Some(host) = packet.to.host.filter(|host| self.hosts.get(*host).is_up) else {
            return Delivery::Nowhere(packet);
        };
        match (packet.load, packet.to.socket) {
            (Load::Connect { limit }, _) => {
                return self.take_connect(packet.from, packet.to, packet.epoch, limit);
            }
            (Load::Datagram(bytes), _) => self.take_datagram(host, packet.from, packet.to, bytes),
            (Load::Unreachable, Some(id)) => self.take_unreachable(id, packet.from),
            (Load::Reset, Some(id)) => self.take_reset(id),
            (load, Some(id)) if self.sockets.get(id).is_some() => {
                self.take_segment(id, packet.from, load);
            }
            (load, Some(_)) => {
                // The end of a stream, and room in one, come late for a connection that was closed in order. After a
                // crash they do not.
                let is_late = matches!(load, Load::End { .. } | Load::Room { .. });
                if !is_late || packet.epoch != self.hosts.get(host).epoch {
                    self.answer(packet.from, packet.to, Load::Reset);
                }
            }
            (_, None) => {}
        }
        Delivery::Done
    }

    /// Delivers all that is in the outbox, and what is sent because of it, in the order in which it was sent. What finds
    /// no host or no room is lost.
    ///
    /// # Examples
    ///
    /// See [`Net`].
    pub fn deliver_all(&mut self) {
        while let Some(packet) = self.next_packet() {
            self.deliver(packet);
        }
    }

    /// Sends something back to where a packet came from.
    pub(crate) fn answer(&mut self, from: End, to: End, load: Load) {
        let epoch = self.epoch(from.host);
        self.wire.send(Packet {
            from: to,
            to: from,
            epoch,
            load,
        });
    }

    /// A client asks for a connection.
    fn take_connect(&mut self, from: End, to: End, epoch: u32, limit: u64) -> Delivery {
        let client = from.socket.and_then(|id| self.stream(id));
        // Nobody waits for an answer any more, or it has one.
        let Some(client) = client.filter(|client| client.phase == Phase::Connecting) else {
            return Delivery::Done;
        };
        if let Some(known) = client.peer.socket {
            self.agree_again(known, from, to);
            return Delivery::Done;
        }
        let taker = to
            .host
            .and_then(|host| self.hosts.get(host).tcp.taker(to.address));
        let listener = taker.and_then(|id| Some((id, self.sockets.get(id)?)));
        let Some((id, socket)) = listener else {
            self.answer(from, to, Load::Reset);
            return Delivery::Done;
        };
        match &socket.what {
            What::Listener(own) if own.is_full() => Delivery::Full(Packet {
                from,
                to,
                epoch,
                load: Load::Connect { limit },
            }),
            _ => {
                self.agree(id, from, to, limit);
                Delivery::Done
            }
        }
    }

    /// Makes the server's end.
    fn agree(&mut self, listener: SocketId, from: End, to: End, limit: u64) {
        let Some(socket) = self.sockets.get(listener) else {
            return;
        };
        let (host, family, options) = (socket.host, socket.family, socket.options);
        let (port, epoch) = (to.address.port(), self.epoch(from.host));
        let phase = Phase::Agreed { listener };
        let sizes = options.sizes.unwrap_or(self.sizes);
        let mut stream = Box::new(Stream::new(phase, to, from, epoch, &sizes));
        stream.allow(limit);
        let mut child = Socket::new(host, family, What::Stream(stream));
        child.options = options;
        let shares = options.shares;
        child.holds = Holds::Share { port, shares };
        child.is_hidden = true;
        let id = self.sockets.insert(child);
        self.hosts.get_mut(host).tcp.join(port, shares);
        if let Some(stream) = self.stream(id) {
            stream.own.socket = Some(id);
        }
        if let Some(client) = from.socket.and_then(|id| self.stream(id)) {
            client.peer.socket = Some(id);
        }
        if let Some(What::Listener(own)) = self.sockets.get_mut(listener).map(|s| &mut s.what) {
            own.arriving.push(id);
        }
        self.send_agreement(id);
    }

    fn send_agreement(&mut self, id: SocketId) {
        let Net { sockets, wire, .. } = self;
        if let Some(What::Stream(stream)) = sockets.get_mut(id).map(|socket| &mut socket.what) {
            let limit = stream.limit();
            wire.send(stream.packet(Load::Agree { limit }));
        }
    }

    /// The client asks once more. The server's end may have gone since.
    fn agree_again(&mut self, known: SocketId, from: End, to: End) {
        if self.sockets.get(known).is_some() {
            self.send_agreement(known);
        } else {
            self.answer(from, to, Load::Reset);
        }
    }

    /// What comes for a connection.
    #[inline]
    fn take_segment(&mut self, id: SocketId, from: End, load: Load) {
        let Net { sockets, wire, .. } = self;
        let Some(What::Stream(stream)) = sockets.get_mut(id).map(|socket| &mut socket.what) else {
            return;
        };
        let mut arrived = None;
        if let Phase::Agreed { listener } = stream.phase {
            stream.open();
            arrived = Some(listener);
        }
        let effect = match load {
            Load::Data { at, bytes } => stream.take_data(at, bytes, wire),
            Load::End { at } => stream.take_end(at, wire),
            Load::Room { limit } => stream.take_room(limit, wire),
            Load::Agree { limit } => stream.take_agreement(from, limit, wire),
            _ => Effect::Nothing,
        };
        if let Some(listener) = arrived {
            self.arrive(listener, id);
        }
        self.follow(id, effect);
    }

    /// A connection waits to be accepted from now on.
    fn arrive(&mut self, listener: SocketId, id: SocketId) {
        if let Some(What::Listener(own)) = self.sockets.get_mut(listener).map(|s| &mut s.what) {
            own.arrived(id);
            self.wake(listener);
        }
    }

    #[inline]
    pub(crate) fn follow(&mut self, id: SocketId, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Told => self.wake(id),
            Effect::Gone => self.remove(id),
        }
    }

    fn take_reset(&mut self, id: SocketId) {
        let Some(stream) = self.stream(id) else {
            return;
        };
        let effect = match stream.phase {
            Phase::Connecting => stream.die(Errno::Refused),
            Phase::Agreed { .. } => return self.forget(Some(id)),
            _ => stream.take_reset(),
        };
        self.follow(id, effect);
    }

    pub(crate) fn stream(&mut self, id: SocketId) -> Option<&mut Stream> {
        match self.sockets.get_mut(id).map(|socket| &mut socket.what) {
            Some(What::Stream(stream)) => Some(stream),
            _ => None,
        }
    }

    fn take_datagram(&mut self, host: HostId, from: End, to: End, bytes: Vec<u8>) {
        let taker = self.hosts.get(host).udp.taker(to.address);
        let Some(id) = taker else {
            return self.answer(from, to, Load::Unreachable);
        };
        let Some(What::Udp(udp)) = self.sockets.get_mut(id).map(|socket| &mut socket.what) else {
            return;
        };
        if !udp.hears(from.address) {
            return self.answer(from, to, Load::Unreachable);
        }
        match udp.take(from.address, bytes) {
            Ok(()) => self.wake(id),
            Err(lost) => self.wire.give_back(lost),
        }
    }

    /// Nobody has the port that a datagram was sent to. Only a socket that is connected hears of that.
    fn take_unreachable(&mut self, id: SocketId, from: End) {
        let Some(What::Udp(udp)) = self.sockets.get_mut(id).map(|socket| &mut socket.what) else {
            return;
        };
        if udp.peer == Some(from.address) {
            udp.error = Some(Errno::Refused);
            self.wake(id);
        }
    }
}
