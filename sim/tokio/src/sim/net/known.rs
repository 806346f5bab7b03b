//! What tokio takes a socket for, until it is told otherwise: readable, writable, or neither.
//!
//! tokio keeps that a socket is ready from when the system says so until a read finds nothing, or a write no room. So a
//! socket may be called ready that is not, and a call that does not wait says `WouldBlock`. A program that takes this for
//! an error is wrong, and is so in a run as well.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use deadheat::net::Direction;
use deadheat::net::kernel::{Net, Readiness, SocketId};
use tokio::io::{Interest, Ready};

/// What a socket is taken for.
#[derive(Debug, Default)]
pub(super) struct Known {
    readable: AtomicBool,
    writable: AtomicBool,
}

impl Known {
    /// A stream that was accepted is taken for ready until it was asked.
    pub(super) fn assumed() -> Known {
        Known {
            readable: AtomicBool::new(true),
            writable: AtomicBool::new(true),
        }
    }

    /// What is set on a socket has it, or is it.
    pub(super) fn known(&self) -> &Known {
        self
    }

    fn of(&self, direction: Direction) -> &AtomicBool {
        match direction {
            Direction::Read => &self.readable,
            Direction::Write => &self.writable,
        }
    }

    pub(super) fn is_so(&self, direction: Direction) -> bool {
        self.of(direction).load(Relaxed)
    }

    pub(super) fn forget(&self, direction: Direction) {
        self.of(direction).store(false, Relaxed);
    }

    /// The system says for what it is ready.
    pub(super) fn is_ready(&self, readiness: Readiness) {
        let Readiness {
            readable, writable, ..
        } = readiness;
        for (is_so, direction) in [(readable, Direction::Read), (writable, Direction::Write)] {
            if is_so {
                self.of(direction).store(true, Relaxed);
            }
        }
    }

    /// What of an interest it is taken for.
    pub(super) fn of_interest(&self, interest: Interest) -> Ready {
        let mut ready = Ready::EMPTY;
        if interest.is_readable() && self.is_so(Direction::Read) {
            ready |= Ready::READABLE;
        }
        if interest.is_writable() && self.is_so(Direction::Write) {
            ready |= Ready::WRITABLE;
        }
        ready
    }

    /// What a call came to, which may have found nothing, or no room.
    pub(super) fn noted<R>(&self, direction: Direction, result: io::Result<R>) -> io::Result<R> {
        match &result {
            Ok(_) => self.of(direction).store(true, Relaxed),
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.forget(direction),
            Err(_) => {}
        }
        result
    }

    /// Takes a datagram. A socket that is not taken for readable is not asked before there is one; or an error, for a call
    /// of tokio's that waits for errors, too.
    pub(super) fn take<R>(
        &self,
        net: &mut Net,
        id: SocketId,
        errors: bool,
        call: impl FnOnce(&mut Net, SocketId) -> io::Result<R>,
    ) -> io::Result<R> {
        let ready = net.readiness(id)?;
        let is_asked = self.is_so(Direction::Read) || ready.readable || errors && ready.error;
        if !is_asked {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.noted(Direction::Read, call(net, id))
    }
}
