//! A standard stream of a run: what tokio 1.54 has for its own, with a turn of the run in the place of its threads.
//!
//! At most one operation is under way, and whoever comes next waits for it first.

use std::future::Future;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;

use crate::sim::blocking::{Buf, DEFAULT_MAX_BUF_SIZE, MadeIn, begin, begin_write};
use crate::task::JoinHandle;

/// How far a standard stream is.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) made_in: MadeIn,
    name: &'static str,
    state: State,
    must_flush: bool,
}

#[derive(Debug)]
enum State {
    Idle(Buf),
    Busy(JoinHandle<(io::Result<()>, Buf)>),
}

impl Stream {
    pub(super) fn new(name: &'static str, made_in: MadeIn) -> Stream {
        Stream {
            made_in,
            name,
            state: State::Idle(Buf::default()),
            must_flush: false,
        }
    }

    /// Waits for the operation that is under way, if there is one.
    fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let State::Busy(operation) = &mut self.state else {
            return Poll::Ready(Ok(()));
        };
        let ended = ready!(Pin::new(operation).poll(cx));
        self.state = State::Idle(Buf::default());
        let (done, buf) = ended?;
        self.state = State::Idle(buf);
        Poll::Ready(done)
    }

    pub(super) fn poll_read<R: Read + 'static>(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
        reader: fn() -> R,
    ) -> Poll<io::Result<()>> {
        loop {
            match &mut self.state {
                State::Idle(buf) if !buf.is_empty() => {
                    buf.copy_to(room);
                    return Poll::Ready(Ok(()));
                }
                State::Idle(buf) => {
                    let (mut buf, mut reader) = (std::mem::take(buf), reader());
                    let most = room.remaining().min(DEFAULT_MAX_BUF_SIZE);
                    let read = move || (buf.read_from(&mut reader, most), buf);
                    self.state = State::Busy(begin(self.name, read));
                }
                State::Busy(_) => {
                    ready!(self.poll_done(cx))?;
                    if let State::Idle(buf) = &mut self.state {
                        buf.copy_to(room);
                    }
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    pub(super) fn poll_write<W: Write + 'static>(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        mut writer: W,
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_done(cx))?;
        let mut buf = Buf::default();
        let count = buf.copy_from([bytes], DEFAULT_MAX_BUF_SIZE);
        let write = move || (buf.write_to(&mut writer), buf);
        self.state = State::Busy(begin_write(None, self.name, write)?);
        self.must_flush = true;
        Poll::Ready(Ok(count))
    }

    pub(super) fn poll_flush<W: Write + 'static>(
        &mut self,
        cx: &mut Context<'_>,
        mut writer: W,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_done(cx))?;
        if std::mem::take(&mut self.must_flush) {
            let flush = move || (writer.flush(), Buf::default());
            self.state = State::Busy(begin_write(None, self.name, flush)?);
            ready!(self.poll_done(cx))?;
        }
        Poll::Ready(Ok(()))
    }
}
