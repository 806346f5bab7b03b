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

use super::heard::Heard;

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
    heard: &Heard,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let into = buf.initialize_unfilled();
    let room = into.len();
    let read = ready!(poll_io(socket, Direction::Read, cx, |net, id| {
        heard.noted(net.read(id, into))
    }))?;
    if (1..room).contains(&read) {
        // As tokio has it on Linux: what leaves room was all that was there.
        heard.forget();
    }
    buf.advance(read);
    Poll::Ready(Ok(()))
}

pub(super) fn poll_peek(
    socket: &Socket,
    heard: &Heard,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<usize>> {
    let into = buf.initialize_unfilled();
    let read = ready!(poll_io(socket, Direction::Read, cx, |net, id| {
        heard.noted(net.peek(id, into))
    }))?;
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

pub(super) fn try_read(socket: &Socket, heard: &Heard, into: &mut [u8]) -> io::Result<usize> {
    socket.call(|net, id| heard.noted(net.read(id, into)))
}

pub(super) fn try_read_vectored(
    socket: &Socket,
    heard: &Heard,
    slices: &mut [IoSliceMut<'_>],
) -> io::Result<usize> {
    let mut into = vec![0; slices.iter().map(|slice| slice.len()).sum()];
    let read = try_read(socket, heard, &mut into)?;
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

pub(super) fn poll_read_ready(
    socket: &Socket,
    heard: &Heard,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let progress = ready!(poll_proceed(cx));
    if !heard.is_so() {
        let ready = ready!(socket.poll_ready(Direction::Read, cx));
        ready.map(|ready| heard.is_ready(ready))?;
    }
    progress.made_progress();
    Poll::Ready(Ok(()))
}

pub(super) fn poll_write_ready(socket: &Socket, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    let progress = ready!(poll_proceed(cx));
    let result = ready!(socket.poll_ready(Direction::Write, cx));
    progress.made_progress();
    Poll::Ready(result.map(drop))
}

/// Waits until it is ready for something of an interest, and says for what it is.
pub(super) async fn ready_for(
    socket: &Socket,
    heard: &Heard,
    interest: Interest,
) -> io::Result<Ready> {
    poll_fn(|cx| {
        let progress = ready!(poll_proceed(cx));
        let polled = [
            (interest.is_readable(), Direction::Read),
            (interest.is_writable(), Direction::Write),
        ];
        let mut ready = heard.of_interest(interest);
        for (is_asked, direction) in polled {
            if is_asked && let Poll::Ready(readiness) = socket.poll_ready(direction, cx) {
                let readiness = readiness?;
                heard.is_ready(readiness);
                ready |= of_interest(readiness, interest);
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
    heard: &Heard,
    interest: Interest,
    io: impl FnOnce() -> io::Result<R>,
) -> io::Result<R> {
    let readiness = socket.call(|net, id| net.readiness(id))?;
    let ready = heard.of_interest(interest) | of_interest(readiness, interest);
    if ready.is_empty() {
        return Err(ErrorKind::WouldBlock.into());
    }
    let result = io();
    if interest.is_readable()
        && matches!(&result, Err(error) if error.kind() == ErrorKind::WouldBlock)
    {
        heard.forget();
    }
    result
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
