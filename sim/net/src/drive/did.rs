//! What programs did at sockets and what became of packets, in words, for who keeps a record of a run.
//!
//! 1. Nothing is put into words unless somebody has asked for it.
//! 2. A call that would have to wait has done nothing, and is not told.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use crate::did::Did;
use crate::drive::told::unix;
use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::packet::{Kind, Packet};
use crate::socket::What;
use crate::state::unix::UnixName;

/// So many of the first bytes are told.
const BYTES: usize = 24;

impl Net {
    /// Whether it is kept from now on what happens, for [`Net::take_did`].
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Did, Net};
    ///
    /// let mut net = Net::new();
    /// let (web, db) = (net.host("web"), net.host("db"));
    /// net.keep_did(true);
    /// net.tcp_listen(db, "0.0.0.0:80".parse().unwrap(), 8).unwrap();
    /// let server = (net.addresses(db)[0], 80).into();
    /// let client = net.tcp_connect(web, server).unwrap();
    /// net.deliver_all();
    /// net.connected(client).unwrap();
    /// net.write(client, b"hello").unwrap();
    /// let did = net.take_did();
    /// assert_eq!(did[1], Did::Call("connects to db:80".to_owned()));
    /// assert_eq!(did[3], Did::Call("writes \"hello\" to db:80".to_owned()));
    /// ```
    pub fn keep_did(&mut self, keeps: bool) {
        if keeps != self.did.is_some() {
            self.did = keeps.then(Vec::new);
        }
    }

    /// Whether it is kept what happens.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!deadheat_net::Net::new().keeps_did());
    /// ```
    #[inline]
    pub fn keeps_did(&self) -> bool {
        self.did.is_some()
    }

    /// What has happened since this was asked last.
    ///
    /// # Examples
    ///
    /// See [`Net::keep_did`].
    pub fn take_did(&mut self) -> Vec<Did> {
        self.did.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Something became of a packet: words that go on after what [`Net::packet_told`] says.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let socket = net.udp_bind(host, "127.0.0.1:53".parse().unwrap()).unwrap();
    /// net.udp_send_to(socket, b"hello", "127.0.0.1:54".parse().unwrap()).unwrap();
    /// let packet = net.next_packet().unwrap();
    /// net.keep_did(true);
    /// net.packet_did(&packet, "is lost");
    /// let told = "the datagram \"hello\" from a:53 to a:54 is lost".to_owned();
    /// assert_eq!(net.take_did(), [deadheat_net::Did::Packet(told)]);
    /// ```
    #[inline]
    pub fn packet_did(&mut self, packet: &Packet, what: &str) {
        if self.keeps_did() {
            let told = format!("{} {what}", self.packet_told(packet));
            self.tell(Did::Packet(told));
        }
    }

    /// What a packet is and between whom it goes, in words.
    ///
    /// # Examples
    ///
    /// See [`Net::packet_did`].
    pub fn packet_told(&self, packet: &Packet) -> String {
        let bytes = || bytes_told(packet.bytes());
        let what = match packet.kind() {
            Kind::Connect => "the connect".to_owned(),
            Kind::Agree => "the answer to a connect".to_owned(),
            Kind::Confirm => "the last word of a connect".to_owned(),
            Kind::Data => bytes(),
            Kind::End => "the end of what is written".to_owned(),
            Kind::Room => "word of room to write".to_owned(),
            Kind::Reset => "the reset".to_owned(),
            Kind::Datagram => format!("the datagram {}", bytes()),
            Kind::Unreachable => "word that nobody has the port".to_owned(),
        };
        let from = named(self, packet.from_host(), packet.source());
        let to = named(self, packet.to_host(), packet.destination());
        format!("{what} from {from} to {to}")
    }

    fn tell(&mut self, did: Did) {
        if let Some(told) = &mut self.did {
            told.push(did);
        }
    }

    /// A call has come to something: `did` is what it did, and an error is told with it.
    #[cold]
    pub(crate) fn called<R>(&mut self, did: &str, result: &io::Result<R>) {
        match result {
            Ok(_) => self.tell(Did::Call(did.to_owned())),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => self.tell(Did::Call(format!("{did}: {error}"))),
        }
    }

    /// An address as it is told to the socket: the host's name and the port.
    pub(crate) fn at(&self, id: SocketId, address: SocketAddr) -> String {
        let host = self.sockets.get(id).map(|socket| socket.host);
        let owner = host.and_then(|host| self.hosts.owner(host, address.ip()));
        match (owner, host) {
            (None, Some(host)) if address.ip().is_unspecified() => named(self, Some(host), address),
            (owner, _) => named(self, owner, address),
        }
    }

    /// Who is at the other end of a socket.
    pub(crate) fn other_end(&self, id: SocketId) -> String {
        let socket = self.sockets.get(id);
        match socket.map(|socket| &socket.what) {
            Some(What::Stream(stream)) => self.at(id, stream.peer.address),
            Some(What::Udp(udp)) if let Some(peer) = udp.peer => self.at(id, peer),
            Some(What::UnixStream(stream)) => {
                unix(stream.peer_name.as_ref().or(stream.name.as_ref()))
            }
            _ => "nobody".to_owned(),
        }
    }

    /// The socket itself.
    pub(crate) fn own_end(&self, id: SocketId) -> String {
        let local = |id| self.local_addr(id).map(|local| self.at(id, local));
        match self.sockets.get(id).map(|socket| &socket.what) {
            Some(What::Listener(_) | What::Udp(_)) => local(id).unwrap_or_default(),
            Some(What::UnixListener(listener)) => unix(Some(&listener.name)),
            Some(What::UnixDatagram(datagram)) => unix(datagram.name.as_ref()),
            _ => "a socket".to_owned(),
        }
    }

    #[cold]
    pub(crate) fn wrote(&mut self, id: SocketId, bytes: &[u8], written: &io::Result<usize>) {
        let to = self.other_end(id);
        let bytes = &bytes[..written.as_ref().map_or(bytes.len(), |count| *count)];
        self.called(&format!("writes {} to {to}", bytes_told(bytes)), written);
    }

    #[cold]
    pub(crate) fn has_read(&mut self, id: SocketId, into: &[u8], read: &io::Result<usize>) {
        let from = self.other_end(id);
        let told = match read {
            Ok(0) if into.is_empty() => return,
            Ok(0) => format!("reads the end of what {from} writes"),
            Ok(count) => format!("reads {} from {from}", bytes_told(&into[..*count])),
            Err(_) => format!("reads from {from}"),
        };
        self.called(&told, read);
    }

    #[cold]
    pub(crate) fn sent_to(&mut self, bytes: &[u8], to: &str, sent: &io::Result<usize>) {
        let told = format!("sends the datagram {} to {to}", bytes_told(bytes));
        self.called(&told, sent);
    }

    #[cold]
    pub(crate) fn received(&mut self, bytes: &[u8], from: &str) {
        let told = format!("receives the datagram {} from {from}", bytes_told(bytes));
        self.called(&told, &Ok(()));
    }

    #[cold]
    pub(crate) fn received_from_name(&mut self, bytes: &[u8], from: Option<&UnixName>) {
        self.received(bytes, &unix(from));
    }

    #[cold]
    pub(crate) fn listens_on_name(&mut self, id: SocketId) {
        let told = format!("listens on {}", self.own_end(id));
        self.called(&told, &Ok(()));
    }

    #[cold]
    pub(crate) fn connects_to_name(&mut self, name: &UnixName, connected: &io::Result<()>) {
        self.called(&format!("connects to {}", unix(Some(name))), connected);
    }

    /// A program lets go of a socket, which is still there.
    #[cold]
    pub(crate) fn closes(&mut self, id: SocketId) {
        let told = match self.sockets.get(id).map(|socket| &socket.what) {
            Some(What::Stream(_) | What::UnixStream(_)) => {
                format!("closes its connection to {}", self.other_end(id))
            }
            Some(What::Fresh { .. } | What::UnixFresh { .. }) | None => return,
            Some(_) => format!("closes {}", self.own_end(id)),
        };
        self.called(&told, &Ok(()));
    }

    #[cold]
    pub(crate) fn accepted(&mut self, listener: SocketId, by: SocketId) {
        let (from, on) = (self.other_end(by), self.own_end(listener));
        let is_named = matches!(
            self.sockets.get(by).map(|socket| &socket.what),
            Some(What::Stream(_))
        );
        let told = match is_named {
            true => format!("accepts the connection of {from} on {on}"),
            false => format!("accepts a connection on {on}"),
        };
        self.called(&told, &Ok(()));
    }
}

fn named(net: &Net, host: Option<HostId>, address: SocketAddr) -> String {
    match host {
        Some(host) => format!("{}:{}", net.host_name(host), address.port()),
        None => address.to_string(),
    }
}

/// Text is told as text, up to so many bytes of it; of anything else it is told how much it is.
fn bytes_told(bytes: &[u8]) -> String {
    let count = match bytes.len() {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    };
    let first = &bytes[..bytes.len().min(BYTES)];
    let text = match std::str::from_utf8(first) {
        Ok(text) => text,
        // A character that does not fit whole is left out.
        Err(error) if bytes.len() > BYTES && error.error_len().is_none() => {
            std::str::from_utf8(&first[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return count,
    };
    let is_printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    match text.chars().all(is_printable) && !text.is_empty() {
        false => count,
        true if text.len() == bytes.len() => format!("{text:?}"),
        true => format!("{count} ({text:?}…)"),
    }
}

#[test]
fn text_is_told_as_text_and_anything_else_as_how_much_it_is() {
    let told = [
        (&b"pay 5\n"[..], r#""pay 5\n""#),
        (b"\x00\x01", "2 bytes"),
        (b"\x07", "1 byte"),
        (b"", "0 bytes"),
        (
            b"GET /a/path/that/is/long HTTP/1.1",
            r#"33 bytes ("GET /a/path/that/is/long"…)"#,
        ),
        (
            "12345678901234567890123äöü".as_bytes(),
            r#"29 bytes ("12345678901234567890123"…)"#,
        ),
    ];
    for (bytes, expected) in told {
        assert_eq!(bytes_told(bytes), expected);
    }
}
