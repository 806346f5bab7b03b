//! Who a process is.

use std::io;

use tokio::net::unix::{gid_t, pid_t, uid_t};

/// Who the process at the other end is. Inside of a run it is this one.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::net::UnixStream;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let (one, _other) = UnixStream::pair().unwrap();
///     let pid = one.peer_cred().unwrap().pid();
///     assert_eq!(pid.map(|pid| pid as u32), Some(std::process::id()));
/// });
/// run.unwrap();
/// ```
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct UCred {
    pid: Option<pid_t>,
    uid: uid_t,
    gid: gid_t,
}

impl UCred {
    pub(super) fn of_tokio(cred: tokio::net::unix::UCred) -> UCred {
        UCred {
            pid: cred.pid(),
            uid: cred.uid(),
            gid: cred.gid(),
        }
    }

    /// That of this process.
    #[cfg(target_os = "linux")]
    pub(super) fn own() -> io::Result<UCred> {
        use std::os::unix::fs::MetadataExt;
        let process = std::fs::metadata("/proc/self")?;
        Ok(UCred {
            pid: pid_t::try_from(std::process::id()).ok(),
            uid: process.uid(),
            gid: process.gid(),
        })
    }

    /// That of this process, which only Linux tells without a call to C.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn own() -> io::Result<UCred> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "who the process is cannot be asked in a deadheat run, but on Linux",
        ))
    }

    /// The number of its user.
    pub fn uid(&self) -> uid_t {
        self.uid
    }

    /// The number of its group.
    pub fn gid(&self) -> gid_t {
        self.gid
    }

    /// The number of the process, where the system tells it.
    pub fn pid(&self) -> Option<pid_t> {
        self.pid
    }
}
