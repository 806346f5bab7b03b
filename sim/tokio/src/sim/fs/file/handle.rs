//! What an open file of a run is: one of the system's, or one in memory.

use std::fs::{File as StdFile, Metadata};
use std::io::{self, Read, Seek, SeekFrom, Write};

use deadheat::net::{Files, Made};
use deadheat::program::Latency;

use crate::sim::fs::memory::MemoryFile;
use crate::sim::fs::stand_in;

/// An open file of a run.
#[derive(Debug)]
pub(in crate::sim::fs) enum Handle {
    System(StdFile),
    Memory(MemoryFile),
}

/// An open file, and from where it is used.
#[derive(Debug)]
pub(super) struct Used<'a>(pub(super) &'a Handle, pub(super) Option<Made>);

impl Handle {
    /// How long an operation takes.
    pub(super) fn takes(&self) -> Option<Latency> {
        match self {
            Handle::System(_) => None,
            Handle::Memory(file) => file.files().takes(),
        }
    }

    /// From where it is used; none if nobody wants to know.
    #[track_caller]
    pub(super) fn made(&self) -> Option<Made> {
        match self {
            Handle::System(_) => None,
            Handle::Memory(_) => Some(Files::made()),
        }
    }

    /// The system's file.
    #[track_caller]
    pub(super) fn system(&self) -> &StdFile {
        match self {
            Handle::System(file) => file,
            Handle::Memory(_) => panic!("{NONE_OF_THE_SYSTEM}"),
        }
    }

    /// The system's file.
    #[track_caller]
    pub(super) fn into_system(self) -> StdFile {
        match self {
            Handle::System(file) => file,
            Handle::Memory(_) => panic!("{NONE_OF_THE_SYSTEM}"),
        }
    }

    /// Refuses what is not there for files in memory.
    #[track_caller]
    pub(super) fn assert_of_the_system(&self) {
        self.system();
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        match self {
            Handle::System(file) => file.metadata(),
            Handle::Memory(file) => {
                let (is_folder, length) = file.look()?;
                stand_in::metadata(is_folder, length)
            }
        }
    }

    pub(super) fn try_clone(&self) -> io::Result<Handle> {
        Ok(match self {
            Handle::System(file) => Handle::System(file.try_clone()?),
            Handle::Memory(file) => Handle::Memory(file.clone()),
        })
    }
}

const NONE_OF_THE_SYSTEM: &str = "a file in memory (deadheat::net::Host::files_in_memory) has no descriptor, no permissions \
     and no times, and cannot be made a file of the standard library: leave this host the files of the system";

const USED: &str = "a file in memory is used from somewhere";

impl Used<'_> {
    pub(super) fn sync_all(&self) -> io::Result<()> {
        match self.0 {
            Handle::System(file) => file.sync_all(),
            Handle::Memory(file) => file.sync(self.1.expect(USED)),
        }
    }

    pub(super) fn sync_data(&self) -> io::Result<()> {
        match self.0 {
            Handle::System(file) => file.sync_data(),
            Handle::Memory(file) => file.sync(self.1.expect(USED)),
        }
    }

    pub(super) fn set_len(&self, length: u64) -> io::Result<()> {
        match self.0 {
            Handle::System(file) => file.set_len(length),
            Handle::Memory(file) => file.set_len(length, self.1.expect(USED)),
        }
    }
}

impl Read for Used<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0 {
            Handle::System(file) => (&*file).read(into),
            Handle::Memory(file) => file.read(into),
        }
    }
}

impl Write for Used<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0 {
            Handle::System(file) => (&*file).write(bytes),
            Handle::Memory(file) => file.write(bytes, self.1.expect(USED)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Used<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self.0 {
            Handle::System(file) => (&*file).seek(to),
            Handle::Memory(file) => file.seek(to),
        }
    }
}
