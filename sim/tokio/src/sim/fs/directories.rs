//! Directories: made, and removed.

use std::io;
use std::path::Path;

use super::disk::Disk;
use crate::sim::blocking::{MadeIn, in_a_turn};

/// Makes a directory, whose parent is there.
///
/// # Errors
///
/// The system's.
pub async fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::create_dir(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::create_dir", move || disk.create_dir(&path)).await
}

/// Makes a directory, and all above it that are not there.
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
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let folder = std::env::temp_dir().join("deadheat-create-dir-example");
///     tokio::fs::create_dir_all(folder.join("a/b")).await.unwrap();
///     assert!(tokio::fs::remove_dir(&folder).await.is_err());
///     tokio::fs::remove_dir_all(&folder).await.unwrap();
/// });
/// run.unwrap();
/// ```
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::create_dir_all(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::create_dir_all", move || disk.create_dir_all(&path)).await
}

/// Removes a directory with nothing in it.
///
/// # Errors
///
/// The system's.
pub async fn remove_dir(path: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::remove_dir(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::remove_dir", move || disk.remove_dir(&path)).await
}

/// Removes a directory with all that is in it. Links are removed, not followed.
///
/// # Errors
///
/// The system's.
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::remove_dir_all(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::remove_dir_all", move || disk.remove_dir_all(&path)).await
}
