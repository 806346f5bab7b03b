//! The sockets of this machine. None of them blocks.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use deadheat_net::{Family, Readiness, UnixName};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::stack::{Answer, Handle, System};

/// So long is waited for what does not come, if nothing else runs.
const PATIENCE: Duration = Duration::from_millis(60);
/// So long takes what is on its way, at most, if nothing else runs.
const SETTLED: Duration = Duration::from_millis(20);

pub(crate) struct Machine {
    sockets: Vec<Option<Socket>>,
    patience: Duration,
    settled: Duration,
}

fn answer<T>(result: io::Result<T>) -> Answer<T> {
    result.map_err(|error| Errno::from_raw(error.raw_os_error().expect("an error of the system")))
}

fn patiently<T>(patience: Duration, mut call: impl FnMut() -> io::Result<T>) -> Answer<T> {
    let end = Instant::now() + patience;
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < end => {
                thread::sleep(Duration::from_millis(1));
            }
            result => return answer(result),
        }
    }
}

fn unix(name: &UnixName) -> SockAddr {
    let path = match name {
        UnixName::Path(path) => path.clone(),
        UnixName::Abstract(name) => {
            let bytes = [b"\0", &name[..]].concat();
            PathBuf::from(std::ffi::OsStr::from_bytes(&bytes))
        }
    };
    SockAddr::unix(path).expect("a short name")
}

fn named(path: Option<&std::path::Path>, name: Option<&[u8]>) -> Option<UnixName> {
    let path = path.map(UnixName::path);
    path.or(name.map(|name| UnixName::Abstract(name.to_vec())))
}

impl Machine {
    /// One for which everything takes so many times as long as it ought to.
    pub(crate) fn slower(times: u32) -> Machine {
        Machine {
            sockets: Vec::new(),
            patience: PATIENCE * times,
            settled: SETTLED * times,
        }
    }

    fn keep(&mut self, socket: Socket) -> Handle {
        socket.set_nonblocking(true).expect("a socket");
        self.sockets.push(Some(socket));
        Handle(self.sockets.len() - 1)
    }

    fn make(&mut self, domain: Domain, kind: Type) -> Handle {
        let socket = Socket::new(domain, kind, None).expect("a socket");
        self.keep(socket)
    }

    fn of(&self, socket: Handle) -> &Socket {
        self.sockets[socket.0].as_ref().expect("an open socket")
    }

    /// One that came to be, and else none.
    fn keep_if(&mut self, socket: Handle, done: Answer<()>) -> Answer<Handle> {
        if done.is_err() {
            self.sockets.pop();
        }
        done.map(|()| socket)
    }

    fn two(&mut self, kind: Type) -> (Handle, Handle) {
        let (one, other) = Socket::pair(Domain::UNIX, kind, None).expect("a pair");
        (self.keep(one), self.keep(other))
    }
}

impl System for Machine {
    fn tcp(&mut self, family: Family) -> Handle {
        let domain = match family {
            Family::V4 => Domain::IPV4,
            Family::V6 => Domain::IPV6,
        };
        self.make(domain, Type::STREAM)
    }

    fn udp(&mut self, address: SocketAddr) -> Answer<Handle> {
        let socket = self.make(Domain::for_address(address), Type::DGRAM);
        let bound = answer(self.of(socket).bind(&address.into()));
        self.keep_if(socket, bound)
    }

    fn set_reuse_address(&mut self, socket: Handle, on: bool) {
        self.of(socket).set_reuse_address(on).expect("a socket");
    }

    fn set_only_v6(&mut self, socket: Handle, on: bool) {
        self.of(socket).set_only_v6(on).expect("a socket");
    }

    fn set_abort_on_close(&mut self, socket: Handle, on: bool) {
        let linger = on.then_some(Duration::ZERO);
        self.of(socket).set_linger(linger).expect("a socket");
    }

    fn bind(&mut self, socket: Handle, address: SocketAddr) -> Answer<()> {
        answer(self.of(socket).bind(&address.into()))
    }

    fn listen(&mut self, socket: Handle, backlog: usize) -> Answer<()> {
        let backlog = i32::try_from(backlog).expect("a small backlog");
        answer(self.of(socket).listen(backlog))
    }

    fn connect(&mut self, socket: Handle, to: SocketAddr) -> Answer<()> {
        let own = self.of(socket);
        match answer(own.connect(&to.into())) {
            Err(Errno::EINPROGRESS) => {}
            other => return other,
        }
        let mut polled = [PollFd::new(own.as_fd(), PollFlags::POLLOUT)];
        let patience = PollTimeout::try_from(self.patience).expect("a short time");
        match poll(&mut polled, patience)? {
            0 => Err(Errno::EAGAIN),
            _ => {
                answer(own.take_error().and_then(|error| error.map_or(Ok(()), Err)))?;
                // The system tells once more that it is connected, and counts it as such from then on.
                answer(own.connect(&to.into()))
            }
        }
    }

    fn accept(&mut self, socket: Handle) -> Answer<(Handle, SocketAddr)> {
        let (accepted, address) = patiently(self.patience, || self.of(socket).accept())?;
        let address = address.as_socket().expect("an address");
        Ok((self.keep(accepted), address))
    }

    fn write(&mut self, socket: Handle, bytes: &[u8]) -> Answer<usize> {
        patiently(self.patience, || self.of(socket).send(bytes))
    }

    fn read(&mut self, socket: Handle, count: usize) -> Answer<Vec<u8>> {
        let mut buffer = vec![0; count];
        let read = patiently(self.patience, || self.of(socket).read(&mut buffer))?;
        buffer.truncate(read);
        Ok(buffer)
    }

    fn peek(&mut self, socket: Handle, count: usize) -> Answer<Vec<u8>> {
        let mut buffer = vec![0; count];
        // Of whatever kind it is: to peek is the same call for all.
        let stream = TcpStream::from(self.of(socket).try_clone().expect("a socket"));
        let read = patiently(self.patience, || stream.peek(&mut buffer))?;
        buffer.truncate(read);
        Ok(buffer)
    }

    fn send_to(&mut self, socket: Handle, bytes: &[u8], to: SocketAddr) -> Answer<usize> {
        patiently(self.patience, || self.of(socket).send_to(bytes, &to.into()))
    }

    fn recv_from(&mut self, socket: Handle, count: usize) -> Answer<(Vec<u8>, SocketAddr)> {
        let mut buffer = vec![0; count];
        let udp = UdpSocket::from(self.of(socket).try_clone().expect("a socket"));
        let (read, from) = patiently(self.patience, || udp.recv_from(&mut buffer))?;
        buffer.truncate(read);
        Ok((buffer, from))
    }

    fn shutdown(&mut self, socket: Handle, how: Shutdown) -> Answer<()> {
        answer(self.of(socket).shutdown(how))
    }

    fn close(&mut self, socket: Handle) {
        self.sockets[socket.0] = None;
    }

    fn take_error(&mut self, socket: Handle) -> Answer<()> {
        let error = self.of(socket).take_error();
        answer(error.and_then(|error| error.map_or(Ok(()), Err)))
    }

    fn local(&mut self, socket: Handle) -> Answer<SocketAddr> {
        let address = answer(self.of(socket).local_addr())?;
        Ok(address.as_socket().expect("an address"))
    }

    fn remote(&mut self, socket: Handle) -> Answer<SocketAddr> {
        let address = answer(self.of(socket).peer_addr())?;
        Ok(address.as_socket().expect("an address"))
    }

    fn is_connected(&mut self, socket: Handle) -> Answer<()> {
        answer(self.of(socket).peer_addr().map(drop))
    }

    fn readiness_now(&mut self, socket: Handle) -> Readiness {
        let asked = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLRDHUP;
        let epoll = Epoll::new(EpollCreateFlags::empty()).expect("an epoll");
        epoll
            .add(self.of(socket), EpollEvent::new(asked, 0))
            .expect("a socket");
        let mut events = [EpollEvent::empty()];
        epoll.wait(&mut events, PollTimeout::ZERO).expect("events");
        let flags = events[0].events();
        let mut readiness = Readiness::default();
        readiness.readable = flags.contains(EpollFlags::EPOLLIN);
        readiness.writable = flags.contains(EpollFlags::EPOLLOUT);
        readiness.read_closed = flags.contains(EpollFlags::EPOLLRDHUP);
        readiness.hung_up = flags.contains(EpollFlags::EPOLLHUP);
        readiness.error = flags.contains(EpollFlags::EPOLLERR);
        readiness
    }

    fn unix_listen(&mut self, name: &UnixName, backlog: usize) -> Answer<Handle> {
        let socket = self.make(Domain::UNIX, Type::STREAM);
        let bound = answer(self.of(socket).bind(&unix(name)));
        let listens = bound.and_then(|()| self.listen(socket, backlog));
        self.keep_if(socket, listens)
    }

    fn unix_connect(&mut self, name: &UnixName) -> Answer<Handle> {
        let socket = self.make(Domain::UNIX, Type::STREAM);
        let connects = answer(self.of(socket).connect(&unix(name)));
        self.keep_if(socket, connects)
    }

    fn unix_accept(&mut self, socket: Handle) -> Answer<Handle> {
        let (accepted, _) = patiently(self.patience, || self.of(socket).accept())?;
        Ok(self.keep(accepted))
    }

    fn unix_pair(&mut self) -> (Handle, Handle) {
        self.two(Type::STREAM)
    }

    fn unix_datagram(&mut self, name: Option<&UnixName>) -> Answer<Handle> {
        let socket = self.make(Domain::UNIX, Type::DGRAM);
        let bound = match name {
            Some(name) => answer(self.of(socket).bind(&unix(name))),
            None => Ok(()),
        };
        self.keep_if(socket, bound)
    }

    fn unix_datagram_pair(&mut self) -> (Handle, Handle) {
        self.two(Type::DGRAM)
    }

    fn unix_datagram_connect(&mut self, socket: Handle, name: &UnixName) -> Answer<()> {
        answer(self.of(socket).connect(&unix(name)))
    }

    fn unix_send_to(&mut self, socket: Handle, bytes: &[u8], name: &UnixName) -> Answer<usize> {
        patiently(self.patience, || {
            self.of(socket).send_to(bytes, &unix(name))
        })
    }

    fn unix_recv_from(
        &mut self,
        socket: Handle,
        count: usize,
    ) -> Answer<(Vec<u8>, Option<UnixName>)> {
        let mut buffer = vec![0; count];
        let datagram = self.of(socket).try_clone().expect("a socket");
        let datagram = UnixDatagram::from(std::os::fd::OwnedFd::from(datagram));
        let (read, from) = patiently(self.patience, || datagram.recv_from(&mut buffer))?;
        buffer.truncate(read);
        Ok((buffer, named(from.as_pathname(), None)))
    }

    fn unix_name(&mut self, socket: Handle) -> Answer<Option<UnixName>> {
        let address = answer(self.of(socket).local_addr())?;
        Ok(named(
            address.as_pathname(),
            address.as_abstract_namespace(),
        ))
    }

    fn unix_remove(&mut self, name: &UnixName) -> Answer<()> {
        match name {
            UnixName::Path(path) => answer(std::fs::remove_file(path)),
            UnixName::Abstract(_) => Err(Errno::ENOENT),
        }
    }

    fn settle(&mut self) {
        thread::sleep(self.settled);
    }
}
