//! What a call on a disk fails with.

use std::fmt;
use std::io;

/// What a call on a disk fails with, by what POSIX calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing by this name.
    NotFound,
    /// There is something by this name.
    AlreadyExists,
    /// A part of the path is a file.
    NotADirectory,
    /// It is a folder.
    IsADirectory,
    /// There is something in the folder.
    DirectoryNotEmpty,
    /// The disk is full.
    StorageFull,
    /// What was asked for makes no sense.
    InvalidInput,
}

impl Error {
    /// Its number on Linux.
    pub fn number(self) -> i32 {
        match self {
            Error::NotFound => 2,
            Error::AlreadyExists => 17,
            Error::NotADirectory => 20,
            Error::IsADirectory => 21,
            Error::InvalidInput => 22,
            Error::StorageFull => 28,
            Error::DirectoryNotEmpty => 39,
        }
    }

    /// Its kind, as the standard library has it.
    pub fn kind(self) -> io::ErrorKind {
        match self {
            Error::NotFound => io::ErrorKind::NotFound,
            Error::AlreadyExists => io::ErrorKind::AlreadyExists,
            Error::NotADirectory => io::ErrorKind::NotADirectory,
            Error::IsADirectory => io::ErrorKind::IsADirectory,
            Error::DirectoryNotEmpty => io::ErrorKind::DirectoryNotEmpty,
            Error::StorageFull => io::ErrorKind::StorageFull,
            Error::InvalidInput => io::ErrorKind::InvalidInput,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        match cfg!(target_os = "linux") {
            true => io::Error::from_raw_os_error(error.number()),
            false => error.kind().into(),
        }
    }
}
