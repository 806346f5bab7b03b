//! Files and folders by their numbers, at one moment: as programs see them, or as a crash would leave them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path};

use crate::error::Error;

/// The number of the folder in which all others are.
pub(crate) const ROOT: u64 = 0;

/// What a number stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    File(Vec<u8>),
    Folder(BTreeMap<OsString, u64>),
}

/// Files and folders at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Tree(pub(crate) BTreeMap<u64, Node>);

impl Tree {
    pub(crate) fn new() -> Tree {
        Tree(BTreeMap::from([(ROOT, Node::Folder(BTreeMap::new()))]))
    }

    pub(crate) fn folder(&self, number: u64) -> Result<&BTreeMap<OsString, u64>, Error> {
        match self.0.get(&number) {
            Some(Node::Folder(names)) => Ok(names),
            Some(Node::File(_)) => Err(Error::NotADirectory),
            None => Err(Error::NotFound),
        }
    }

    /// What is in a file; nothing if it is none.
    pub(crate) fn bytes(&self, number: u64) -> &[u8] {
        match self.0.get(&number) {
            Some(Node::File(bytes)) => bytes,
            _ => &[],
        }
    }

    pub(crate) fn bytes_mut(&mut self, number: u64) -> &mut Vec<u8> {
        self.make(number, false);
        match self.0.get_mut(&number) {
            Some(Node::File(bytes)) => bytes,
            _ => unreachable!("a number stands for one thing as long as there is a disk"),
        }
    }

    /// Makes an empty file or folder, where there is none by this number.
    pub(crate) fn make(&mut self, number: u64, is_folder: bool) {
        let empty = match is_folder {
            true => Node::Folder(BTreeMap::new()),
            false => Node::File(Vec::new()),
        };
        self.0.entry(number).or_insert(empty);
    }

    pub(crate) fn is_folder(&self, number: u64) -> bool {
        matches!(self.0.get(&number), Some(Node::Folder(_)))
    }

    /// Gives a name in a folder to a number, or takes it away.
    pub(crate) fn name(&mut self, folder: u64, name: &OsStr, number: Option<u64>) {
        self.make(folder, true);
        if let Some(Node::Folder(names)) = self.0.get_mut(&folder) {
            match number {
                Some(number) => names.insert(name.to_owned(), number),
                None => names.remove(name),
            };
        }
    }

    /// The number that a path leads to, and those of the folders on the way.
    fn walk(&self, path: &Path) -> Result<Vec<u64>, Error> {
        let mut way = vec![ROOT];
        for part in path.components() {
            let here = *way.last().unwrap_or(&ROOT);
            let names = self.folder(here)?;
            match part {
                Component::Normal(name) => way.push(*names.get(name).ok_or(Error::NotFound)?),
                Component::ParentDir if way.len() > 1 => drop(way.pop()),
                _ => {}
            }
        }
        Ok(way)
    }

    /// The number that a path leads to. An empty path is the root.
    pub(crate) fn find(&self, path: &Path) -> Result<u64, Error> {
        let way = self.walk(path)?;
        Ok(*way.last().unwrap_or(&ROOT))
    }

    /// The folder and the name of a path, and what is there by that name.
    pub(crate) fn find_name<'a>(
        &self,
        path: &'a Path,
    ) -> Result<(u64, &'a OsStr, Option<u64>), Error> {
        let name = path.file_name().ok_or(Error::InvalidInput)?;
        let folder = self.find(path.parent().unwrap_or(Path::new("")))?;
        let number = self.folder(folder)?.get(name).copied();
        Ok((folder, name, number))
    }

    /// All that is reached from one folder, with it.
    pub(crate) fn beneath(&self, number: u64) -> BTreeSet<u64> {
        let (mut found, mut to_see) = (BTreeSet::new(), vec![number]);
        while let Some(number) = to_see.pop() {
            if found.insert(number)
                && let Some(Node::Folder(names)) = self.0.get(&number)
            {
                to_see.extend(names.values());
            }
        }
        found
    }

    /// How many names a number has.
    pub(crate) fn links(&self, number: u64) -> usize {
        let folders = self.0.values().filter_map(|node| match node {
            Node::Folder(names) => Some(names),
            Node::File(_) => None,
        });
        let names = folders.flat_map(BTreeMap::values);
        names.filter(|to| **to == number).count()
    }

    /// How many bytes are in all files.
    pub(crate) fn size(&self) -> u64 {
        let files = self.0.values().map(|node| match node {
            Node::File(bytes) => bytes.len() as u64,
            Node::Folder(_) => 0,
        });
        files.sum()
    }
}
