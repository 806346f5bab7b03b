//! What hangs on the descriptor of a socket of the system, which a stream of a run does not have.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use super::listener::{self, TcpListener};
use super::stream::{self, TcpStream};
use crate::sim::net::flow::NOT_OF_THE_SYSTEM;

impl AsRawFd for TcpStream {
    fn as_raw_fd(&self) -> RawFd {
        match &self.inner {
            stream::Inner::Tokio(stream) => stream.as_raw_fd(),
            stream::Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
        }
    }
}

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.inner {
            stream::Inner::Tokio(stream) => stream.as_fd(),
            stream::Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
        }
    }
}

impl AsRawFd for TcpListener {
    fn as_raw_fd(&self) -> RawFd {
        match &self.inner {
            listener::Inner::Tokio(listener) => listener.as_raw_fd(),
            listener::Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
        }
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.inner {
            listener::Inner::Tokio(listener) => listener.as_fd(),
            listener::Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
        }
    }
}
