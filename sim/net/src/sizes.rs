//! How much the buffers of sockets hold.

/// How much the buffers of sockets hold, in bytes.
///
/// # Examples
///
/// ```
/// use deadheat_net::{Net, Sizes};
///
/// let mut sizes = Sizes::default();
/// sizes.receive = 16;
/// sizes.send = 4;
/// let mut net = Net::with_sizes(sizes);
/// let host = net.host("a");
/// net.tcp_listen(host, "127.0.0.1:80".parse().unwrap(), 8).unwrap();
/// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
/// net.deliver_all();
/// assert_eq!(net.write(client, &[0; 100]).unwrap(), 20);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Sizes {
    /// What a reader of TCP may be sent before it reads.
    pub receive: usize,
    /// What a writer of TCP may write beyond that, before it has to wait.
    pub send: usize,
    /// What may wait on a UDP socket: the bytes of each datagram, and [`Sizes::DATAGRAM`] for each.
    pub datagrams: usize,
    /// What a Unix stream may be sent before it reads.
    pub unix: usize,
    /// How many datagrams beyond the first may wait on a Unix socket.
    pub unix_datagrams: usize,
}

impl Sizes {
    /// What a datagram of UDP takes of its queue besides its bytes.
    pub const DATAGRAM: usize = 768;
}

impl Default for Sizes {
    /// As on Linux, where buffers of TCP begin small and grow: here they stay as they are.
    fn default() -> Sizes {
        Sizes {
            receive: 128 << 10,
            send: 64 << 10,
            datagrams: 208 << 10,
            unix: 208 << 10,
            unix_datagrams: 10,
        }
    }
}
