//! What the halves of a stream do with it, which they share.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;

use super::stream::{Inner, TcpStream};
use crate::sim::net::flow::{self, outside};

impl TcpStream {
    pub(super) fn poll_read_shared(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = match &self.inner {
            Inner::Run(socket, _) => return flow::poll_read(socket, cx, buf),
            Inner::Tokio(stream) => outside(stream),
        };
        loop {
            ready!(stream.poll_read_ready(cx))?;
            match stream.try_read(buf.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result.map(|read| buf.advance(read))),
            }
        }
    }

    pub(super) fn poll_write_shared(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let stream = match &self.inner {
            Inner::Run(socket, _) => return flow::poll_write_vectored(socket, cx, slices),
            Inner::Tokio(stream) => outside(stream),
        };
        loop {
            ready!(stream.poll_write_ready(cx))?;
            match stream.try_write_vectored(slices) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
    }

    pub(super) fn shut_for_writing(&self) -> io::Result<()> {
        match &self.inner {
            Inner::Run(socket, _) => flow::shut_for_writing(socket),
            Inner::Tokio(stream) => {
                let stream = of_std(outside(stream))?;
                match stream.shutdown(Shutdown::Write) {
                    Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
                    result => result,
                }
            }
        }
    }
}

/// Another handle of the same socket.
#[cfg(unix)]
fn of_std(stream: &tokio::net::TcpStream) -> io::Result<std::net::TcpStream> {
    use std::os::fd::AsFd;
    Ok(stream.as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn of_std(stream: &tokio::net::TcpStream) -> io::Result<std::net::TcpStream> {
    use std::os::windows::io::AsSocket;
    Ok(stream.as_socket().try_clone_to_owned()?.into())
}
