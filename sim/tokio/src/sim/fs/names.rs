//! Names: removed, given anew, and what leads elsewhere.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::Disk;
use crate::sim::blocking::{MadeIn, in_a_turn};

const NO_LINKS: &str = "link by fs::hard_link, or leave this host the files of the system";

/// Removes a file by this name. It is gone once nobody has it open. Inside of a run it removes the path of a Unix socket,
/// too ([`net::unix`](crate::net::unix)).
///
/// # Errors
///
/// The system's.
pub async fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::remove_file(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::remove_file", move || {
        // The path of a Unix socket is a name in the run, and no file.
        #[cfg(all(unix, feature = "net"))]
        if crate::sim::net::unix::removed(&path) {
            return Ok(());
        }
        disk.remove_file(&path)
    })
    .await
}

/// Gives another name to a file or directory, in the place of what was there by that name.
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
///     let [old, new] = ["old", "new"].map(|name| std::env::temp_dir().join(format!("deadheat-rename-{name}")));
///     tokio::fs::write(&old, "text").await.unwrap();
///     tokio::fs::rename(&old, &new).await.unwrap();
///     assert!(!tokio::fs::try_exists(&old).await.unwrap());
///     tokio::fs::remove_file(&new).await.unwrap();
/// });
/// run.unwrap();
/// ```
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::rename(from, to).await;
    }
    let (disk, from) = (Disk::here(), from.as_ref().to_owned());
    let to = to.as_ref().to_owned();
    in_a_turn("fs::rename", move || disk.rename(&from, &to)).await
}

/// Gives one more name to a file.
///
/// # Errors
///
/// The system's.
pub async fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::hard_link(original, link).await;
    }
    let (disk, original) = (Disk::here(), original.as_ref().to_owned());
    let link = link.as_ref().to_owned();
    in_a_turn("fs::hard_link", move || disk.hard_link(&original, &link)).await
}

/// Where a link leads.
///
/// # Errors
///
/// The system's.
pub async fn read_link(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    if MadeIn::here().is_none() {
        return tokio::fs::read_link(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::read_link", move || disk.read_link(&path)).await
}

/// The path from the root, with no links in it.
///
/// # Errors
///
/// The system's.
pub async fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    if MadeIn::here().is_none() {
        return tokio::fs::canonicalize(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::canonicalize", move || disk.canonicalize(&path)).await
}

/// Makes a link that leads to a path, which need not be there.
///
/// # Errors
///
/// The system's.
#[cfg(unix)]
pub async fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::symlink(original, link).await;
    }
    Disk::here().has("fs::symlink", NO_LINKS);
    let original = original.as_ref().to_owned();
    let link = link.as_ref().to_owned();
    let link = move || std::os::unix::fs::symlink(original, link);
    in_a_turn("fs::symlink", link).await
}

/// Makes a link that leads to a directory.
///
/// # Errors
///
/// The system's.
#[cfg(windows)]
pub async fn symlink_dir(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::symlink_dir(original, link).await;
    }
    Disk::here().has("fs::symlink_dir", NO_LINKS);
    let original = original.as_ref().to_owned();
    let link = link.as_ref().to_owned();
    let link = move || std::os::windows::fs::symlink_dir(original, link);
    in_a_turn("fs::symlink_dir", link).await
}

/// Makes a link that leads to a file.
///
/// # Errors
///
/// The system's.
#[cfg(windows)]
pub async fn symlink_file(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::symlink_file(original, link).await;
    }
    Disk::here().has("fs::symlink_file", NO_LINKS);
    let original = original.as_ref().to_owned();
    let link = link.as_ref().to_owned();
    let link = move || std::os::windows::fs::symlink_file(original, link);
    in_a_turn("fs::symlink_file", link).await
}
