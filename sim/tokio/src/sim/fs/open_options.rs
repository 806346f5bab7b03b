//! `OpenOptions`: how a file is opened.

#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt;
#[cfg(windows)]
use std::os::windows::fs::OpenOptionsExt;

use std::fs::OpenOptions as StdOpenOptions;
use std::io;
use std::path::Path;

use super::File;
use super::disk::Disk;
use super::memory::{MemoryFile, Said};
use crate::sim::blocking::{MadeIn, in_a_turn};

const MORE_WAS_SAID: &str = "a file in memory (deadheat::net::Host::files_in_memory) is opened with flags of the system's, or \
     with options of the standard library's, of which nobody can tell what was said: say it by the methods of \
     tokio::fs::OpenOptions, or leave this host the files of the system";

/// How a file is opened. Whether it belongs to a run is decided as it is.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::io::ErrorKind;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let path = std::env::temp_dir().join("deadheat-is-not-there");
///     let opened = tokio::fs::OpenOptions::new().append(true).open(path).await;
///     assert_eq!(opened.unwrap_err().kind(), ErrorKind::NotFound);
/// });
/// run.unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    inner: StdOpenOptions,
    /// What of it can be said of a file in memory; none if more was said, or nobody knows.
    said: Option<Said>,
}

impl OpenOptions {
    /// Nothing is said yet.
    pub fn new() -> OpenOptions {
        OpenOptions {
            inner: StdOpenOptions::new(),
            said: Some(Said::default()),
        }
    }

    /// Whether it is read.
    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.inner.read(read);
        self.say(|said| said.read = read);
        self
    }

    /// Whether it is written.
    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.inner.write(write);
        self.say(|said| said.write = write);
        self
    }

    /// Whether what is written comes after what is there.
    pub fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.inner.append(append);
        self.say(|said| said.append = append);
        self
    }

    /// Whether what is in it is lost.
    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.inner.truncate(truncate);
        self.say(|said| said.truncate = truncate);
        self
    }

    /// Whether it is made if there is none.
    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.inner.create(create);
        self.say(|said| said.create = create);
        self
    }

    /// Whether it is made, and there may be none.
    pub fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.inner.create_new(create_new);
        self.say(|said| said.create_new = create_new);
        self
    }

    /// Opens the file: inside a run in a turn of its own.
    ///
    /// # Errors
    ///
    /// The system's: there is no such file, it may not be opened so, or what was said makes no sense together.
    pub async fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let options = self.inner.clone();
        if MadeIn::here().is_none() {
            let options = tokio::fs::OpenOptions::from(options);
            return options.open(path).await.map(File::of_tokio);
        }
        let path = path.as_ref().to_owned();
        if let Disk::Memory(files, made) = Disk::here() {
            let said = self.said.unwrap_or_else(|| panic!("{MORE_WAS_SAID}"));
            let open = move || MemoryFile::open(files, &path, said, made);
            return in_a_turn("File::open", open).await.map(File::in_memory);
        }
        let std = in_a_turn("File::open", move || options.open(path)).await?;
        Ok(File::from_std(std))
    }

    fn say(&mut self, say: impl FnOnce(&mut Said)) {
        if let Some(said) = &mut self.said {
            say(said);
        }
    }
}

impl File {
    /// Opens a file to be read.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`].
    pub async fn open(path: impl AsRef<Path>) -> io::Result<File> {
        Self::options().read(true).open(path).await
    }

    /// Opens a file to be written, and makes it if there is none. What is in it is lost.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`].
    pub async fn create(path: impl AsRef<Path>) -> io::Result<File> {
        let mut options = Self::options();
        options.write(true).create(true).truncate(true);
        options.open(path).await
    }

    /// Makes a file to be read and written.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`], and if there is something by this name.
    pub async fn create_new<P: AsRef<Path>>(path: P) -> io::Result<File> {
        let mut options = Self::options();
        options.read(true).write(true).create_new(true);
        options.open(path).await
    }

    /// How a file is opened, which is said before that.
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }
}

#[cfg(unix)]
impl OpenOptions {
    /// Who may do what with the file, if it is made. In memory everybody may do everything.
    pub fn mode(&mut self, mode: u32) -> &mut OpenOptions {
        self.inner.mode(mode);
        self
    }

    /// Flags of the system's that are given with the others.
    pub fn custom_flags(&mut self, flags: i32) -> &mut OpenOptions {
        self.inner.custom_flags(flags);
        self.said = None;
        self
    }
}

#[cfg(windows)]
impl OpenOptions {
    /// What may be done with the handle.
    pub fn access_mode(&mut self, access: u32) -> &mut OpenOptions {
        self.inner.access_mode(access);
        self
    }

    /// What others may do with the file meanwhile.
    pub fn share_mode(&mut self, share: u32) -> &mut OpenOptions {
        self.inner.share_mode(share);
        self
    }

    /// Flags of the system's that are given with the others.
    pub fn custom_flags(&mut self, flags: u32) -> &mut OpenOptions {
        self.inner.custom_flags(flags);
        self.said = None;
        self
    }

    /// Attributes of the file, if it is made.
    pub fn attributes(&mut self, attributes: u32) -> &mut OpenOptions {
        self.inner.attributes(attributes);
        self
    }

    /// What a server may do in the name of whoever opens the file.
    pub fn security_qos_flags(&mut self, flags: u32) -> &mut OpenOptions {
        self.inner.security_qos_flags(flags);
        self
    }
}

impl From<StdOpenOptions> for OpenOptions {
    fn from(options: StdOpenOptions) -> OpenOptions {
        OpenOptions {
            inner: options,
            said: None,
        }
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}
