//! A network of UDP sockets in memory.
//!
//! 1. From each socket to each other one there is a link of its own, made with the first datagram.
//! 2. A datagram for an address that nobody has bound when it is sent is lost, as UDP's are.
//! 3. Sending never has to wait: a link holds what is under way.
//!
//! Deliberately not here: names, routes, NAT, and limits of size and rate.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use ::quinn::udp::{EcnCodepoint, RecvMeta, Transmit};
use ::quinn::{AsyncUdpSocket, UdpPoller};
use deadheat::fault::{Link, Receiver, Sender};

/// Sockets that can reach one another. Clones are the same network.
///
/// # Examples
///
/// Datagrams that may overtake one another, and of which any may be lost:
///
/// ```
/// use deadheat::fault::Link;
/// use deadheat_ties::quinn::Network;
/// use std::time::Duration;
///
/// let latency = Duration::from_millis(10)..=Duration::from_millis(80);
/// let network = Network::new(Link::new(latency).overtaking().lossy());
/// let socket = network.bind("10.0.0.1:443".parse().unwrap()).unwrap();
/// assert!(network.bind(socket.address()).is_err());
/// ```
#[derive(Clone)]
pub struct Network {
    link: Link,
    sockets: Arc<Mutex<BTreeMap<SocketAddr, Weak<Inbox>>>>,
}

impl Network {
    /// A network of links of this kind.
    pub fn new(link: Link) -> Self {
        Network {
            link,
            sockets: Arc::default(),
        }
    }

    /// A socket at this address, which is free again once it is dropped.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) if there is one.
    pub fn bind(&self, address: SocketAddr) -> io::Result<Arc<Socket>> {
        let mut sockets = lock(&self.sockets);
        if sockets
            .get(&address)
            .is_some_and(|inbox| inbox.strong_count() > 0)
        {
            let text = format!("{address} is bound on this network");
            return Err(io::Error::new(io::ErrorKind::AddrInUse, text));
        }
        let inbox = Arc::new(Inbox::default());
        sockets.insert(address, Arc::downgrade(&inbox));
        Ok(Arc::new(Socket {
            address,
            network: self.clone(),
            inbox,
            routes: Mutex::default(),
        }))
    }

    /// What arrives at `address`, if somebody has bound it.
    fn inbox(&self, address: SocketAddr) -> Option<Arc<Inbox>> {
        lock(&self.sockets).get(&address)?.upgrade()
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

/// A UDP socket on a [`Network`].
pub struct Socket {
    address: SocketAddr,
    network: Network,
    inbox: Arc<Inbox>,
    routes: Mutex<BTreeMap<SocketAddr, Route>>,
}

/// The way to another socket, for as long as that is the one it was made for.
struct Route {
    to: Weak<Inbox>,
    sender: Sender<Datagram>,
}

/// The links on which datagrams come to a socket, in the order in which they were made.
#[derive(Default)]
struct Inbox {
    state: Mutex<Arrivals>,
}

#[derive(Default)]
struct Arrivals {
    links: Vec<Receiver<Datagram>>,
    waiting: Option<Waker>,
}

#[derive(Debug, Clone)]
struct Datagram {
    from: SocketAddr,
    bytes: Arc<[u8]>,
    ecn: Option<EcnCodepoint>,
}

impl Inbox {
    /// A link to here. Who waits for datagrams has to look at it as well.
    fn connect(&self, link: Link) -> Sender<Datagram> {
        let (sender, receiver) = link.connect();
        let mut state = lock(&self.state);
        state.links.push(receiver);
        let waiting = state.waiting.take();
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        sender
    }

    fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Datagram> {
        let mut state = lock(&self.state);
        for link in &mut state.links {
            if let Poll::Ready(datagram) = link.poll_recv(cx) {
                return Poll::Ready(datagram);
            }
        }
        let replaced = state.waiting.replace(cx.waker().clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

impl Socket {
    /// Where it is bound.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn route(&self, to: SocketAddr) -> Option<Sender<Datagram>> {
        let inbox = self.network.inbox(to)?;
        if let Some(route) = lock(&self.routes).get(&to)
            && std::ptr::eq(route.to.as_ptr(), Arc::as_ptr(&inbox))
        {
            return Some(route.sender.clone());
        }
        let route = Route {
            sender: inbox.connect(self.network.link),
            to: Arc::downgrade(&inbox),
        };
        let sender = route.sender.clone();
        lock(&self.routes).insert(to, route);
        Some(sender)
    }
}

impl AsyncUdpSocket for Socket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(AlwaysWritable)
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let Some(sender) = self.route(transmit.destination) else {
            return Ok(());
        };
        let whole = transmit.contents.len().max(1);
        let size = transmit.segment_size.unwrap_or(whole).max(1);
        for segment in transmit.contents.chunks(size) {
            sender.send(Datagram {
                from: self.address,
                bytes: segment.into(),
                ecn: transmit.ecn,
            });
        }
        Ok(())
    }

    /// One datagram; what does not fit into the buffer is cut off.
    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let (Some(buffer), Some(meta)) = (buffers.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        self.inbox.poll_next(cx).map(|datagram| {
            let len = datagram.bytes.len().min(buffer.len());
            buffer[..len].copy_from_slice(&datagram.bytes[..len]);
            meta.addr = datagram.from;
            (meta.len, meta.stride) = (len, len);
            meta.ecn = datagram.ecn;
            meta.dst_ip = Some(self.address.ip());
            Ok(1)
        })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    fn may_fragment(&self) -> bool {
        false
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct AlwaysWritable;

impl UdpPoller for AlwaysWritable {
    fn poll_writable(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
