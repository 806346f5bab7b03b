//! `File`: tokio's own, or a file of a run.

mod handle;
mod in_run;
mod system;

use std::fs::{File as StdFile, Metadata, Permissions};
use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

use self::handle::{Handle, Used};
use self::in_run::RunFile;
use super::memory::MemoryFile;
use crate::sim::blocking::{MadeIn, assert_outside};

/// An open file.
///
/// Inside a run each operation takes a turn of its own, with no virtual time in it. What is read and written is
/// buffered as tokio does: a write is handed over in the call, and [`flush`](tokio::io::AsyncWriteExt::flush) waits for
/// it. One that was handed over is made, also if the run ends before its turn.
///
/// # Panics
///
/// If it is used inside a run and was opened outside of it, or the other way round.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::fs::File;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// let path = std::env::temp_dir().join("deadheat-file-example");
/// let run = deadheat::run(&deadheat::Config::new(), move || {
///     let path = path.clone();
///     async move {
///         let mut file = File::create(&path).await.unwrap();
///         file.write_all(b"text").await.unwrap();
///         file.flush().await.unwrap();
///         let mut text = String::new();
///         File::open(&path).await.unwrap().read_to_string(&mut text).await.unwrap();
///         assert_eq!(text, "text");
///         tokio::fs::remove_file(&path).await.unwrap();
///     }
/// });
/// run.unwrap();
/// ```
pub struct File(Inner);

enum Inner {
    Tokio(tokio::fs::File),
    Run(Box<RunFile>),
}

impl Inner {
    /// The file, which may be used here.
    #[track_caller]
    fn here(&self) -> &Inner {
        match self {
            Inner::Tokio(_) => assert_outside(),
            Inner::Run(file) => file.made_in.assert_here(),
        }
        self
    }

    #[track_caller]
    fn here_mut(&mut self) -> &mut Inner {
        self.here();
        self
    }
}

impl File {
    /// Takes a file of the standard library's: inside a run it belongs to the run.
    pub fn from_std(std: StdFile) -> File {
        File(match MadeIn::here() {
            Some(made_in) => Inner::Run(Box::new(RunFile::new(Handle::System(std), made_in))),
            None => Inner::Tokio(tokio::fs::File::from_std(std)),
        })
    }

    /// Takes a file in memory. Inside a run only.
    #[track_caller]
    pub(super) fn in_memory(file: MemoryFile) -> File {
        let made_in = MadeIn::here().expect("it was opened in a run");
        let file = RunFile::new(Handle::Memory(file), made_in);
        File(Inner::Run(Box::new(file)))
    }

    pub(super) fn of_tokio(file: tokio::fs::File) -> File {
        File(Inner::Tokio(file))
    }

    /// Waits until the system says that all of the file is on the disk.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn sync_all(&self) -> io::Result<()> {
        match self.0.here() {
            Inner::Tokio(file) => file.sync_all().await,
            Inner::Run(file) => {
                file.after_all("File::sync_all", |file| file.sync_all())
                    .await
            }
        }
    }

    /// Waits until the system says that what is in the file is on the disk.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn sync_data(&self) -> io::Result<()> {
        match self.0.here() {
            Inner::Tokio(file) => file.sync_data().await,
            Inner::Run(file) => {
                file.after_all("File::sync_data", |file| file.sync_data())
                    .await
            }
        }
    }

    /// Cuts the file off, or fills it up with zeros.
    ///
    /// # Errors
    ///
    /// The system's, as for a file that was not opened to be written.
    pub async fn set_len(&self, size: u64) -> io::Result<()> {
        match self.0.here() {
            Inner::Tokio(file) => file.set_len(size).await,
            Inner::Run(file) => file.set_len(size).await,
        }
    }

    /// What the system says of the file.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        match self.0.here() {
            Inner::Tokio(file) => file.metadata().await,
            Inner::Run(file) => {
                file.at_once("File::metadata", |file| file.0.metadata())
                    .await
            }
        }
    }

    /// The same open file once more: both have one position.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn try_clone(&self) -> io::Result<File> {
        Ok(File(match self.0.here() {
            Inner::Tokio(file) => Inner::Tokio(file.try_clone().await?),
            Inner::Run(file) => Inner::Run(Box::new(file.try_clone().await?)),
        }))
    }

    /// The file of the standard library's, once all operations are done.
    pub async fn into_std(mut self) -> StdFile {
        self.0.here();
        match self.0 {
            Inner::Tokio(file) => file.into_std().await,
            Inner::Run(ref mut file) => {
                file.handle().assert_of_the_system();
                file.complete().await;
                let std = self.try_into_std();
                std.expect("no operation has it any more")
            }
        }
    }

    /// The file of the standard library's.
    ///
    /// # Errors
    ///
    /// This file, if an operation is under way.
    pub fn try_into_std(self) -> Result<StdFile, Self> {
        match self.0 {
            Inner::Tokio(file) => file.try_into_std().map_err(File::of_tokio),
            Inner::Run(file) => match file.try_into_handle() {
                Ok(handle) => Ok(handle.into_system()),
                Err(file) => Err(File(Inner::Run(Box::new(file)))),
            },
        }
    }

    /// Says who may do what with the file.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn set_permissions(&self, perm: Permissions) -> io::Result<()> {
        match self.0.here() {
            Inner::Tokio(file) => file.set_permissions(perm).await,
            Inner::Run(file) => {
                file.handle().assert_of_the_system();
                let set = move |file: &Used<'_>| file.0.system().set_permissions(perm);
                file.at_once("File::set_permissions", set).await
            }
        }
    }

    /// Says when the file was read and changed.
    ///
    /// # Errors
    ///
    /// The system's.
    #[cfg(tokio_since_1_54)]
    pub async fn set_times(&self, times: super::FileTimes) -> io::Result<()> {
        match self.0.here() {
            Inner::Tokio(file) => file.set_times(times.of_tokio()).await,
            Inner::Run(file) => {
                file.handle().assert_of_the_system();
                let set = move |file: &Used<'_>| file.0.system().set_times(times.of_std());
                file.after_all("File::set_times", set).await
            }
        }
    }

    /// Says when the file was changed.
    ///
    /// # Errors
    ///
    /// The system's.
    #[cfg(tokio_since_1_54)]
    pub async fn set_modified(&self, time: std::time::SystemTime) -> io::Result<()> {
        let times = super::FileTimes::new().set_modified(time);
        self.set_times(times).await
    }

    /// Says how much is read or written in one operation at most: 2 MiB by itself.
    ///
    /// # Panics
    ///
    /// If that is nothing.
    #[track_caller]
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(max_buf_size > 0, "`max_buf_size` must be greater than 0");
        match &mut self.0 {
            Inner::Tokio(file) => file.set_max_buf_size(max_buf_size),
            Inner::Run(file) => file.max_buf_size = max_buf_size,
        }
    }

    /// How much is read or written in one operation at most.
    pub fn max_buf_size(&self) -> usize {
        match &self.0 {
            Inner::Tokio(file) => file.max_buf_size(),
            Inner::Run(file) => file.max_buf_size,
        }
    }
}

impl AsyncRead for File {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        dst: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut().0.here_mut() {
            Inner::Tokio(file) => Pin::new(file).poll_read(cx, dst),
            Inner::Run(file) => file.poll_read(cx, dst),
        }
    }
}

impl AsyncSeek for File {
    fn start_seek(self: Pin<&mut Self>, pos: SeekFrom) -> io::Result<()> {
        match self.get_mut().0.here_mut() {
            Inner::Tokio(file) => Pin::new(file).start_seek(pos),
            Inner::Run(file) => file.start_seek(pos),
        }
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        match self.get_mut().0.here_mut() {
            Inner::Tokio(file) => Pin::new(file).poll_complete(cx),
            Inner::Run(file) => file.poll_complete(cx),
        }
    }
}

impl AsyncWrite for File {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut().0.here_mut() {
            Inner::Tokio(file) => Pin::new(file).poll_write(cx, src),
            Inner::Run(file) => file.poll_write(cx, [src]),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut().0.here_mut() {
            Inner::Tokio(file) => Pin::new(file).poll_write_vectored(cx, bufs),
            Inner::Run(file) => file.poll_write(cx, bufs.iter().map(|part| &**part)),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut().0.here_mut() {
            Inner::Tokio(file) => Pin::new(file).poll_flush(cx),
            Inner::Run(file) => file.poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}
