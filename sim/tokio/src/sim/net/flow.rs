//! What streams of a run have in common: bytes that are read and written, within a task's budget.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker, ready};

use deadheat::net::kernel::{Net, Readiness, SocketId};
use deadheat::net::{Direction, Socket};
use tokio::io::{Interest, ReadBuf, Ready};
use tokio::task::coop::poll_proceed;

use super::known::Known;

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
    known: &Known,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let progress = ready!(poll_proceed(cx));
    let into = buf.initialize_unfilled();
    let room = into.len();
    let Poll::Ready(result) = socket.poll_read(cx, into) else {
        known.forget(Direction::Read);
        return Poll::Pending;
    };
    progress.made_progress();
    let read = known.noted(Direction::Read, result)?;
    if (1..room).contains(&read) {
        // As tokio has it on Linux: what leaves room was all that was there.
        known.forget(Direction::Read);
    }
    buf.advance(read);
    Poll::Ready(Ok(()))
}

pub(super) fn poll_peek(
    socket: &Socket,
    known: &Known,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<usize>> {
    let progress = ready!(poll_proceed(cx));
    let Poll::Ready(result) = socket.poll_peek(cx, buf.initialize_unfilled()) else {
        known.forget(Direction::Read);
        return Poll::Pending;
    };
    progress.made_progress();
    let read = known.noted(Direction::Read, result)?;
    buf.advance(read);
    Poll::Ready(Ok(read))
}

pub(super) fn poll_write(
    socket: &Socket,
    known: &Known,
    cx: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    let progress = ready!(poll_proceed(cx));
    let Poll::Ready(result) = socket.poll_write(cx, bytes) else {
        known.forget(Direction::Write);
        return Poll::Pending;
    };
    progress.made_progress();
    let written = known.noted(Direction::Write, result)?;
    if (1..bytes.len()).contains(&written) {
        // As tokio has it on Linux: where a part fits, there is no more room.
        known.forget(Direction::Write);
    }
    Poll::Ready(Ok(written))
}

pub(super) fn poll_write_vectored(
    socket: &Socket,
    known: &Known,
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    poll_write(socket, known, cx, &slices.concat_bytes())
}

pub(super) fn try_read(socket: &Socket, known: &Known, into: &mut [u8]) -> io::Result<usize> {
    known.noted(Direction::Read, socket.read(into))
}

pub(super) fn try_read_vectored(
    socket: &Socket,
    known: &Known,
    slices: &mut [IoSliceMut<'_>],
) -> io::Result<usize> {
    let mut into = vec![0; slices.iter().map(|slice| slice.len()).sum()];
    let read = try_read(socket, known, &mut into)?;
    let mut rest = &into[..read];
    for slice in slices {
        let (now, later) = rest.split_at(rest.len().min(slice.len()));
        slice[..now.len()].copy_from_slice(now);
        rest = later;
    }
    Ok(read)
}

pub(super) fn try_write(socket: &Socket, known: &Known, bytes: &[u8]) -> io::Result<usize> {
    known.noted(Direction::Write, socket.write(bytes))
}

pub(super) fn try_write_vectored(
    socket: &Socket,
    known: &Known,
    slices: &[IoSlice<'_>],
) -> io::Result<usize> {
    try_write(socket, known, &slices.concat_bytes())
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
    known: &Known,
    direction: Direction,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let progress = ready!(poll_proceed(cx));
    if !known.is_so(direction) {
        let ready = ready!(socket.poll_ready(direction, cx));
        ready.map(|ready| known.is_ready(ready))?;
    }
    progress.made_progress();
    Poll::Ready(Ok(()))
}

/// Waits until it is ready for something of an interest, and says for what it is. As tokio's it takes nothing of the budget.
pub(super) async fn ready_for(
    socket: &Socket,
    known: &Known,
    interest: Interest,
) -> io::Result<Ready> {
    poll_fn(|cx| {
        let mut ready = known.of_interest(interest);
        if interest.is_error() && socket.call(|net, id| net.readiness(id))?.error {
            ready |= Ready::ERROR;
        }
        for (is_asked, direction) in asked(interest) {
            if is_asked && let Poll::Ready(readiness) = socket.poll_ready(direction, cx) {
                let readiness = readiness?;
                known.is_ready(readiness);
                ready |= of_interest(readiness, interest);
            }
        }
        if ready.is_empty() {
            return Poll::Pending;
        }
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
    known: &Known,
    interest: Interest,
    io: impl FnOnce() -> io::Result<R>,
) -> io::Result<R> {
    let readiness = socket.call(|net, id| net.readiness(id))?;
    let ready = known.of_interest(interest) | of_interest(readiness, interest);
    if ready.is_empty() {
        return Err(ErrorKind::WouldBlock.into());
    }
    let result = io();
    if matches!(&result, Err(error) if error.kind() == ErrorKind::WouldBlock) {
        for (is_asked, direction) in asked(interest) {
            if is_asked {
                known.forget(direction);
            }
        }
    }
    result
}

/// In which directions an interest is.
fn asked(interest: Interest) -> [(bool, Direction); 2] {
    [
        (interest.is_readable(), Direction::Read),
        (interest.is_writable(), Direction::Write),
    ]
}

/// Waits until something changes about a socket that was ready, and of which `io` says that it is not. That the task is
/// woken for something else is no change.
pub(super) async fn changed(socket: &Socket, interest: Interest) -> io::Result<()> {
    let direction = match interest.is_readable() {
        true => Direction::Read,
        false => Direction::Write,
    };
    let mut waits: Option<Arc<Change>> = None;
    poll_fn(|cx| {
        match &waits {
            Some(change) if change.has_come.load(Relaxed) => return Poll::Ready(Ok(())),
            Some(change) if change.task.will_wake(cx.waker()) => return Poll::Pending,
            _ => {}
        }
        let change = Arc::new(Change {
            has_come: AtomicBool::new(false),
            task: cx.waker().clone(),
        });
        waits = Some(Arc::clone(&change));
        let waker = Waker::from(change);
        let mut cx = Context::from_waker(&waker);
        socket.poll_io(direction, &mut cx, |_, _| Err(ErrorKind::WouldBlock.into()))
    })
    .await
}

/// Who waits for a change of a socket, and whether it has come.
struct Change {
    has_come: AtomicBool,
    task: Waker,
}

impl Wake for Change {
    fn wake(self: Arc<Self>) {
        self.has_come.store(true, Relaxed);
        self.task.wake_by_ref();
    }
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
