//! A file of a run: tokio's `File` of version 1.54, with a turn of the run in the place of its threads.
//!
//! 1. At most one operation is under way, and whoever comes next waits for it first.
//! 2. An operation has the buffer while it is under way, and brings it back.
//! 3. A write that fails is told by the next write or flush, whoever noticed.

use std::fs::File as StdFile;
use std::future::{Future, poll_fn};
use std::io::{self, Seek, SeekFrom};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;
use tokio::sync::Mutex;

use crate::sim::blocking::{Buf, DEFAULT_MAX_BUF_SIZE, MadeIn, begin, begin_write, in_a_turn};
use crate::task::JoinHandle;

/// A file of a run.
pub(super) struct RunFile {
    std: Arc<StdFile>,
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
fn go_back(std: &StdFile, unread: i64) -> io::Result<()> {
    match unread {
        0 => Ok(()),
        _ => (&*std).seek(SeekFrom::Current(unread)).map(drop),
    }
}

impl RunFile {
    pub(super) fn new(std: StdFile, made_in: MadeIn) -> RunFile {
        RunFile {
            std: Arc::new(std),
            made_in,
            max_buf_size: DEFAULT_MAX_BUF_SIZE,
            progress: Mutex::default(),
        }
    }

    pub(super) fn std(&self) -> &StdFile {
        &self.std
    }

    /// Asks the system, whatever is under way.
    pub(super) async fn at_once<T: 'static>(
        &self,
        name: &'static str,
        ask: impl FnOnce(&StdFile) -> io::Result<T> + 'static,
    ) -> io::Result<T> {
        let std = Arc::clone(&self.std);
        in_a_turn(name, move || ask(&std)).await
    }

    /// Asks the system after what is under way.
    pub(super) async fn after_all<T: 'static>(
        &self,
        name: &'static str,
        ask: impl FnOnce(&StdFile) -> io::Result<T> + 'static,
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
        let std = Arc::clone(&self.std);
        progress.state = State::Busy(begin("File::set_len", move || {
            let set = go_back(&std, unread).and_then(|()| std.set_len(size));
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
        let std = self.at_once("File::try_clone", StdFile::try_clone).await?;
        let mut clone = RunFile::new(std, self.made_in);
        clone.max_buf_size = self.max_buf_size;
        Ok(clone)
    }

    pub(super) async fn complete(&mut self) {
        self.progress.get_mut().complete().await;
    }

    pub(super) fn try_into_std(self) -> Result<StdFile, RunFile> {
        Arc::try_unwrap(self.std).map_err(|std| RunFile { std, ..self })
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
                let std = Arc::clone(&self.std);
                let most = room.remaining().min(self.max_buf_size);
                progress.state = State::Busy(begin("File::read", move || {
                    let read = buf.read_from(&mut &*std, most);
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
        let std = Arc::clone(&self.std);
        progress.state = State::Busy(begin_write("File::write", move || {
            let written = go_back(&std, unread).and_then(|()| buf.write_to(&mut &*std));
            (Done::Written(written), buf)
        })?);
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
        let std = Arc::clone(&self.std);
        progress.state = State::Busy(begin("File::seek", move || {
            let sought = go_back(&std, back).and_then(|()| (&*std).seek(to));
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
