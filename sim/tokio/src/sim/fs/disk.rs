//! Where an operation on files by their names is done: by the system, or in memory where the host has its files there.

use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::path::{Component, Path, PathBuf};

use deadheat::net::disk::{Error, Look, OpenAs};
use deadheat::net::{Files, Made};

use super::memory::assert_named;
use super::stand_in;

/// Where the files of the task are that calls, and from where it does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Disk {
    System,
    Memory(Files, Made),
}

/// What is in a folder by one name.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: OsString,
    pub(super) look: Look,
}

impl Disk {
    /// The disk of the host that this is on. Inside a run only.
    #[track_caller]
    pub(super) fn here() -> Disk {
        match Files::here() {
            Some(files) => Disk::Memory(files, Files::made()),
            None => Disk::System,
        }
    }

    /// Refuses what is not there for files in memory, with what to do in its place.
    #[track_caller]
    pub(super) fn has(self, what: &str, advice: &str) {
        assert!(
            matches!(self, Disk::System),
            "{what} is not there for files in memory (deadheat::net::Host::files_in_memory), which have neither links nor \
             permissions, nor times, nor a descriptor: {advice}"
        );
    }

    pub(super) fn read(self, path: &Path) -> io::Result<Vec<u8>> {
        match self {
            Disk::System => std::fs::read(path),
            Disk::Memory(files, _) => {
                assert_named(path)?;
                files.read_all(path)
            }
        }
    }

    pub(super) fn read_to_string(self, path: &Path) -> io::Result<String> {
        match self {
            Disk::System => std::fs::read_to_string(path),
            Disk::Memory(..) => {
                let text = String::from_utf8(self.read(path)?);
                text.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            }
        }
    }

    pub(super) fn write(self, path: &Path, contents: &[u8]) -> io::Result<()> {
        let Disk::Memory(files, made) = self else {
            return std::fs::write(path, contents);
        };
        assert_named(path)?;
        let file = files.call(|disk| Ok(disk.open(path, OpenAs::CREATE, made)?));
        files.tell(made, || format!("opens {}", path.display()), &file);
        let file = file?;
        let mut rest = contents;
        let written = loop {
            if rest.is_empty() {
                break Ok(());
            }
            match files.write(&file, (contents.len() - rest.len()) as u64, rest, made) {
                Ok(count) => rest = &rest[count..],
                Err(error) => break Err(error),
            }
        };
        files.call(|disk| {
            disk.close(file);
            Ok(())
        })?;
        written
    }

    pub(super) fn copy(self, from: &Path, to: &Path) -> io::Result<u64> {
        if let Disk::System = self {
            return std::fs::copy(from, to);
        }
        if self.look(from)?.is_folder {
            // As the standard library says it.
            let text = "the source path is neither a regular file nor a symlink to a regular file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let contents = self.read(from)?;
        self.write(to, &contents)?;
        Ok(contents.len() as u64)
    }

    fn look(self, path: &Path) -> io::Result<Look> {
        match self {
            Disk::System => unreachable!("the system is asked for metadata"),
            Disk::Memory(files, _) => {
                assert_named(path)?;
                files.call(|disk| Ok(disk.look(path)?))
            }
        }
    }

    pub(super) fn metadata(self, path: &Path, follows: bool) -> io::Result<Metadata> {
        match (self, follows) {
            (Disk::System, true) => std::fs::metadata(path),
            (Disk::System, false) => std::fs::symlink_metadata(path),
            (Disk::Memory(..), _) => {
                let look = self.look(path)?;
                stand_in::metadata(look.is_folder, look.length)
            }
        }
    }

    pub(super) fn try_exists(self, path: &Path) -> io::Result<bool> {
        match self {
            Disk::System => path.try_exists(),
            Disk::Memory(..) => match self.look(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                look => look.map(|_| true),
            },
        }
    }

    /// Changes names in memory.
    fn change(
        self,
        paths: &[&Path],
        change: impl FnOnce(&mut deadheat::net::disk::Disk<Made>, Made) -> Result<(), Error>,
    ) -> io::Result<()> {
        match self {
            Disk::System => unreachable!("the system has changed it"),
            Disk::Memory(files, made) => {
                paths.iter().try_for_each(|path| assert_named(path))?;
                files.call(|disk| Ok(change(disk, made)?))
            }
        }
    }

    pub(super) fn create_dir(self, path: &Path) -> io::Result<()> {
        match self {
            Disk::System => std::fs::create_dir(path),
            Disk::Memory(..) => self.change(&[path], |disk, made| match path.file_name() {
                Some(_) => disk.make_folder(path, made),
                // The root, or what is above something: it is there.
                None => disk.look(path).and(Err(Error::AlreadyExists)),
            }),
        }
    }

    pub(super) fn create_dir_all(self, path: &Path) -> io::Result<()> {
        if let Disk::System = self {
            return std::fs::create_dir_all(path);
        }
        let mut above: Vec<&Path> = path.ancestors().collect();
        above.reverse();
        for path in above {
            if path.as_os_str().is_empty() {
                continue;
            }
            match self.create_dir(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if !self.look(path)?.is_folder {
                        return Err(error);
                    }
                }
                made => made?,
            }
        }
        Ok(())
    }

    pub(super) fn remove_dir(self, path: &Path) -> io::Result<()> {
        match self {
            Disk::System => std::fs::remove_dir(path),
            Disk::Memory(..) => self.change(&[path], |disk, made| disk.remove_folder(path, made)),
        }
    }

    pub(super) fn remove_dir_all(self, path: &Path) -> io::Result<()> {
        if let Disk::System = self {
            return std::fs::remove_dir_all(path);
        }
        for Named { name, look } in self.list(path)? {
            let path = path.join(name);
            match look.is_folder {
                true => self.remove_dir_all(&path)?,
                false => self.remove_file(&path)?,
            }
        }
        self.remove_dir(path)
    }

    pub(super) fn remove_file(self, path: &Path) -> io::Result<()> {
        match self {
            Disk::System => std::fs::remove_file(path),
            Disk::Memory(files, made) => {
                let removed = self.change(&[path], |disk, made| disk.remove_file(path, made));
                files.tell(made, || format!("removes {}", path.display()), &removed);
                removed
            }
        }
    }

    pub(super) fn rename(self, from: &Path, to: &Path) -> io::Result<()> {
        match self {
            Disk::System => std::fs::rename(from, to),
            Disk::Memory(files, made) => {
                let renamed = self.change(&[from, to], |disk, made| disk.rename(from, to, made));
                let words = || format!("renames {} to {}", from.display(), to.display());
                files.tell(made, words, &renamed);
                renamed
            }
        }
    }

    pub(super) fn hard_link(self, original: &Path, link: &Path) -> io::Result<()> {
        match self {
            Disk::System => std::fs::hard_link(original, link),
            Disk::Memory(..) => self.change(&[original, link], |disk, made| {
                disk.link(original, link, made)
            }),
        }
    }

    pub(super) fn read_link(self, path: &Path) -> io::Result<PathBuf> {
        match self {
            Disk::System => std::fs::read_link(path),
            // There are no links.
            Disk::Memory(..) => self.look(path).and(Err(Error::InvalidInput.into())),
        }
    }

    pub(super) fn canonicalize(self, path: &Path) -> io::Result<PathBuf> {
        if let Disk::System = self {
            return std::fs::canonicalize(path);
        }
        self.look(path)?;
        let mut whole = PathBuf::from("/");
        for part in path.components() {
            match part {
                Component::Normal(name) => whole.push(name),
                Component::ParentDir => drop(whole.pop()),
                _ => {}
            }
        }
        Ok(whole)
    }

    /// The names in a folder in memory, in order.
    pub(super) fn list(self, path: &Path) -> io::Result<Vec<Named>> {
        let Disk::Memory(files, _) = self else {
            unreachable!("the system lists its own")
        };
        assert_named(path)?;
        files.call(|disk| {
            let named = |name: OsString| {
                let look = disk.look(path.join(&name))?;
                Ok(Named { name, look })
            };
            disk.list(path)?.into_iter().map(named).collect()
        })
    }
}
