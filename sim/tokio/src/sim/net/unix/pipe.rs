//! `tokio::net::unix::pipe`: tokio's own, and refused inside of a run.

use std::io::{self, ErrorKind};
use std::path::Path;

pub use tokio::net::unix::pipe::{Receiver, Sender};

use crate::sim::budget::in_run;

/// Why there is no pipe.
const REFUSED: &str = "a deadheat run has no pipes of the system: take tokio::net::UnixStream::pair or tokio::io::simplex \
     in the place of tokio::net::unix::pipe";

fn refused<T>() -> io::Result<T> {
    Err(io::Error::new(ErrorKind::Unsupported, REFUSED))
}

/// The two ends of a new pipe.
///
/// # Errors
///
/// As tokio's; inside of a run always, with advice.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let error = tokio::net::unix::pipe::pipe().unwrap_err();
///     assert!(error.to_string().contains("UnixStream::pair"));
/// });
/// run.unwrap();
/// ```
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    match in_run() {
        true => refused(),
        false => tokio::net::unix::pipe::pipe(),
    }
}

/// How a pipe with a name is opened.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions(tokio::net::unix::pipe::OpenOptions);

impl OpenOptions {
    /// To begin with: it is opened for one direction, and it has to be a pipe.
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }

    /// Whether it is opened for both directions, so that it may be opened before its other end.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn read_write(&mut self, value: bool) -> &mut Self {
        self.0.read_write(value);
        self
    }

    /// Whether it is not looked at if it is a pipe.
    pub fn unchecked(&mut self, value: bool) -> &mut Self {
        self.0.unchecked(value);
        self
    }

    /// The end that reads.
    ///
    /// # Errors
    ///
    /// As tokio's; inside of a run always, with advice.
    pub fn open_receiver<P: AsRef<Path>>(&self, path: P) -> io::Result<Receiver> {
        match in_run() {
            true => refused(),
            false => self.0.open_receiver(path),
        }
    }

    /// The end that writes.
    ///
    /// # Errors
    ///
    /// As tokio's; inside of a run always, with advice.
    pub fn open_sender<P: AsRef<Path>>(&self, path: P) -> io::Result<Sender> {
        match in_run() {
            true => refused(),
            false => self.0.open_sender(path),
        }
    }
}
