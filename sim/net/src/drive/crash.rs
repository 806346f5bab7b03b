//! Hosts crash, and are started again.

use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::socket::What;

/// What the others see of a crash.
///
/// # Examples
///
/// ```
/// use deadheat_net::{Crash, Net};
///
/// let mut net = Net::new();
/// let (a, b) = (net.host("a"), net.host("b"));
/// net.tcp_listen(b, "10.0.0.2:80".parse().unwrap(), 8).unwrap();
/// let client = net.tcp_connect(a, "10.0.0.2:80".parse().unwrap()).unwrap();
/// net.deliver_all();
/// net.crash(b, Crash::Silent);
/// net.write(client, b"hello?").unwrap();
/// net.deliver_all();
/// assert!(net.connected(client).is_ok());
///
/// net.start(b);
/// net.write(client, b"hello?").unwrap();
/// net.deliver_all();
/// assert!(net.write(client, b"hello?").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Crash {
    /// Nothing, as when the power fails: the host is down, and what is sent to it is lost. After [`Net::start`] it
    /// resets the connections that it does not know.
    Silent,
    /// Each connection is reset, and the host stays up: only its programs are gone.
    Reset,
    /// Each socket is closed as [`Net::close`] does it, as when a program is killed: a connection of which everything was
    /// read ends in order. The host stays up.
    Closed,
}

impl Net {
    /// Takes all sockets from a host. Files of Unix sockets stay, and so do packets that were sent.
    ///
    /// # Examples
    ///
    /// See [`Crash`].
    pub fn crash(&mut self, host: HostId, how: Crash) {
        let theirs = self.sockets.iter().filter(|(_, own)| own.host == host);
        let theirs: Vec<SocketId> = theirs.map(|(id, _)| id).collect();
        for id in theirs {
            match how {
                Crash::Closed => {
                    // Those that its program does not have go with the listener, or when their bytes were sent.
                    self.close(id).ok();
                }
                Crash::Reset | Crash::Silent => self.vanish(id, how == Crash::Reset),
            }
        }
        if how != Crash::Closed {
            self.hosts.get_mut(host).epoch += 1;
        }
        if how == Crash::Silent {
            self.hosts.get_mut(host).is_up = false;
        }
    }

    fn vanish(&mut self, id: SocketId, is_told: bool) {
        if is_told {
            self.reset_stream(id);
        }
        let asked = match self.sockets.get(id).map(|socket| &socket.what) {
            Some(What::Stream(stream)) => stream.half_made(),
            _ => None,
        };
        self.remove(id);
        self.forget(asked);
    }

    /// Starts a host that has crashed. It has no sockets.
    ///
    /// # Examples
    ///
    /// See [`Crash`].
    pub fn start(&mut self, host: HostId) {
        self.hosts.get_mut(host).is_up = true;
    }

    /// Whether a host is up.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Crash, Net};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// net.crash(host, Crash::Silent);
    /// assert!(!net.is_up(host));
    /// ```
    pub fn is_up(&self, host: HostId) -> bool {
        self.hosts.get(host).is_up
    }
}
