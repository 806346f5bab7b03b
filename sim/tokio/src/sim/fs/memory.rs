//! A file in memory, as an open file of the system is: with a position, which its clones share.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deadheat::net::disk::{Error, OpenAs, Opened};
use deadheat::net::{Files, Made};

/// The numbers of errors that a disk has no name for, on Linux.
const BAD_FILE: i32 = 9;
const IS_A_DIRECTORY: i32 = 21;
const INVALID: i32 = 22;

/// What the standard library and the system say of a path that can be no name.
pub(super) fn assert_named(path: &Path) -> io::Result<()> {
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        let text = "file name contained an unexpected NUL byte";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    match path.as_os_str().is_empty() {
        true => Err(Error::NotFound.into()),
        false => Ok(()),
    }
}

/// How a file is opened, as it was said.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) append: bool,
    pub(super) truncate: bool,
    pub(super) create: bool,
    pub(super) create_new: bool,
}

impl Said {
    /// As the standard library judges what was said.
    fn judged(self) -> io::Result<OpenAs> {
        let (writes, makes) = (self.write || self.append, self.create || self.create_new);
        let truncates = self.truncate && !self.create_new;
        let makes_sense = writes || self.read && !makes && !self.truncate;
        if !makes_sense || self.append && truncates {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(OpenAs {
            create: makes,
            new: self.create_new,
            truncate: truncates,
        })
    }
}

/// An open file in memory, or a folder that is open to be synced.
#[derive(Debug, Clone)]
pub(super) struct MemoryFile(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    files: Files,
    path: PathBuf,
    said: Said,
    /// None of a folder; taken as it is closed.
    opened: Option<Opened>,
    position: Mutex<u64>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(opened) = self.opened.take() {
            // Its host may have crashed, which has closed it.
            let _ = self.files.call(|disk| {
                disk.close(opened);
                Ok(())
            });
        }
    }
}

impl MemoryFile {
    pub(super) fn open(files: Files, path: &Path, said: Said, made: Made) -> io::Result<Self> {
        assert_named(path)?;
        let how = said.judged()?;
        let opened = files.call(|disk| match disk.look(path) {
            Ok(look) if look.is_folder && !how.create && !said.write && !said.append => Ok(None),
            _ => Ok(Some(disk.open(path, how, made)?)),
        });
        files.tell(made, || format!("opens {}", path.display()), &opened);
        let opened = opened?;
        Ok(MemoryFile(Arc::new(Shared {
            files,
            path: path.to_owned(),
            said,
            opened,
            position: Mutex::default(),
        })))
    }

    pub(super) fn files(&self) -> Files {
        self.0.files
    }

    fn position(&self) -> MutexGuard<'_, u64> {
        let position = self.0.position.lock();
        position.unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> io::Result<&Opened> {
        let folder = || io::Error::from_raw_os_error(IS_A_DIRECTORY);
        self.0.opened.as_ref().ok_or_else(folder)
    }

    fn assert(&self, may: bool) -> io::Result<()> {
        match may {
            true => Ok(()),
            false => Err(io::Error::from_raw_os_error(BAD_FILE)),
        }
    }

    pub(super) fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        self.assert(self.0.said.read)?;
        let opened = self.opened()?;
        let mut position = self.position();
        let count = self.0.files.read(opened, *position, into)?;
        *position += count as u64;
        Ok(count)
    }

    pub(super) fn write(&self, bytes: &[u8], made: Made) -> io::Result<usize> {
        self.assert(self.0.said.write || self.0.said.append)?;
        let opened = self.opened()?;
        let mut position = self.position();
        if self.0.said.append {
            *position = self.0.files.call(|disk| Ok(disk.length(opened)))?;
        }
        let count = self.0.files.write(opened, *position, bytes, made)?;
        *position += count as u64;
        Ok(count)
    }

    pub(super) fn seek(&self, to: SeekFrom) -> io::Result<u64> {
        let opened = self.opened()?;
        let mut position = self.position();
        let length = self.0.files.call(|disk| Ok(disk.length(opened)))?;
        let found = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => position.checked_add_signed(by),
            SeekFrom::End(by) => length.checked_add_signed(by),
        };
        let found = found.filter(|at| i64::try_from(*at).is_ok());
        *position = found.ok_or_else(|| io::Error::from_raw_os_error(INVALID))?;
        Ok(*position)
    }

    pub(super) fn sync(&self, made: Made) -> io::Result<()> {
        match &self.0.opened {
            Some(opened) => self.0.files.sync(opened, made),
            None => self.0.files.sync_folder(&self.0.path, made),
        }
    }

    pub(super) fn set_len(&self, length: u64, made: Made) -> io::Result<()> {
        let opened = match (&self.0.opened, self.0.said.write || self.0.said.append) {
            (Some(opened), true) => opened,
            _ => return Err(Error::InvalidInput.into()),
        };
        let resize = |disk: &mut deadheat::net::disk::Disk<Made>| {
            // Linux changes nothing that is so already.
            match disk.length(opened) == length {
                true => Ok(()),
                false => Ok(disk.resize(opened, length, made)?),
            }
        };
        self.0.files.call(resize)
    }

    /// Whether it is a folder, and how long it is.
    pub(super) fn look(&self) -> io::Result<(bool, u64)> {
        match &self.0.opened {
            Some(opened) => self.0.files.call(|disk| Ok((false, disk.length(opened)))),
            None => Ok((true, 0)),
        }
    }
}
