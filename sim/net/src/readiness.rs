//! What a call on a socket would find now.

/// What a call on a socket would find now, as `poll` of Linux tells it.
///
/// # Examples
///
/// ```
/// let mut net = deadheat_net::Net::new();
/// let host = net.host("a");
/// let listener = net.tcp_listen(host, "127.0.0.1:80".parse().unwrap(), 8).unwrap();
/// assert!(!net.readiness(listener).unwrap().readable);
/// net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
/// net.deliver_all();
/// assert!(net.readiness(listener).unwrap().readable);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Readiness {
    /// There is something to read or to accept, or an end or an error to be read (`POLLIN`).
    pub readable: bool,
    /// There is room to write, or writing fails at once (`POLLOUT`).
    pub writable: bool,
    /// The peer writes no more, or this side reads no more (`POLLRDHUP`).
    pub read_closed: bool,
    /// Neither side sends any more, or there is no connection (`POLLHUP`).
    pub hung_up: bool,
    /// An error waits to be told (`POLLERR`).
    pub error: bool,
}
