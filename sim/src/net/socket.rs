//! A socket of a run, as who stands in the place of a runtime's sockets uses it.

use std::io;
use std::panic::Location;
use std::task::{Context, Poll, Waker};

use deadheat_net::{HostId, Net, Readiness, SocketId};

use crate::engine::inside::inside;
use crate::net::short::{self, Bytes};
use crate::net::wire::{act, call, close};
use crate::record::events::Words;
use crate::state::network::{Direction, Network};

/// A socket of a run. Dropped, it is closed.
///
/// Who stands in the place of a runtime's sockets opens it, and calls its kernel. Programs have `tokio::net` of
/// deadheat-tokio.
///
/// # Examples
///
/// ```
/// use deadheat::net::{Direction, Socket};
/// use std::future::poll_fn;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let any = "127.0.0.1:0".parse().unwrap();
///     let listener = Socket::open(|net, host| net.tcp_listen(host, any, 128)).unwrap();
///     let address = listener.call(|net, id| net.local_addr(id)).unwrap();
///     deadheat::spawn(async move {
///         let client = Socket::open(|net, host| net.tcp_connect(host, address)).unwrap();
///         client.call(|net, id| net.write(id, b"hello")).unwrap();
///     });
///     let accepted = poll_fn(|cx| listener.poll_accept(cx, |net, id| net.tcp_accept(id)));
///     let (server, _) = accepted.await.unwrap();
///     let mut buffer = [0; 16];
///     let read = poll_fn(|cx| {
///         server.poll_io(Direction::Read, cx, |net, id| net.read(id, &mut buffer))
///     });
///     assert_eq!(read.await.unwrap(), 5);
/// });
/// run.unwrap();
/// ```
#[derive(Debug)]
pub struct Socket {
    run: u32,
    id: SocketId,
}

impl Socket {
    /// Opens a socket on the host of the task that calls.
    ///
    /// # Errors
    ///
    /// What `make` fails with.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    #[track_caller]
    pub fn open(make: impl FnOnce(&mut Net, HostId) -> io::Result<SocketId>) -> io::Result<Socket> {
        let (run, id) = on_this_host(make)?;
        Ok(Socket { run, id: id? })
    }

    /// Opens two sockets that the kernel makes together.
    ///
    /// # Errors
    ///
    /// If the run has ended.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net::Socket;
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let (one, other) = Socket::open_pair(|net, host| net.unix_pair(host)).unwrap();
    ///     one.call(|net, id| net.write(id, b"hello")).unwrap();
    ///     assert_eq!(other.call(|net, id| net.read(id, &mut [0; 16])).unwrap(), 5);
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn open_pair(
        make: impl FnOnce(&mut Net, HostId) -> (SocketId, SocketId),
    ) -> io::Result<(Socket, Socket)> {
        let (run, (one, other)) = on_this_host(make)?;
        Ok((Socket { run, id: one }, Socket { run, id: other }))
    }

    /// Asks the kernel for something about the host of the task that calls, without a socket.
    ///
    /// # Errors
    ///
    /// What `f` fails with, or that the run has ended.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net::{Socket, kernel::UnixName};
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let name = UnixName::path("/run/a.sock");
    ///     drop(Socket::open(|net, host| net.unix_listen(host, &name, 8)).unwrap());
    ///     Socket::ask(|net, host| net.unix_remove(host, &name)).unwrap();
    ///     assert!(Socket::open(|net, host| net.unix_listen(host, &name, 8)).is_ok());
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn ask<R>(f: impl FnOnce(&mut Net, HostId) -> io::Result<R>) -> io::Result<R> {
        on_this_host(f)?.1
    }

    /// Calls the kernel, and what comes of that happens: what is sent sets out, and who waits is woken.
    ///
    /// A socket that is dropped in `f` is closed as the call ends.
    ///
    /// # Errors
    ///
    /// What `f` fails with, or that the socket is of another run.
    ///
    /// # Panics
    ///
    /// In the closure of another call: the network is in the hands of one call at a time.
    #[track_caller]
    pub fn call<R>(&self, f: impl FnOnce(&mut Net, SocketId) -> io::Result<R>) -> io::Result<R> {
        let id = self.id;
        self.within(|network| {
            let result = f(&mut network.kernel, id);
            network.answered(&result);
            result
        })
    }

    /// The same, for what a task waits until the socket is ready for, if it would block.
    ///
    /// # Errors
    ///
    /// What `f` fails with but for `WouldBlock`, or that the socket is of another run.
    #[track_caller]
    pub fn poll_io<R>(
        &self,
        direction: Direction,
        cx: &mut Context<'_>,
        f: impl FnOnce(&mut Net, SocketId) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let id = self.id;
        let result = act(self.run, Location::caller(), |world, network, _| {
            let result = f(&mut network.kernel, id);
            network.answered(&result);
            if would_block(&result) {
                (network.waits).add(id, direction, cx.waker(), world.asked_now());
            }
            result
        });
        polled(result.unwrap_or_else(|| Err(elsewhere())))
    }

    /// Reads what is there, or a part of it where the link [may be short](crate::net::Link::may_be_short).
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else as the system's.
    #[track_caller]
    pub fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        self.portion(Bytes::Read, into.len(), None, |net, id, count| {
            net.read(id, &mut into[..count])
        })
    }

    /// The same, for a task that waits until something is there.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[track_caller]
    pub fn poll_read(&self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let waker = Some(cx.waker());
        polled(
            self.portion(Bytes::Read, into.len(), waker, |net, id, count| {
                net.read(id, &mut into[..count])
            }),
        )
    }

    /// Looks at what is there and leaves it there, or at a part of it where the link may be short.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else as the system's.
    #[track_caller]
    pub fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        self.portion(Bytes::Peek, into.len(), None, |net, id, count| {
            net.peek(id, &mut into[..count])
        })
    }

    /// The same, for a task that waits until something is there.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[track_caller]
    pub fn poll_peek(&self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let waker = Some(cx.waker());
        polled(
            self.portion(Bytes::Peek, into.len(), waker, |net, id, count| {
                net.peek(id, &mut into[..count])
            }),
        )
    }

    /// Writes as much as there is room for, or a part of it where the link may be short.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; else as the system's.
    #[track_caller]
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.portion(Bytes::Write, bytes.len(), None, |net, id, count| {
            net.write(id, &bytes[..count])
        })
    }

    /// The same, for a task that waits until there is room.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[track_caller]
    pub fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let waker = Some(cx.waker());
        polled(
            self.portion(Bytes::Write, bytes.len(), waker, |net, id, count| {
                net.write(id, &bytes[..count])
            }),
        )
    }

    /// Reads or writes so many bytes or, where the link may be short, fewer. Who waits is woken when it is ready.
    #[track_caller]
    fn portion(
        &self,
        what: Bytes,
        asked_for: usize,
        waker: Option<&Waker>,
        f: impl FnOnce(&mut Net, SocketId, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let (id, from) = (self.id, Location::caller());
        let result = act(self.run, from, |world, network, _| {
            let count = short::portion(world, network, (id, what), asked_for, from);
            let result = f(&mut network.kernel, id, count);
            network.answered(&result);
            if let (Some(waker), true) = (waker, would_block(&result)) {
                (network.waits).add(id, what.direction(), waker, world.asked_now());
            }
            result
        });
        result.unwrap_or_else(|| Err(elsewhere()))
    }

    /// Waits for a socket that the kernel makes of this one.
    ///
    /// # Errors
    ///
    /// What `f` fails with but for `WouldBlock`, or that the socket is of another run.
    #[track_caller]
    pub fn poll_accept<A>(
        &self,
        cx: &mut Context<'_>,
        f: impl FnOnce(&mut Net, SocketId) -> io::Result<(SocketId, A)>,
    ) -> Poll<io::Result<(Socket, A)>> {
        let run = self.run;
        let polled = self.poll_io(Direction::Read, cx, f);
        polled.map_ok(|(id, address)| (Socket { run, id }, address))
    }

    /// Waits until it is ready in a direction.
    ///
    /// # Errors
    ///
    /// If the socket is of another run.
    #[track_caller]
    pub fn poll_ready(
        &self,
        direction: Direction,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Readiness>> {
        self.poll_io(direction, cx, |net, id| {
            let ready = net.readiness(id)?;
            let is_ready = match direction {
                Direction::Read => ready.readable || ready.read_closed,
                Direction::Write => ready.writable,
            };
            // An error alone wakes nobody who waits for a datagram, as with tokio on Linux.
            match is_ready || ready.hung_up {
                true => Ok(ready),
                false => Err(io::ErrorKind::WouldBlock.into()),
            }
        })
    }

    #[track_caller]
    fn within<R>(&self, f: impl FnOnce(&mut Network) -> io::Result<R>) -> io::Result<R> {
        let result = call(self.run, Location::caller(), f);
        result.unwrap_or_else(|| Err(elsewhere()))
    }
}

/// Tells in the trace of a run, if one is kept, what the task that calls did on the network without a socket: words that go
/// on after its name. Who stands in the place of a runtime's sockets calls it.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new().trace(true), || async {
///     deadheat::net::tell(|| "connects to nobody:80: name not found".to_owned());
/// });
/// assert!(run.unwrap().trace().to_string().contains("main      socket \"connects to nobody:80"));
/// ```
///
/// # Panics
///
/// Outside of a run.
#[track_caller]
pub fn tell(words: impl FnOnce() -> String) {
    let from = Location::caller();
    inside("net", |world| {
        if world.recorder.tells {
            let (made, task) = (world.made_at(from), world.current);
            world.put_in_words(Words::Socket, &[words()], task, made);
        }
    });
}

/// Calls the kernel for the host of the task that calls, and says in which run that is.
#[track_caller]
fn on_this_host<R>(f: impl FnOnce(&mut Net, HostId) -> R) -> io::Result<(u32, R)> {
    let (run, task) = inside("net", |world| (world.run, world.current));
    let done = call(run, Location::caller(), |network| {
        let host = network.homes.of(task);
        f(&mut network.kernel, host)
    });
    done.map(|result| (run, result)).ok_or_else(elsewhere)
}

fn polled<R>(result: io::Result<R>) -> Poll<io::Result<R>> {
    match would_block(&result) {
        true => Poll::Pending,
        false => Poll::Ready(result),
    }
}

fn would_block<R>(result: &io::Result<R>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

fn elsewhere() -> io::Error {
    io::Error::other(
        "a socket of a deadheat run was used outside of that run: make it where it is used",
    )
}

impl Drop for Socket {
    fn drop(&mut self) {
        close(self.run, self.id, Location::caller());
    }
}
