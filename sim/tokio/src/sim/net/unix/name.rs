//! What Unix sockets of a run are called, by paths and by tokio's addresses.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr as OfStd;
use std::path::Path;

use deadheat::net::Socket;
use deadheat::net::kernel::{HostId, Net, UnixName};
use tokio::net::unix::SocketAddr;

/// What is said of a path that a host has.
const IN_USE: &str = "Address already in use: a Unix socket of this deadheat run was bound to the path; one that was closed \
     leaves it, until tokio::fs::remove_file removes it (std::fs::remove_file does not reach it)";

/// The name that a path stands for. One that begins with a zero byte is abstract.
///
/// # Errors
///
/// `InvalidInput` if the path is too long, empty, or has a zero byte.
pub(super) fn named(path: &Path) -> io::Result<UnixName> {
    match path.as_os_str().as_bytes() {
        #[cfg(target_os = "linux")]
        [0, name @ ..] => {
            use std::os::linux::net::SocketAddrExt;
            name_of(&OfStd::from_abstract_name(name)?)
        }
        _ => pathname(path),
    }
}

/// The name that a path stands for, which is never abstract.
///
/// # Errors
///
/// Those of [`named`].
pub(super) fn pathname(path: &Path) -> io::Result<UnixName> {
    name_of(&OfStd::from_pathname(path)?)
}

/// The name of an address.
///
/// # Errors
///
/// `InvalidInput` if it has none.
pub(super) fn name_of(address: &OfStd) -> io::Result<UnixName> {
    if let Some(path) = address.as_pathname() {
        return Ok(UnixName::path(path));
    }
    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt;
        if let Some(name) = address.as_abstract_name() {
            return Ok(UnixName::Abstract(name.to_vec()));
        }
    }
    Err(io::Error::new(
        ErrorKind::InvalidInput,
        "a Unix socket of a deadheat run is bound to a name and connects to one",
    ))
}

/// A name as an address, also that of a socket without one.
///
/// # Errors
///
/// If the system could not have such a name.
pub(super) fn shown(name: Option<UnixName>) -> io::Result<SocketAddr> {
    let address = match name {
        Some(UnixName::Path(path)) => OfStd::from_pathname(path)?,
        #[cfg(target_os = "linux")]
        Some(UnixName::Abstract(name)) => {
            use std::os::linux::net::SocketAddrExt;
            OfStd::from_abstract_name(name)?
        }
        _ => OfStd::from_pathname(OsStr::new(""))?,
    };
    Ok(address.into())
}

/// Opens a socket that is bound to a name, and says what is to be done if it is taken.
///
/// # Errors
///
/// What `bind` fails with.
#[track_caller]
pub(super) fn bound(
    name: &UnixName,
    bind: impl FnOnce(&mut Net, HostId) -> io::Result<deadheat::net::kernel::SocketId>,
) -> io::Result<Socket> {
    Socket::open(bind).map_err(|error| with_advice(name, error))
}

/// The error of a bind, with what is to be done if the path is taken.
pub(super) fn with_advice(name: &UnixName, error: io::Error) -> io::Error {
    match (error.kind(), name) {
        (ErrorKind::AddrInUse, UnixName::Path(_)) => io::Error::new(ErrorKind::AddrInUse, IN_USE),
        _ => error,
    }
}

/// Removes the name that a Unix socket of this host was bound to. Whether there was one.
#[cfg(feature = "fs")]
#[track_caller]
pub(crate) fn removed(path: &Path) -> bool {
    Socket::ask(|net, host| net.unix_remove(host, &UnixName::path(path))).is_ok()
}
