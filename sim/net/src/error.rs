//! The errors of Linux that sockets answer with.
//!
//! On Linux an error has its number, so that its kind and its text are the system's own. Elsewhere the numbers mean
//! something else, and an error has its kind alone.

use std::io;

/// What a call on a socket fails with, by Linux's names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Errno {
    NotPermitted,
    NoEntry,
    BadDescriptor,
    WouldBlock,
    AccessDenied,
    Invalid,
    BrokenPipe,
    NoDestination,
    MessageTooLong,
    NotSupported,
    WrongFamily,
    AddressInUse,
    AddressNotAvailable,
    NetUnreachable,
    Reset,
    Connected,
    NotConnected,
    TimedOut,
    Refused,
    HostUnreachable,
    Already,
    WrongType,
}

impl Errno {
    const fn number_and_kind(self) -> (i32, io::ErrorKind) {
        use io::ErrorKind;
        match self {
            Errno::NotPermitted => (1, ErrorKind::PermissionDenied),
            Errno::NoEntry => (2, ErrorKind::NotFound),
            Errno::BadDescriptor => (9, ErrorKind::Other),
            Errno::WouldBlock => (11, ErrorKind::WouldBlock),
            Errno::AccessDenied => (13, ErrorKind::PermissionDenied),
            Errno::Invalid => (22, ErrorKind::InvalidInput),
            Errno::BrokenPipe => (32, ErrorKind::BrokenPipe),
            Errno::NoDestination => (89, ErrorKind::Other),
            Errno::MessageTooLong => (90, ErrorKind::Other),
            Errno::WrongType => (91, ErrorKind::Other),
            Errno::NotSupported => (95, ErrorKind::Unsupported),
            Errno::WrongFamily => (97, ErrorKind::Other),
            Errno::AddressInUse => (98, ErrorKind::AddrInUse),
            Errno::AddressNotAvailable => (99, ErrorKind::AddrNotAvailable),
            Errno::NetUnreachable => (101, ErrorKind::NetworkUnreachable),
            Errno::Reset => (104, ErrorKind::ConnectionReset),
            Errno::Connected => (106, ErrorKind::Other),
            Errno::NotConnected => (107, ErrorKind::NotConnected),
            Errno::TimedOut => (110, ErrorKind::TimedOut),
            Errno::Refused => (111, ErrorKind::ConnectionRefused),
            Errno::HostUnreachable => (113, ErrorKind::HostUnreachable),
            Errno::Already => (114, ErrorKind::Other),
        }
    }

    pub(crate) fn error(self) -> io::Error {
        let (number, kind) = self.number_and_kind();
        if cfg!(target_os = "linux") {
            io::Error::from_raw_os_error(number)
        } else {
            kind.into()
        }
    }

    pub(crate) fn fail<T>(self) -> io::Result<T> {
        Err(self.error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: [Errno; 13] = [
        Errno::NotPermitted,
        Errno::NoEntry,
        Errno::WouldBlock,
        Errno::Invalid,
        Errno::BrokenPipe,
        Errno::AddressInUse,
        Errno::AddressNotAvailable,
        Errno::NetUnreachable,
        Errno::Reset,
        Errno::NotConnected,
        Errno::TimedOut,
        Errno::Refused,
        Errno::HostUnreachable,
    ];

    #[cfg(target_os = "linux")]
    #[test]
    fn a_number_has_the_kind_that_the_system_gives_it() {
        for errno in NAMED {
            assert_eq!(errno.error().kind(), errno.number_and_kind().1, "{errno:?}");
        }
    }
}
