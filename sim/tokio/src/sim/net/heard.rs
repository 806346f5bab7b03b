//! What tokio takes a socket for, until it is told otherwise: readable, or not.
//!
//! tokio keeps that a socket is readable from when the system says so until a read finds nothing. So a socket may be called
//! readable that is not, and a call that does not wait says `WouldBlock`. A program that takes this for an error is wrong,
//! and is so in a run as well.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use deadheat::net::kernel::{Net, Readiness, SocketId};
use tokio::io::{Interest, Ready};

/// Whether a socket is taken for readable.
#[derive(Debug, Default)]
pub(super) struct Heard(AtomicBool);

impl Heard {
    /// A stream that was accepted is taken for readable until it was asked.
    pub(super) fn assumed() -> Heard {
        Heard(AtomicBool::new(true))
    }

    /// What is set on a socket has it, or is it.
    pub(super) fn heard(&self) -> &Heard {
        self
    }

    pub(super) fn is_so(&self) -> bool {
        self.0.load(Relaxed)
    }

    pub(super) fn forget(&self) {
        self.0.store(false, Relaxed);
    }

    /// The system says for what it is ready.
    pub(super) fn is_ready(&self, readiness: Readiness) {
        if readiness.readable {
            self.0.store(true, Relaxed);
        }
    }

    /// What of an interest it is taken for.
    pub(super) fn of_interest(&self, interest: Interest) -> Ready {
        match interest.is_readable() && self.is_so() {
            true => Ready::READABLE,
            false => Ready::EMPTY,
        }
    }

    /// What a read came to, which may have found nothing.
    pub(super) fn noted<R>(&self, result: io::Result<R>) -> io::Result<R> {
        match &result {
            Ok(_) => self.0.store(true, Relaxed),
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.forget(),
            Err(_) => {}
        }
        result
    }

    /// Takes a datagram. A socket that is not taken for readable is not asked before there is one: so an error alone is
    /// not told, as with tokio on Linux.
    pub(super) fn take<R>(
        &self,
        net: &mut Net,
        id: SocketId,
        call: impl FnOnce(&mut Net, SocketId) -> io::Result<R>,
    ) -> io::Result<R> {
        if !self.is_so() && !net.readiness(id)?.readable {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.noted(call(net, id))
    }
}
