//! What was done and not synced, in order.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::tree::Tree;

/// A change that was not synced.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unsynced<P> {
    /// What was done.
    pub what: What,
    /// The path that it was done to, as it was given.
    pub path: PathBuf,
    /// Where it was made: what the caller said.
    pub place: P,
    pub(crate) change: Change,
}

/// What a change is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// Bytes were written into a file.
    Written {
        /// Where they begin.
        at: u64,
        /// How many they are.
        length: u64,
    },
    /// A file was cut off, or filled up with zeros.
    Resized {
        /// How long it is now.
        length: u64,
    },
    /// A file or folder was made.
    Made,
    /// A name was taken away.
    Removed,
    /// A file or folder has another name.
    Renamed {
        /// The new one.
        to: PathBuf,
    },
    /// A file has one more name.
    Linked {
        /// The new one.
        to: PathBuf,
    },
}

/// How a change is made.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Write {
        file: u64,
        at: usize,
        bytes: Vec<u8>,
    },
    Resize {
        file: u64,
        length: usize,
    },
    Names(Vec<Name>),
}

/// A name in a folder, and what it stands for from now on.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) folder: u64,
    pub(crate) name: OsString,
    pub(crate) number: Option<u64>,
    /// Whether that is a folder, where it is nothing yet.
    pub(crate) is_folder: bool,
}

impl Change {
    pub(crate) fn is_of_names(&self) -> bool {
        matches!(self, Change::Names(_))
    }

    /// The file whose bytes it changes.
    pub(crate) fn file(&self) -> Option<u64> {
        match self {
            Change::Write { file, .. } | Change::Resize { file, .. } => Some(*file),
            Change::Names(_) => None,
        }
    }

    /// The folders whose names it changes.
    pub(crate) fn folders(&self) -> impl Iterator<Item = u64> + '_ {
        let names = match self {
            Change::Names(names) => names.as_slice(),
            _ => &[],
        };
        names.iter().map(|name| name.folder)
    }

    /// All files and folders that it is about.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        let names = match self {
            Change::Names(names) => names.as_slice(),
            _ => &[],
        };
        let named = names.iter().filter_map(|name| name.number);
        self.file().into_iter().chain(self.folders()).chain(named)
    }

    pub(crate) fn make(&self, tree: &mut Tree) {
        match self {
            Change::Write { file, at, bytes } => {
                let there = tree.bytes_mut(*file);
                let end = at + bytes.len();
                if there.len() < end {
                    there.resize(end, 0);
                }
                there[*at..end].copy_from_slice(bytes);
            }
            Change::Resize { file, length } => tree.bytes_mut(*file).resize(*length, 0),
            Change::Names(names) => names.iter().for_each(|name| name.make(tree)),
        }
    }

    /// The first bytes of a write; all of any other change.
    pub(crate) fn first(&self, count: u64) -> Change {
        let mut part = self.clone();
        if let Change::Write { bytes, .. } = &mut part {
            bytes.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        }
        part
    }
}

impl Name {
    pub(crate) fn given(folder: u64, name: &OsStr, number: u64, is_folder: bool) -> Name {
        let (name, number) = (name.to_owned(), Some(number));
        Name {
            folder,
            name,
            number,
            is_folder,
        }
    }

    pub(crate) fn taken(folder: u64, name: &OsStr) -> Name {
        Name {
            folder,
            name: name.to_owned(),
            number: None,
            is_folder: false,
        }
    }

    fn make(&self, tree: &mut Tree) {
        if let Some(number) = self.number {
            tree.make(number, self.is_folder);
        }
        tree.name(self.folder, &self.name, self.number);
    }
}

impl<P> Unsynced<P> {
    pub(crate) fn new(what: What, path: &Path, place: P, change: Change) -> Unsynced<P> {
        let path = path.to_owned();
        Unsynced {
            what,
            path,
            place,
            change,
        }
    }
}
