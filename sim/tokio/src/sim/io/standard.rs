//! `stdin`, `stdout` and `stderr`: tokio's own, or streams of a run.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::stream::Stream;
use crate::sim::blocking::{MadeIn, assert_outside};

#[derive(Debug)]
enum Inner<T> {
    Tokio(T),
    Run(Stream),
}

impl<T> Inner<T> {
    fn new(name: &'static str, of_tokio: fn() -> T) -> Inner<T> {
        match MadeIn::here() {
            Some(made_in) => Inner::Run(Stream::new(name, made_in)),
            None => Inner::Tokio(of_tokio()),
        }
    }

    /// The stream, which may be used here.
    #[track_caller]
    fn here(&mut self) -> &mut Inner<T> {
        match self {
            Inner::Tokio(_) => assert_outside(),
            Inner::Run(stream) => stream.made_in.assert_here(),
        }
        self
    }
}

/// The process's standard input.
///
/// Inside a run it is read in a turn of its own, for which the whole run waits. A run is made often, and what was read is
/// gone: a test that is to be the same each time gives the code under test something else to read.
///
/// # Examples
///
/// ```no_run
/// use deadheat_tokio as tokio;
/// use tokio::io::AsyncReadExt;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let mut text = String::new();
///     tokio::io::stdin().read_to_string(&mut text).await.unwrap();
/// });
/// run.unwrap();
/// ```
pub fn stdin() -> Stdin {
    Stdin {
        inner: Inner::new("io::Stdin", tokio::io::stdin),
        std: io::stdin(),
    }
}

/// The stream of [`stdin`].
///
/// # Panics
///
/// If it is used inside a run and was made outside of it, or the other way round.
#[derive(Debug)]
pub struct Stdin {
    inner: Inner<tokio::io::Stdin>,
    std: io::Stdin,
}

impl AsyncRead for Stdin {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut().inner.here() {
            Inner::Tokio(stream) => Pin::new(stream).poll_read(cx, buf),
            Inner::Run(stream) => stream.poll_read(cx, buf, io::stdin),
        }
    }
}

/// The process's standard output.
///
/// Inside a run what is written goes out at once, in a turn of its own; what was handed over goes out also if the run
/// ends before that turn. A run is made often: so is its output.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::io::AsyncWriteExt;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     tokio::io::stdout().write_all(b"text\n").await.unwrap();
/// });
/// run.unwrap();
/// ```
pub fn stdout() -> Stdout {
    Stdout {
        inner: Inner::new("io::Stdout", tokio::io::stdout),
        std: io::stdout(),
    }
}

/// The stream of [`stdout`].
///
/// # Panics
///
/// If it is used inside a run and was made outside of it, or the other way round.
#[derive(Debug)]
pub struct Stdout {
    inner: Inner<tokio::io::Stdout>,
    std: io::Stdout,
}

/// The process's standard error output.
///
/// Inside a run what is written goes out at once, in a turn of its own; what was handed over goes out also if the run
/// ends before that turn. A run is made often: so is its output.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::io::AsyncWriteExt;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     tokio::io::stderr().write_all(b"text\n").await.unwrap();
/// });
/// run.unwrap();
/// ```
pub fn stderr() -> Stderr {
    Stderr {
        inner: Inner::new("io::Stderr", tokio::io::stderr),
        std: io::stderr(),
    }
}

/// The stream of [`stderr`].
///
/// # Panics
///
/// If it is used inside a run and was made outside of it, or the other way round.
#[derive(Debug)]
pub struct Stderr {
    inner: Inner<tokio::io::Stderr>,
    std: io::Stderr,
}

/// What is written to a stream goes to the one of the standard library.
macro_rules! output {
    ($($output:ty, $to:path;)*) => {$(
        impl AsyncWrite for $output {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                match self.get_mut().inner.here() {
                    Inner::Tokio(stream) => Pin::new(stream).poll_write(cx, buf),
                    Inner::Run(stream) => stream.poll_write(cx, buf, $to()),
                }
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                match self.get_mut().inner.here() {
                    Inner::Tokio(stream) => Pin::new(stream).poll_flush(cx),
                    Inner::Run(stream) => stream.poll_flush(cx, $to()),
                }
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                match self.get_mut().inner.here() {
                    Inner::Tokio(stream) => Pin::new(stream).poll_shutdown(cx),
                    // As tokio does: there is nothing to shut down.
                    Inner::Run(_) => Poll::Ready(Ok(())),
                }
            }
        }
    )*};
}

output! {
    Stdout, io::stdout;
    Stderr, io::stderr;
}

/// A stream by what the system calls it.
macro_rules! system {
    ($($stream:ident),*) => {$(
        #[cfg(unix)]
        impl std::os::fd::AsRawFd for $stream {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                self.std.as_raw_fd()
            }
        }

        #[cfg(unix)]
        impl std::os::fd::AsFd for $stream {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.std.as_fd()
            }
        }

        #[cfg(windows)]
        impl std::os::windows::io::AsRawHandle for $stream {
            fn as_raw_handle(&self) -> std::os::windows::io::RawHandle {
                self.std.as_raw_handle()
            }
        }

        #[cfg(windows)]
        impl std::os::windows::io::AsHandle for $stream {
            fn as_handle(&self) -> std::os::windows::io::BorrowedHandle<'_> {
                self.std.as_handle()
            }
        }
    )*};
}

system!(Stdin, Stdout, Stderr);
