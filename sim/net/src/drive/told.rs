//! What a program waits for at a socket, in words.

use std::net::SocketAddr;

use crate::id::SocketId;
use crate::net::Net;
use crate::socket::What;
use crate::state::unix::UnixName;
use crate::tcp::stream::Phase;

impl Net {
    /// What it is to wait at a socket until it can be read, or until it can be written to: words that go on after "waits".
    /// None if the socket was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let (web, db) = (net.host("web"), net.host("db"));
    /// let listener = net.tcp_listen(db, "0.0.0.0:80".parse().unwrap(), 8).unwrap();
    /// assert_eq!(net.waits_told(listener, false).unwrap(), "to accept on 0.0.0.0:80 (db)");
    ///
    /// let server = (net.addresses(db)[0], 80).into();
    /// let client = net.tcp_connect(web, server).unwrap();
    /// assert_eq!(net.waits_told(client, true).unwrap(), format!("to connect to {server} (db)"));
    /// net.deliver_all();
    /// assert_eq!(net.waits_told(client, false).unwrap(), format!("to read from {server} (db)"));
    /// net.write(client, b"hello").unwrap();
    /// net.deliver_all();
    /// let told = net.waits_told(client, true).unwrap();
    /// assert_eq!(told, format!("to write to {server} (db): its peer was not accepted yet"));
    /// net.tcp_accept(listener).unwrap();
    /// let told = net.waits_told(client, true).unwrap();
    /// assert_eq!(told, format!("to write to {server} (db): its peer has 5 bytes unread"));
    /// ```
    pub fn waits_told(&self, id: SocketId, writes: bool) -> Option<String> {
        let socket = self.socket(id).ok()?;
        let at = |address: SocketAddr| match self.hosts.owner(socket.host, address.ip()) {
            Some(host) => format!("{address} ({})", self.host_name(host)),
            None => address.to_string(),
        };
        Some(match &socket.what {
            What::Listener(_) => format!("to accept on {}", at(self.local_addr(id).ok()?)),
            What::UnixListener(listener) => format!("to accept on {}", unix(Some(&listener.name))),
            What::Stream(stream) if stream.phase == Phase::Connecting => {
                format!("to connect to {}", at(stream.peer.address))
            }
            What::Stream(stream) => self.stream_told(id, writes, &at(stream.peer.address)),
            What::UnixStream(stream) => {
                let name = stream.peer_name.as_ref().or(stream.name.as_ref());
                self.stream_told(id, writes, &unix(name))
            }
            What::Udp(udp) => match (writes, udp.peer) {
                (false, None) => format!("to receive on {}", at(udp.local)),
                (false, Some(peer)) => format!("to receive from {}", at(peer)),
                (true, None) => format!("to send on {}", at(udp.local)),
                (true, Some(peer)) => format!("to send to {}", at(peer)),
            },
            What::UnixDatagram(datagram) => {
                let verb = if writes { "send" } else { "receive" };
                format!("to {verb} on {}", unix(datagram.name.as_ref()))
            }
            What::Fresh { .. } | What::UnixFresh { .. } => {
                "to use a socket that neither listens nor is connected".to_owned()
            }
        })
    }

    fn stream_told(&self, id: SocketId, writes: bool, peer: &str) -> String {
        if !writes {
            return format!("to read from {peer}");
        }
        let of_peer = self.peer(id);
        if of_peer.is_some_and(|peer| self.socket(peer).is_err()) {
            return format!("to write to {peer}: its peer was not accepted yet");
        }
        match of_peer.map(|peer| self.unread(peer)) {
            None => format!("to write to {peer}"),
            Some(1) => format!("to write to {peer}: its peer has 1 byte unread"),
            Some(count) => format!("to write to {peer}: its peer has {count} bytes unread"),
        }
    }
}

pub(super) fn unix(name: Option<&UnixName>) -> String {
    match name {
        Some(UnixName::Path(path)) => format!("the Unix socket {}", path.display()),
        Some(UnixName::Abstract(name)) => {
            format!("the Unix socket @{}", name.escape_ascii())
        }
        None => "a Unix socket without a name".to_owned(),
    }
}
