//! What the system says of what is by a name.

use std::fs::{Metadata, Permissions};
use std::io;
use std::path::Path;

use super::disk::Disk;
use crate::sim::blocking::{MadeIn, in_a_turn};

/// What the system says of what is there, at the end of links.
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
///     assert!(tokio::fs::metadata(std::env::temp_dir()).await.unwrap().is_dir());
/// });
/// run.unwrap();
/// ```
pub async fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    if MadeIn::here().is_none() {
        return tokio::fs::metadata(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::metadata", move || disk.metadata(&path, true)).await
}

/// What the system says of what is there, also of a link.
///
/// # Errors
///
/// The system's.
pub async fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    if MadeIn::here().is_none() {
        return tokio::fs::symlink_metadata(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::symlink_metadata", move || disk.metadata(&path, false)).await
}

/// Says who may do what with a file or directory.
///
/// # Errors
///
/// The system's.
pub async fn set_permissions(path: impl AsRef<Path>, perm: Permissions) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::set_permissions(path, perm).await;
    }
    Disk::here().has(
        "fs::set_permissions",
        "leave them as they are, or leave this host the files of the system",
    );
    let path = path.as_ref().to_owned();
    in_a_turn("fs::set_permissions", move || {
        std::fs::set_permissions(path, perm)
    })
    .await
}

/// Whether there is something by this name.
///
/// # Errors
///
/// The system's, where it does not say.
pub async fn try_exists(path: impl AsRef<Path>) -> io::Result<bool> {
    if MadeIn::here().is_none() {
        return tokio::fs::try_exists(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::try_exists", move || disk.try_exists(&path)).await
}
