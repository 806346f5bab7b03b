//! Names: given, taken away, given anew.

use std::path::Path;

use crate::disk::Disk;
use crate::error::Error;
use crate::log::{Change, Name, What};

impl<P> Disk<P> {
    /// Makes a folder.
    ///
    /// # Errors
    ///
    /// `AlreadyExists`, and if there is no folder for it to be in.
    pub fn make_folder(&mut self, path: impl AsRef<Path>, place: P) -> Result<(), Error> {
        let path = path.as_ref();
        self.make_name(path, true, place).map(drop)
    }

    /// Makes a file or folder with nothing in it: its number.
    pub(crate) fn make_name(
        &mut self,
        path: &Path,
        is_folder: bool,
        place: P,
    ) -> Result<u64, Error> {
        let (folder, name, there) = self.now.find_name(path)?;
        if there.is_some() {
            return Err(Error::AlreadyExists);
        }
        let number = self.next;
        self.next += 1;
        let names = vec![Name::given(folder, name, number, is_folder)];
        self.change(What::Made, path, place, Change::Names(names));
        Ok(number)
    }

    /// Takes the name of a file away.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`, `IsADirectory`.
    pub fn remove_file(&mut self, path: impl AsRef<Path>, place: P) -> Result<(), Error> {
        self.remove(path.as_ref(), false, place)
    }

    /// Removes a folder with nothing in it.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`, `DirectoryNotEmpty`.
    pub fn remove_folder(&mut self, path: impl AsRef<Path>, place: P) -> Result<(), Error> {
        self.remove(path.as_ref(), true, place)
    }

    fn remove(&mut self, path: &Path, is_folder: bool, place: P) -> Result<(), Error> {
        let (folder, name, there) = self.now.find_name(path)?;
        let number = there.ok_or(Error::NotFound)?;
        match (self.now.is_folder(number), is_folder) {
            (true, false) => return Err(Error::IsADirectory),
            (false, true) => return Err(Error::NotADirectory),
            _ => {}
        }
        self.assert_empty(number)?;
        let names = vec![Name::taken(folder, name)];
        self.change(What::Removed, path, place, Change::Names(names));
        self.let_go(number);
        Ok(())
    }

    /// A folder has nothing in it; a file has not anyway.
    fn assert_empty(&self, number: u64) -> Result<(), Error> {
        match self.now.folder(number) {
            Ok(names) if !names.is_empty() => Err(Error::DirectoryNotEmpty),
            _ => Ok(()),
        }
    }

    /// Gives another name to a file or folder. What was there by that name, a file or an empty folder, is gone.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`, `IsADirectory`, `DirectoryNotEmpty`, and `InvalidInput` if a folder were to be beneath
    /// itself.
    pub fn rename(
        &mut self,
        from: impl AsRef<Path>,
        to: impl AsRef<Path>,
        place: P,
    ) -> Result<(), Error> {
        let (from, to) = (from.as_ref(), to.as_ref());
        let (folder, name, there) = self.now.find_name(from)?;
        // In the order in which Linux looks.
        let (to_folder, to_name, before) = self.now.find_name(to)?;
        let number = there.ok_or(Error::NotFound)?;
        let is_folder = self.now.is_folder(number);
        if is_folder && self.now.beneath(number).contains(&to_folder) {
            return Err(Error::InvalidInput);
        }
        if before == Some(number) {
            return Ok(());
        }
        if let Some(before) = before {
            if self.now.beneath(before).contains(&folder) {
                return Err(Error::DirectoryNotEmpty);
            }
            match (is_folder, self.now.is_folder(before)) {
                (true, false) => return Err(Error::NotADirectory),
                (false, true) => return Err(Error::IsADirectory),
                _ => self.assert_empty(before)?,
            }
        }
        let names = vec![
            Name::taken(folder, name),
            Name::given(to_folder, to_name, number, is_folder),
        ];
        let what = What::Renamed { to: to.to_owned() };
        self.change(what, from, place, Change::Names(names));
        if let Some(before) = before {
            self.let_go(before);
        }
        Ok(())
    }

    /// Gives one more name to a file.
    ///
    /// # Errors
    ///
    /// `NotFound`, `NotADirectory`, `AlreadyExists`, and `IsADirectory` for a folder.
    pub fn link(
        &mut self,
        path: impl AsRef<Path>,
        to: impl AsRef<Path>,
        place: P,
    ) -> Result<(), Error> {
        let (path, to) = (path.as_ref(), to.as_ref());
        let number = self.now.find(path)?;
        let (folder, name, there) = self.now.find_name(to)?;
        if there.is_some() {
            return Err(Error::AlreadyExists);
        }
        if self.now.is_folder(number) {
            return Err(Error::IsADirectory);
        }
        let names = vec![Name::given(folder, name, number, false)];
        let what = What::Linked { to: to.to_owned() };
        self.change(what, path, place, Change::Names(names));
        Ok(())
    }
}
