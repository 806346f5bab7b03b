//! What streams of a run have in common: bytes that are read and written, within a task's budget.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use deadheat::net::kernel::{Net, Readiness, SocketId};
use deadheat::net::{Direction, Socket};
use tokio::io::{Interest, ReadBuf, Ready};
use tokio::task::coop::poll_proceed;

/// A call that waits, within the budget of the task.
pub(super) fn poll_io<R>(
    socket: &Socket,
    direction: Direction,
    cx: &mut Context<'_>,
    call: impl FnOnce(&mut Net, SocketId) -> io::Result<R>,
) -> Poll<io::Result<R>> {
    let progress = ready!(poll_proceed(cx));
    let result = ready!(socket.poll_io(direction, cx, call));
    progress.made_progress();
    Poll::Ready(result)
}

pub(super) fn poll_read(
    socket: &Socket,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let into = buf.initialize_unfilled();
    let read = ready!(poll_io(socket, Direction::Read, cx, |net, id| net.read(id, into)))?;
    buf.advance(read);
    Poll::Ready(Ok(()))
}

pub(super) fn poll_peek(
    socket: &Socket,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<usize>> {
    let into = buf.initialize_unfilled();
    let read = ready!(poll_io(socket, Direction::Read, cx, |net, id| net.peek(id, into)))?;
    buf.advance(read);
    Poll::Ready(Ok(read))
}

pub(super) fn poll_write(
    socket: &Socket,
    cx: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    poll_io(socket, Direction::Write, cx, |net, id| net.write(id, bytes))
}

pub(super) fn poll_write_vectored(
    socket: &Socket,
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    poll_write(socket, cx, &slices.concat_bytes())
}

pub(super) fn try_read_vectored(
    socket: &Socket,
    slices: &mut [IoSliceMut<'_>],
) -> io::Result<usize> {
    let mut into = vec![0; slices.iter().map(|slice| slice.len()).sum()];
    let read = socket.call(|net, id| net.read(id, &mut into))?;
    let mut rest = &into[..read];
    for slice in slices {
        let (now, later) = rest.split_at(rest.len().min(slice.len()));
        slice[..now.len()].copy_from_slice(now);
        rest = later;
    }
    Ok(read)
}

pub(super) fn try_write_vectored(socket: &Socket, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let bytes = slices.concat_bytes();
    socket.call(|net, id| net.write(id, &bytes))
}

trait ConcatBytes {
    fn concat_bytes(&self) -> Vec<u8>;
}

impl ConcatBytes for [IoSlice<'_>] {
    /// All bytes in one piece, so that they are one packet.
    fn concat_bytes(&self) -> Vec<u8> {
        self.iter()
            .flat_map(|slice| slice.iter().copied())
            .collect()
    }
}

pub(super) fn poll_ready(
    socket: &Socket,
    direction: Direction,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let progress = ready!(poll_proceed(cx));
    let result = ready!(socket.poll_ready(direction, cx));
    progress.made_progress();
    Poll::Ready(result.map(drop))
}

/// Waits until it is ready for something of an interest, and says for what it is.
pub(super) async fn ready_for(socket: &Socket, interest: Interest) -> io::Result<Ready> {
    poll_fn(|cx| {
        let progress = ready!(poll_proceed(cx));
        let polled = [
            (interest.is_readable(), Direction::Read),
            (interest.is_writable(), Direction::Write),
        ];
        let mut ready = Ready::EMPTY;
        for (is_asked, direction) in polled {
            if is_asked && let Poll::Ready(readiness) = socket.poll_ready(direction, cx) {
                ready |= of_interest(readiness?, interest);
            }
        }
        if ready.is_empty() {
            return Poll::Pending;
        }
        progress.made_progress();
        Poll::Ready(Ok(ready))
    })
    .await
}

fn of_interest(readiness: Readiness, interest: Interest) -> Ready {
    let mut ready = Ready::EMPTY;
    let mut add = |is_so: bool, what: Ready| {
        if is_so {
            ready |= what;
        }
    };
    let (reads, writes) = (interest.is_readable(), interest.is_writable());
    add(reads && readiness.readable, Ready::READABLE);
    add(
        reads && (readiness.read_closed || readiness.hung_up),
        Ready::READ_CLOSED,
    );
    add(writes && readiness.writable, Ready::WRITABLE);
    add(writes && readiness.hung_up, Ready::WRITE_CLOSED);
    add(interest.is_error() && readiness.error, Ready::ERROR);
    ready
}

/// Calls `io` where the socket is ready for some of an interest, as tokio does.
pub(super) fn try_io<R>(
    socket: &Socket,
    interest: Interest,
    io: impl FnOnce() -> io::Result<R>,
) -> io::Result<R> {
    let readiness = socket.call(|net, id| net.readiness(id))?;
    match of_interest(readiness, interest).is_empty() {
        true => Err(ErrorKind::WouldBlock.into()),
        false => io(),
    }
}

/// Whether a socket has had a datagram, and was not found empty since: then it is asked at once. Else tokio waits until the
/// system says that a datagram is there, and an error alone does not wake it.
#[derive(Debug, Default)]
pub(super) struct Heard(AtomicBool);

impl Heard {
    pub(super) fn heard(&self) -> &Heard {
        self
    }

    /// Takes a datagram as tokio does.
    pub(super) fn take<R>(
        &self,
        net: &mut Net,
        id: SocketId,
        call: impl FnOnce(&mut Net, SocketId) -> io::Result<R>,
    ) -> io::Result<R> {
        if !self.0.load(Relaxed) && !net.readiness(id)?.readable {
            return Err(ErrorKind::WouldBlock.into());
        }
        let result = call(net, id);
        match &result {
            Ok(_) => self.0.store(true, Relaxed),
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.0.store(false, Relaxed),
            Err(_) => {}
        }
        result
    }
}

/// Waits until something changes about a socket that was ready, and of which `io` says that it is not.
pub(super) async fn changed(socket: &Socket, interest: Interest) -> io::Result<()> {
    let direction = match interest.is_readable() {
        true => Direction::Read,
        false => Direction::Write,
    };
    let mut waits = true;
    poll_fn(|cx| {
        if !std::mem::take(&mut waits) {
            return Poll::Ready(Ok(()));
        }
        socket.poll_io(direction, cx, |_, _| Err(ErrorKind::WouldBlock.into()))
    })
    .await
}

/// Ends the stream in one direction or in both.
pub(super) fn shutdown(socket: &Socket, how: Shutdown) -> io::Result<()> {
    socket.call(|net, id| net.shutdown(id, how))
}

/// So much of a buffer without an end is read at once.
#[cfg(feature = "io-util")]
const PIECE: usize = 64 << 10;

/// Reads into a buffer that may grow, by a call that reads into a slice.
#[cfg(feature = "io-util")]
pub(super) fn into_buf<B: bytes::BufMut, R>(
    buf: &mut B,
    read: impl FnOnce(&mut [u8]) -> io::Result<(usize, R)>,
) -> io::Result<(usize, R)> {
    let mut piece = vec![0; buf.remaining_mut().min(PIECE)];
    let (len, rest) = read(&mut piece)?;
    buf.put_slice(&piece[..len]);
    Ok((len, rest))
}
