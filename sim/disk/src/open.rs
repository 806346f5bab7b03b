//! Open files: read, written, cut off, synced.

use std::path::{Path, PathBuf};

use crate::disk::Disk;
use crate::error::Error;
use crate::log::{Change, What};

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenAs {
    /// It is made if there is none.
    pub create: bool,
    /// There may be none, and it is made.
    pub new: bool,
    /// What is in it is lost.
    pub truncate: bool,
}

impl OpenAs {
    /// It is there.
    pub const THERE: OpenAs = OpenAs {
        create: false,
        new: false,
        truncate: false,
    };
    /// It is made if there is none, and what is in it is lost.
    pub const CREATE: OpenAs = OpenAs {
        create: true,
        new: false,
        truncate: true,
    };
    /// It is made, and there may be none.
    pub const NEW: OpenAs = OpenAs {
        create: true,
        new: true,
        truncate: false,
    };
}

/// An open file, also after its name has gone. A crash closes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    number: u64,
    path: PathBuf,
    crashes: u32,
}

impl Opened {
    /// The path by which it was opened.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_disk::{Disk, OpenAs};
    ///
    /// let file = Disk::new().open("a", OpenAs::NEW, ()).unwrap();
    /// assert_eq!(file.path().to_str(), Some("a"));
    /// ```
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl<P> Disk<P> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// `NotFound`, `AlreadyExists`, `NotADirectory`, `IsADirectory`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_disk::{Disk, Error, OpenAs};
    ///
    /// let mut disk = Disk::new();
    /// assert_eq!(disk.open("a", OpenAs::THERE, ()), Err(Error::NotFound));
    /// assert!(disk.open("a", OpenAs::NEW, ()).is_ok());
    /// assert_eq!(disk.open("a", OpenAs::NEW, ()), Err(Error::AlreadyExists));
    /// ```
    pub fn open(&mut self, path: impl AsRef<Path>, how: OpenAs, place: P) -> Result<Opened, Error> {
        let path = path.as_ref();
        let number = match self.now.find(path) {
            Ok(_) if how.new => return Err(Error::AlreadyExists),
            Ok(number) if self.now.is_folder(number) => return Err(Error::IsADirectory),
            Ok(number) => {
                if how.truncate && !self.now.bytes(number).is_empty() {
                    let change = Change::Resize {
                        file: number,
                        length: 0,
                    };
                    self.change(What::Resized { length: 0 }, path, place, change);
                }
                number
            }
            Err(Error::NotFound) if how.create => self.make_name(path, false, place)?,
            Err(error) => return Err(error),
        };
        *self.opened.entry(number).or_default() += 1;
        Ok(Opened {
            number,
            path: path.to_owned(),
            crashes: self.crashes,
        })
    }

    /// Closes a file. Nothing is synced by that.
    pub fn close(&mut self, file: Opened) {
        if file.crashes != self.crashes {
            return;
        }
        if let Some(times) = self.opened.get_mut(&file.number) {
            *times -= 1;
            if *times == 0 {
                self.opened.remove(&file.number);
                self.let_go(file.number);
            }
        }
    }

    /// The number of a file that is open still.
    #[track_caller]
    fn number(&self, file: &Opened) -> u64 {
        assert!(
            file.crashes == self.crashes,
            "a file that was open when its disk crashed was used afterwards: a crash closes all files"
        );
        file.number
    }

    /// How long a file is.
    ///
    /// # Panics
    ///
    /// If the disk has crashed since it was opened.
    #[track_caller]
    pub fn length(&self, file: &Opened) -> u64 {
        self.now.bytes(self.number(file)).len() as u64
    }

    /// Reads from a place on: as much as there is, and room for.
    ///
    /// # Panics
    ///
    /// If the disk has crashed since it was opened.
    #[track_caller]
    pub fn read(&self, file: &Opened, at: u64, into: &mut [u8]) -> usize {
        let bytes = self.now.bytes(self.number(file));
        let begin = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let count = into.len().min(bytes.len() - begin);
        into[..count].copy_from_slice(&bytes[begin..begin + count]);
        count
    }

    /// Writes from a place on, over what is there: as much as there is room for.
    ///
    /// # Errors
    ///
    /// `StorageFull` if there is no room for any of it, `InvalidInput` if that is beyond what there can be.
    ///
    /// # Panics
    ///
    /// If the disk has crashed since it was opened.
    #[track_caller]
    pub fn write(
        &mut self,
        file: &Opened,
        at: u64,
        bytes: &[u8],
        place: P,
    ) -> Result<usize, Error> {
        let (number, length) = (self.number(file), self.length(file));
        if bytes.is_empty() {
            return Ok(0);
        }
        let end = length.saturating_add(self.room());
        let count = end.saturating_sub(at).min(bytes.len() as u64);
        if count == 0 {
            return Err(Error::StorageFull);
        }
        let count = usize::try_from(count).map_err(|_| Error::InvalidInput)?;
        let what = What::Written {
            at,
            length: count as u64,
        };
        let change = Change::Write {
            file: number,
            at: usize::try_from(at).map_err(|_| Error::InvalidInput)?,
            bytes: bytes[..count].to_owned(),
        };
        self.change(what, &file.path, place, change);
        Ok(count)
    }

    /// Cuts a file off, or fills it up with zeros.
    ///
    /// # Errors
    ///
    /// `StorageFull` if there is no room for that.
    ///
    /// # Panics
    ///
    /// If the disk has crashed since it was opened.
    #[track_caller]
    pub fn resize(&mut self, file: &Opened, length: u64, place: P) -> Result<(), Error> {
        let (number, before) = (self.number(file), self.length(file));
        if length.saturating_sub(before) > self.room() {
            return Err(Error::StorageFull);
        }
        let change = Change::Resize {
            file: number,
            length: usize::try_from(length).map_err(|_| Error::InvalidInput)?,
        };
        self.change(What::Resized { length }, &file.path, place, change);
        Ok(())
    }

    /// Makes certain what is in a file, and not its name.
    ///
    /// # Errors
    ///
    /// None now.
    ///
    /// # Panics
    ///
    /// If the disk has crashed since it was opened.
    #[track_caller]
    pub fn sync(&mut self, file: &Opened) -> Result<(), Error> {
        let number = self.number(file);
        self.make_certain(|change| change.file() == Some(number));
        Ok(())
    }
}
