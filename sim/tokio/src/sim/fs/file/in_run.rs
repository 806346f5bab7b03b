//! A file of a run: tokio's `File` of version 1.54, with a turn of the run in the place of its threads.
//!
//! 1. At most one operation is under way, and whoever comes next waits for it first.
//! 2. An operation has the buffer while it is under way, and brings it back.
//! 3. A write that fails is told by the next write or flush, whoever noticed.

use std::future::{Future, poll_fn};
use std::io::{self, Seek, SeekFrom};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;
use tokio::sync::Mutex;

use super::handle::{Handle, Used};
use crate::sim::blocking::{
    Buf, DEFAULT_MAX_BUF_SIZE, MadeIn, begin_after, begin_write, in_a_turn,
};
use crate::task::JoinHandle;

/// A file of a run.
pub(super) struct RunFile {
    handle: Arc<Handle>,
    pub(super) made_in: MadeIn,
    pub(super) max_buf_size: usize,
    progress: Mutex<Progress>,
}

/// How far the file is.
#[derive(Debug, Default)]
struct Progress {
    state: State,
    /// Invariant 3.
    failed_write: Option<io::ErrorKind>,
    position: u64,
}

#[derive(Debug)]
enum State {
    Idle(Buf),
    Busy(JoinHandle<(Done, Buf)>),
}

impl Default for State {
    fn default() -> Self {
        State::Idle(Buf::default())
    }
}

/// What an operation came to.
#[derive(Debug)]
enum Done {
    Read(io::Result<()>),
    Written(io::Result<()>),
    Sought(io::Result<u64>),
}

impl Progress {
    /// The buffer, if no operation is under way.
    fn idle(&mut self) -> Option<&mut Buf> {
        match &mut self.state {
            State::Idle(buf) => Some(buf),
            State::Busy(_) => None,
        }
    }

    /// Waits for the operation that is under way; none if there is none.
    fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Done>>> {
        let State::Busy(operation) = &mut self.state else {
            return Poll::Ready(Ok(None));
        };
        let ended = ready!(Pin::new(operation).poll(cx));
        self.state = State::default();
        let (done, buf) = ended?;
        self.state = State::Idle(buf);
        Poll::Ready(Ok(Some(done)))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(kind) = self.failed_write.take() {
            return Poll::Ready(Err(kind.into()));
        }
        Poll::Ready(match ready!(self.poll_done(cx))? {
            Some(Done::Written(written)) => written,
            _ => Ok(()),
        })
    }

    async fn complete(&mut self) {
        if let Err(error) = poll_fn(|cx| self.poll_flush(cx)).await {
            self.failed_write = Some(error.kind());
        }
    }

    /// Keeps the result of an operation that nobody who is here asked for.
    fn keep(&mut self, done: Done) {
        match done {
            Done::Written(Err(error)) => self.failed_write = Some(error.kind()),
            Done::Sought(Ok(position)) => self.position = position,
            _ => {}
        }
    }
}

/// Goes back over what was read and not taken.
fn go_back(file: &mut Used<'_>, unread: i64) -> io::Result<()> {
    match unread {
        0 => Ok(()),
        _ => file.seek(SeekFrom::Current(unread)).map(drop),
    }
}

impl RunFile {
    pub(super) fn new(handle: Handle, made_in: MadeIn) -> RunFile {
        RunFile {
            handle: Arc::new(handle),
            made_in,
            max_buf_size: DEFAULT_MAX_BUF_SIZE,
            progress: Mutex::default(),
        }
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Asks the system, whatever is under way.
    pub(super) async fn at_once<T: 'static>(
        &self,
        name: &'static str,
        ask: impl FnOnce(&Used<'_>) -> io::Result<T> + 'static,
    ) -> io::Result<T> {
        let (handle, made) = (Arc::clone(&self.handle), self.handle.made());
        in_a_turn(name, move || ask(&Used(&handle, made))).await
    }

    /// Asks the system after what is under way.
    pub(super) async fn after_all<T: 'static>(
        &self,
        name: &'static str,
        ask: impl FnOnce(&Used<'_>) -> io::Result<T> + 'static,
    ) -> io::Result<T> {
        let mut progress = self.progress.lock().await;
        progress.complete().await;
        self.at_once(name, ask).await
    }

    pub(super) async fn set_len(&self, size: u64) -> io::Result<()> {
        let mut progress = self.progress.lock().await;
        progress.complete().await;
        let mut buf = progress.idle().map(std::mem::take).unwrap_or_default();
        let unread = buf.discard();
        let (handle, made) = (Arc::clone(&self.handle), self.handle.made());
        progress.state = State::Busy(begin_after(handle.takes(), "File::set_len", move || {
            let file = &mut Used(&handle, made);
            let set = go_back(file, unread).and_then(|()| file.set_len(size));
            // As tokio does: the position counts from the start, if it is asked for without a seek.
            (Done::Sought(set.map(|()| 0)), buf)
        }));
        if let Some(Done::Sought(set)) = poll_fn(|cx| progress.poll_done(cx)).await? {
            progress.position = set?;
        }
        Ok(())
    }

    pub(super) async fn try_clone(&self) -> io::Result<RunFile> {
        self.progress.lock().await.complete().await;
        let handle = self.at_once("File::try_clone", |file| file.0.try_clone());
        let mut clone = RunFile::new(handle.await?, self.made_in);
        clone.max_buf_size = self.max_buf_size;
        Ok(clone)
    }

    pub(super) async fn complete(&mut self) {
        self.progress.get_mut().complete().await;
    }

    pub(super) fn try_into_handle(self) -> Result<Handle, RunFile> {
        Arc::try_unwrap(self.handle).map_err(|handle| RunFile { handle, ..self })
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let progress = self.progress.get_mut();
        loop {
            if let Some(buf) = progress.idle() {
                if !buf.is_empty() || room.remaining() == 0 {
                    buf.copy_to(room);
                    return Poll::Ready(Ok(()));
                }
                let mut buf = std::mem::take(buf);
                let handle = Arc::clone(&self.handle);
                let most = room.remaining().min(self.max_buf_size);
                progress.state =
                    State::Busy(begin_after(handle.takes(), "File::read", move || {
                        let read = buf.read_from(&mut Used(&handle, None), most);
                        (Done::Read(read), buf)
                    }));
            }
            match ready!(progress.poll_done(cx))? {
                Some(Done::Read(read)) => {
                    if let Some(buf) = progress.idle() {
                        buf.copy_to(room);
                    }
                    return Poll::Ready(read);
                }
                other => other.into_iter().for_each(|done| progress.keep(done)),
            }
        }
    }

    pub(super) fn poll_write<'a>(
        &mut self,
        cx: &mut Context<'_>,
        parts: impl IntoIterator<Item = &'a [u8]>,
    ) -> Poll<io::Result<usize>> {
        let progress = self.progress.get_mut();
        if let Some(kind) = progress.failed_write.take() {
            return Poll::Ready(Err(kind.into()));
        }
        if let Some(Done::Written(written)) = ready!(progress.poll_done(cx))? {
            written?;
        }
        let mut buf = progress.idle().map(std::mem::take).unwrap_or_default();
        let unread = buf.discard();
        let count = buf.copy_from(parts, self.max_buf_size);
        let (handle, made) = (Arc::clone(&self.handle), self.handle.made());
        let write = begin_write(handle.takes(), "File::write", move || {
            let file = &mut Used(&handle, made);
            let written = go_back(file, unread).and_then(|()| buf.write_to(file));
            (Done::Written(written), buf)
        });
        progress.state = State::Busy(write?);
        Poll::Ready(Ok(count))
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.progress.get_mut().poll_flush(cx)
    }

    pub(super) fn start_seek(&mut self, to: SeekFrom) -> io::Result<()> {
        let progress = self.progress.get_mut();
        let Some(buf) = progress.idle() else {
            return Err(io::Error::other(
                "other file operation is pending, call poll_complete before start_seek",
            ));
        };
        let mut buf = std::mem::take(buf);
        let unread = buf.discard();
        // What was read and not taken counts only where the new position counts from this one.
        let (back, to) = match to {
            SeekFrom::Current(by) => match by.checked_add(unread) {
                Some(by) => (0, SeekFrom::Current(by)),
                None => (unread, to),
            },
            _ => (0, to),
        };
        let handle = Arc::clone(&self.handle);
        progress.state = State::Busy(begin_after(None, "File::seek", move || {
            let file = &mut Used(&handle, None);
            let sought = go_back(file, back).and_then(|()| file.seek(to));
            (Done::Sought(sought), buf)
        }));
        Ok(())
    }

    pub(super) fn poll_complete(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let progress = self.progress.get_mut();
        loop {
            match ready!(progress.poll_done(cx))? {
                None => return Poll::Ready(Ok(progress.position)),
                Some(Done::Sought(sought)) => {
                    if let Ok(position) = sought {
                        progress.position = position;
                    }
                    return Poll::Ready(sought);
                }
                Some(other) => progress.keep(other),
            }
        }
    }
}
