//! `ReadDir` and `DirEntry`: what is in a directory.
//!
//! 1. Inside a run the names come in order, whatever order the system has: no order of a run comes from a hash.
//! 2. So the directory is read to its end in the first turn. Where tokio would ask the system for more, a turn is taken
//!    all the same, and others may go on.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{FileType, Metadata};
use std::future::{Future, poll_fn};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::disk::{Disk, Named};
use super::stand_in;
use crate::sim::blocking::{MadeIn, assert_outside, begin_after, in_a_turn};
use crate::task::JoinHandle;

/// How many entries tokio asks the system for at once.
const CHUNK_SIZE: usize = 32;

/// Lists what is in a directory: inside a run in the order of the names, as they are at that moment.
///
/// # Errors
///
/// The system's.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
///
/// let folder = std::env::temp_dir().join("deadheat-read-dir-example");
/// std::fs::create_dir_all(&folder).unwrap();
/// for name in ["b", "c", "a"] {
///     std::fs::write(folder.join(name), "").unwrap();
/// }
/// let run = deadheat::run(&deadheat::Config::new(), move || {
///     let folder = folder.clone();
///     async move {
///         let mut entries = tokio::fs::read_dir(&folder).await.unwrap();
///         let mut names = Vec::new();
///         while let Some(entry) = entries.next_entry().await.unwrap() {
///             names.push(entry.file_name());
///         }
///         assert_eq!(names, ["a", "b", "c"]);
///         tokio::fs::remove_dir_all(&folder).await.unwrap();
///     }
/// });
/// run.unwrap();
/// ```
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    let Some(made_in) = MadeIn::here() else {
        let entries = tokio::fs::read_dir(path).await?;
        return Ok(ReadDir(Listing::Tokio(entries)));
    };
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    let entries = in_a_turn("fs::read_dir", move || sorted(disk, &path)).await?;
    Ok(ReadDir(Listing::Run {
        made_in,
        entries,
        given: 0,
        asks: None,
    }))
}

/// Invariant 1. What cannot be read comes last.
fn sorted(disk: Disk, path: &Path) -> io::Result<VecDeque<io::Result<Found>>> {
    if let Disk::Memory(..) = disk {
        let found = |named| Ok(Found::Memory(disk, path.to_owned(), named));
        return Ok(disk.list(path)?.into_iter().map(found).collect());
    }
    let mut entries: Vec<_> = std::fs::read_dir(path)?.collect();
    let name = |entry: &io::Result<std::fs::DirEntry>| entry.as_ref().ok().map(|of| of.file_name());
    entries.sort_by_cached_key(|entry| (entry.is_err(), name(entry)));
    let found = |entry: io::Result<_>| entry.map(Found::System);
    Ok(entries.into_iter().map(found).collect())
}

/// What is in a directory by one name, as it was found.
#[derive(Debug)]
enum Found {
    System(std::fs::DirEntry),
    /// With the directory, as it was given.
    Memory(Disk, PathBuf, Named),
}

impl Found {
    fn path(&self) -> PathBuf {
        match self {
            Found::System(entry) => entry.path(),
            Found::Memory(_, folder, named) => folder.join(&named.name),
        }
    }

    fn file_name(&self) -> OsString {
        match self {
            Found::System(entry) => entry.file_name(),
            Found::Memory(_, _, named) => named.name.clone(),
        }
    }

    fn metadata(&self) -> io::Result<Metadata> {
        match self {
            Found::System(entry) => entry.metadata(),
            Found::Memory(disk, ..) => disk.metadata(&self.path(), false),
        }
    }

    fn file_type(&self) -> io::Result<FileType> {
        match self {
            Found::System(entry) => entry.file_type(),
            Found::Memory(_, _, named) => {
                Ok(stand_in::metadata(named.look.is_folder, 0)?.file_type())
            }
        }
    }

    #[cfg(unix)]
    fn ino(&self) -> u64 {
        match self {
            Found::System(entry) => std::os::unix::fs::DirEntryExt::ino(entry),
            Found::Memory(_, _, named) => named.look.number,
        }
    }
}

/// What is in a directory, one after the other.
///
/// # Panics
///
/// If it is used inside a run and was made outside of it, or the other way round.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct ReadDir(Listing);

#[derive(Debug)]
enum Listing {
    Tokio(tokio::fs::ReadDir),
    Run {
        made_in: MadeIn,
        entries: VecDeque<io::Result<Found>>,
        /// Since the system was asked.
        given: usize,
        /// Invariant 2.
        asks: Option<JoinHandle<()>>,
    },
}

impl ReadDir {
    /// The next entry; none at the end.
    ///
    /// # Errors
    ///
    /// The system's.
    ///
    /// # Cancel safety
    ///
    /// No entry is lost.
    pub async fn next_entry(&mut self) -> io::Result<Option<DirEntry>> {
        poll_fn(|cx| self.poll_next_entry(cx)).await
    }

    /// Polls for the next entry.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        match &mut self.0 {
            Listing::Tokio(entries) => {
                assert_outside();
                let entry = ready!(entries.poll_next_entry(cx))?;
                Poll::Ready(Ok(entry.map(|entry| DirEntry(Entry::Tokio(entry)))))
            }
            Listing::Run {
                made_in,
                entries,
                given,
                asks,
            } => {
                made_in.assert_here();
                if *given == CHUNK_SIZE {
                    let ask = || begin_after(None, "fs::ReadDir::next_entry", || ());
                    let asks = asks.get_or_insert_with(ask);
                    ready!(Pin::new(asks).poll(cx))?;
                    *given = 0;
                }
                *asks = None;
                let Some(entry) = entries.pop_front().transpose()? else {
                    return Poll::Ready(Ok(None));
                };
                *given += 1;
                Poll::Ready(Ok(Some(DirEntry(Entry::Run {
                    made_in: *made_in,
                    // Asked for as tokio does: the system tells it with the name.
                    file_type: entry.file_type().ok(),
                    found: Arc::new(entry),
                }))))
            }
        }
    }
}

/// What is in a directory by one name.
///
/// # Panics
///
/// If the system is asked for more inside a run, and it was listed outside of it, or the other way round.
#[derive(Debug)]
pub struct DirEntry(Entry);

#[derive(Debug)]
enum Entry {
    Tokio(tokio::fs::DirEntry),
    Run {
        made_in: MadeIn,
        file_type: Option<FileType>,
        found: Arc<Found>,
    },
}

impl DirEntry {
    /// Its path: the directory's as it was given, and its name.
    pub fn path(&self) -> PathBuf {
        match &self.0 {
            Entry::Tokio(entry) => entry.path(),
            Entry::Run { found, .. } => found.path(),
        }
    }

    /// Its name.
    pub fn file_name(&self) -> OsString {
        match &self.0 {
            Entry::Tokio(entry) => entry.file_name(),
            Entry::Run { found, .. } => found.file_name(),
        }
    }

    /// What the system says of it, of a link and not of what it leads to.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        match &self.0 {
            Entry::Tokio(entry) => {
                assert_outside();
                entry.metadata().await
            }
            Entry::Run { made_in, found, .. } => {
                made_in.assert_here();
                let found = Arc::clone(found);
                in_a_turn("fs::DirEntry::metadata", move || found.metadata()).await
            }
        }
    }

    /// Whether it is a file, a directory or a link.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn file_type(&self) -> io::Result<FileType> {
        match &self.0 {
            Entry::Tokio(entry) => {
                assert_outside();
                entry.file_type().await
            }
            Entry::Run {
                made_in,
                file_type,
                found,
            } => {
                made_in.assert_here();
                if let Some(file_type) = file_type {
                    return Ok(*file_type);
                }
                let found = Arc::clone(found);
                in_a_turn("fs::DirEntry::file_type", move || found.file_type()).await
            }
        }
    }

    /// Its number in the file system.
    #[cfg(unix)]
    pub fn ino(&self) -> u64 {
        match &self.0 {
            Entry::Tokio(entry) => entry.ino(),
            Entry::Run { found, .. } => found.ino(),
        }
    }
}
