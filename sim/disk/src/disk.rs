//! A disk: what is on it now, what of it is certain, and what was not synced.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use crate::error::Error;
use crate::log::{Change, Unsynced, What};
use crate::tree::{Node, Tree};

/// A disk. `P` is what the caller says of where a change is made.
///
/// Paths begin at the root, whether they say so or not.
///
/// # Examples
///
/// ```
/// use deadheat_disk::{Disk, OpenAs};
///
/// let mut disk = Disk::new();
/// disk.make_folder("logs", ())?;
/// let file = disk.open("logs/first", OpenAs::CREATE, ())?;
/// disk.write(&file, 0, b"text", ())?;
/// assert_eq!(disk.look("logs/first")?.length, 4);
/// assert_eq!(disk.unsynced().count(), 3);
/// # Ok::<(), deadheat_disk::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Disk<P> {
    pub(crate) now: Tree,
    /// What a crash cannot take.
    pub(crate) certain: Tree,
    pub(crate) log: Vec<Unsynced<P>>,
    /// How often each file is open.
    pub(crate) opened: BTreeMap<u64, u32>,
    pub(crate) next: u64,
    /// How often it crashed: files that were open before are not any more.
    pub(crate) crashes: u32,
    room: u64,
}

/// What there is by a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Look {
    /// Its number: a file has one, however many names.
    pub number: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// How many bytes are in it.
    pub length: u64,
    /// How many names it has.
    pub links: usize,
}

impl<P> Default for Disk<P> {
    fn default() -> Self {
        Disk::new()
    }
}

impl<P> Disk<P> {
    /// A disk with nothing on it, as large as one likes.
    pub fn new() -> Disk<P> {
        Disk::with_room(u64::MAX)
    }

    /// A disk with nothing on it, with room for so many bytes in files.
    pub fn with_room(bytes: u64) -> Disk<P> {
        Disk {
            now: Tree::new(),
            certain: Tree::new(),
            log: Vec::new(),
            opened: BTreeMap::new(),
            next: 1,
            crashes: 0,
            room: bytes,
        }
    }

    /// There is room for so many bytes from now on. What is there stays, also if it is more.
    pub fn set_room(&mut self, bytes: u64) {
        self.room = bytes;
    }

    /// How many bytes more there is room for.
    pub fn room(&self) -> u64 {
        self.room.saturating_sub(self.now.size())
    }

    /// What was done and not synced, in order.
    pub fn unsynced(&self) -> impl Iterator<Item = &Unsynced<P>> {
        self.log.iter()
    }

    /// What there is by a name.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`.
    pub fn look(&self, path: impl AsRef<Path>) -> Result<Look, Error> {
        let number = self.now.find(path.as_ref())?;
        Ok(Look {
            number,
            is_folder: self.now.is_folder(number),
            length: self.now.bytes(number).len() as u64,
            links: self.now.links(number),
        })
    }

    /// The names in a folder, in order.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`.
    pub fn list(&self, path: impl AsRef<Path>) -> Result<Vec<OsString>, Error> {
        let names = self.now.folder(self.now.find(path.as_ref())?)?;
        Ok(names.keys().cloned().collect())
    }

    /// What is in a file, to its end.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`, `IsADirectory`.
    pub fn read_all(&self, path: impl AsRef<Path>) -> Result<&[u8], Error> {
        let number = self.now.find(path.as_ref())?;
        match self.now.0.get(&number) {
            Some(Node::File(bytes)) => Ok(bytes),
            Some(Node::Folder(_)) => Err(Error::IsADirectory),
            None => Err(Error::NotFound),
        }
    }

    /// Makes a change now, and notes that it is not certain.
    pub(crate) fn change(&mut self, what: What, path: &Path, place: P, change: Change) {
        change.make(&mut self.now);
        self.log.push(Unsynced::new(what, path, place, change));
    }

    /// Invariant 6 of the disk: what has no name any more and is not open is gone.
    pub(crate) fn let_go(&mut self, number: u64) {
        if !self.opened.contains_key(&number) && self.now.links(number) == 0 {
            self.now.0.remove(&number);
        }
    }
}
