//! A file as the system knows it: its descriptor or handle, and what it is made of.

use std::fmt;
use std::fs::File as StdFile;

use super::{File, Inner};

impl From<StdFile> for File {
    fn from(std: StdFile) -> Self {
        Self::from_std(std)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Tokio(file) => file.fmt(f),
            Inner::Run(file) => f
                .debug_struct("tokio::fs::File")
                .field("std", file.handle())
                .finish(),
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

    use super::{File, Inner, StdFile};

    impl From<OwnedFd> for File {
        fn from(fd: OwnedFd) -> Self {
            Self::from_std(StdFile::from(fd))
        }
    }

    impl AsRawFd for File {
        fn as_raw_fd(&self) -> RawFd {
            self.as_fd().as_raw_fd()
        }
    }

    impl AsFd for File {
        fn as_fd(&self) -> BorrowedFd<'_> {
            match &self.0 {
                Inner::Tokio(file) => file.as_fd(),
                Inner::Run(file) => file.handle().system().as_fd(),
            }
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, OwnedHandle, RawHandle};

    use super::{File, Inner, StdFile};

    impl From<OwnedHandle> for File {
        fn from(handle: OwnedHandle) -> Self {
            Self::from_std(StdFile::from(handle))
        }
    }

    impl AsRawHandle for File {
        fn as_raw_handle(&self) -> RawHandle {
            self.as_handle().as_raw_handle()
        }
    }

    impl AsHandle for File {
        fn as_handle(&self) -> BorrowedHandle<'_> {
            match &self.0 {
                Inner::Tokio(file) => file.as_handle(),
                Inner::Run(file) => file.handle().system().as_handle(),
            }
        }
    }
}
