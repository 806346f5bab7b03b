//! What becomes certain by a sync, and what is there after a crash.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::disk::Disk;
use crate::error::Error;
use crate::log::{Change, Unsynced, What};
use crate::tree::ROOT;

/// How much of a change is there after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Whole,
    /// The first bytes of a write, and no others. Of another change all.
    First(u64),
    /// Nothing.
    Nothing,
}

/// A change that was lost in a crash, at least in part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lost<P> {
    /// What was done.
    pub what: What,
    /// The path that it was done to, as it was given.
    pub path: PathBuf,
    /// Where it was made: what the caller said.
    pub place: P,
    /// How much of it is there.
    pub kept: Kept,
}

impl<P> Disk<P> {
    /// Makes certain the names in a folder, and what they stand on.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_disk::{Disk, Kept, OpenAs};
    ///
    /// let mut disk = Disk::new();
    /// let file = disk.open("a", OpenAs::NEW, ())?;
    /// disk.sync(&file)?;
    /// let mut other = disk.clone();
    /// assert_eq!(disk.crash(|_| Kept::Nothing).len(), 1);
    /// assert!(disk.look("a").is_err(), "its name was not synced");
    ///
    /// other.sync_folder("")?;
    /// assert!(other.crash(|_| Kept::Nothing).is_empty());
    /// assert!(other.look("a").is_ok());
    /// # Ok::<(), deadheat_disk::Error>(())
    /// ```
    pub fn sync_folder(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        let number = self.now.find(path.as_ref())?;
        self.now.folder(number)?;
        // Invariant 4 of the disk: what came before in one of these folders is taken along, with the folders that it touches.
        let mut folders = BTreeSet::from([number]);
        let mut taken = BTreeSet::new();
        for (index, made) in self.log.iter().enumerate().rev() {
            if made
                .change
                .folders()
                .any(|folder| folders.contains(&folder))
            {
                folders.extend(made.change.folders());
                taken.insert(index);
            }
        }
        let mut index = 0;
        self.make_certain(|_| {
            index += 1;
            taken.contains(&(index - 1))
        });
        Ok(())
    }

    /// Makes certain what is asked for of all that was not synced, in order.
    pub(crate) fn make_certain(&mut self, mut is_it: impl FnMut(&Change) -> bool) {
        let (log, certain) = (&mut self.log, &mut self.certain);
        log.retain(|made| {
            let becomes_certain = is_it(&made.change);
            if becomes_certain {
                made.change.make(certain);
            }
            !becomes_certain
        });
        self.forget();
    }

    /// Forgets of what is certain all that no name leads to, and nothing that was not synced can bring back.
    fn forget(&mut self) {
        let mut needed = self.certain.beneath(ROOT);
        needed.extend(self.now.0.keys());
        for made in &self.log {
            needed.extend(made.change.numbers());
        }
        self.certain.0.retain(|number, _| needed.contains(number));
    }

    /// Whoever had files open is gone: they are closed, and nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_disk::{Disk, OpenAs};
    ///
    /// let mut disk = Disk::new();
    /// let file = disk.open("a", OpenAs::NEW, ())?;
    /// disk.write(&file, 0, b"text", ())?;
    /// disk.close_all();
    /// assert_eq!(disk.read_all("a")?, b"text");
    /// disk.close(file); // was closed
    /// # Ok::<(), deadheat_disk::Error>(())
    /// ```
    pub fn close_all(&mut self) {
        self.crashes += 1;
        for number in std::mem::take(&mut self.opened).into_keys() {
            self.let_go(number);
        }
    }

    /// The disk crashes: of each change that was not synced `keep` says how much is there afterwards, in order, and what is
    /// not whole is returned. No file is open any more.
    ///
    /// `keep` is not asked of changes of names after one that was lost: those are lost too.
    pub fn crash(&mut self, mut keep: impl FnMut(&Unsynced<P>) -> Kept) -> Vec<Lost<P>> {
        let mut lost = Vec::new();
        let mut names_end = false;
        for made in std::mem::take(&mut self.log) {
            let is_of_names = made.change.is_of_names();
            let kept = match is_of_names && names_end {
                true => Kept::Nothing,
                false => keep(&made),
            };
            let kept = match (kept, &made.what) {
                (Kept::First(0), What::Written { .. }) => Kept::Nothing,
                (Kept::First(count), What::Written { length, .. }) if count < *length => kept,
                (Kept::First(_), _) => Kept::Whole,
                (kept, _) => kept,
            };
            match kept {
                Kept::Whole => made.change.make(&mut self.certain),
                Kept::First(count) => made.change.first(count).make(&mut self.certain),
                Kept::Nothing => names_end |= is_of_names,
            }
            if kept != Kept::Whole {
                lost.push(Lost {
                    what: made.what,
                    path: made.path,
                    place: made.place,
                    kept,
                });
            }
        }
        self.opened.clear();
        self.crashes += 1;
        let reached = self.certain.beneath(ROOT);
        self.certain.0.retain(|number, _| reached.contains(number));
        self.now = self.certain.clone();
        lost
    }
}
