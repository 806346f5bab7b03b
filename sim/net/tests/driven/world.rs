//! Two hosts, of which one listens.

use std::io;
use std::net::SocketAddr;

use deadheat_net::{HostId, Kind, Net, Packet, Sizes, SocketId};

pub(crate) struct World {
    pub(crate) net: Net,
    pub(crate) web: HostId,
    pub(crate) db: HostId,
    pub(crate) listener: SocketId,
}

/// Where the host `db` listens.
pub(crate) fn there() -> SocketAddr {
    ([10, 0, 0, 2], 5432).into()
}

impl World {
    pub(crate) fn new() -> World {
        World::with(Net::new())
    }

    /// With buffers of a few bytes.
    pub(crate) fn small() -> World {
        let mut sizes = Sizes::default();
        (sizes.receive, sizes.send, sizes.unix) = (8, 4, 40);
        (sizes.datagrams, sizes.unix_datagrams) = (2_400, 2);
        World::with(Net::with_sizes(sizes))
    }

    fn with(mut net: Net) -> World {
        let (web, db) = (net.host("web"), net.host("db"));
        let listener = net.tcp_listen(db, there(), 2).expect("a listener");
        World {
            net,
            web,
            db,
            listener,
        }
    }

    pub(crate) fn connect(&mut self) -> SocketId {
        self.net.tcp_connect(self.web, there()).expect("a socket")
    }

    /// A client and a server that are connected.
    pub(crate) fn connection(&mut self) -> (SocketId, SocketId) {
        let client = self.connect();
        self.net.deliver_all();
        let (server, _) = self.net.tcp_accept(self.listener).expect("a connection");
        while self.net.next_woken().is_some() {}
        (client, server)
    }

    /// The next packet, which is of this kind.
    pub(crate) fn packet(&mut self, kind: Kind) -> Packet {
        let packet = self.net.next_packet().expect("a packet");
        assert_eq!(packet.kind(), kind, "{packet}");
        packet
    }

    pub(crate) fn read(&mut self, socket: SocketId) -> Result<Vec<u8>, io::ErrorKind> {
        let mut buffer = [0; 64];
        match self.net.read(socket, &mut buffer) {
            Ok(count) => Ok(buffer[..count].to_vec()),
            Err(error) => Err(error.kind()),
        }
    }

    pub(crate) fn write(&mut self, socket: SocketId, bytes: &[u8]) -> Result<usize, io::ErrorKind> {
        let written = self.net.write(socket, bytes);
        written.map_err(|error| error.kind())
    }

    pub(crate) fn woken(&mut self) -> Vec<SocketId> {
        std::iter::from_fn(|| self.net.next_woken()).collect()
    }
}
