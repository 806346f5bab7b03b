//! `DirBuilder`: how a directory is made.

use std::io;
use std::path::Path;

use super::disk::Disk;
use crate::sim::blocking::{MadeIn, in_a_turn};

/// How a directory is made.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::fs::DirBuilder;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let there = std::env::temp_dir();
///     DirBuilder::new().recursive(true).create(&there).await.unwrap();
///     assert!(DirBuilder::new().create(&there).await.is_err());
/// });
/// run.unwrap();
/// ```
#[derive(Debug, Default)]
pub struct DirBuilder {
    recursive: bool,
    #[cfg(unix)]
    mode: Option<u32>,
}

impl DirBuilder {
    /// One directory, whose parent is there.
    pub fn new() -> Self {
        DirBuilder::default()
    }

    /// Whether the parents are made too, and it may be there already.
    pub fn recursive(&mut self, recursive: bool) -> &mut Self {
        self.recursive = recursive;
        self
    }

    /// Who may do what with it. In memory everybody may do everything.
    #[cfg(unix)]
    pub fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = Some(mode);
        self
    }

    /// Makes the directory: inside a run in a turn of its own.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn create(&self, path: impl AsRef<Path>) -> io::Result<()> {
        if MadeIn::here().is_none() {
            return self.of_tokio().create(path).await;
        }
        let (builder, path) = (self.of_std(), path.as_ref().to_owned());
        let (disk, recursive) = (Disk::here(), self.recursive);
        let create = move || match (disk, recursive) {
            (Disk::System, _) => builder.create(path),
            (Disk::Memory(..), true) => disk.create_dir_all(&path),
            (Disk::Memory(..), false) => disk.create_dir(&path),
        };
        in_a_turn("fs::DirBuilder::create", create).await
    }

    fn of_tokio(&self) -> tokio::fs::DirBuilder {
        let mut builder = tokio::fs::DirBuilder::new();
        builder.recursive(self.recursive);
        #[cfg(unix)]
        if let Some(mode) = self.mode {
            builder.mode(mode);
        }
        builder
    }

    fn of_std(&self) -> std::fs::DirBuilder {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(self.recursive);
        #[cfg(unix)]
        if let Some(mode) = self.mode {
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
        }
        builder
    }
}
