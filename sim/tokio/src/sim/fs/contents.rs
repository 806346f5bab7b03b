//! Files as a whole: read, written, copied.

use std::io;
use std::path::Path;

use super::disk::Disk;
use crate::sim::blocking::{MadeIn, in_a_turn};

/// Reads a file to its end.
///
/// # Errors
///
/// The system's.
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    if MadeIn::here().is_none() {
        return tokio::fs::read(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::read", move || disk.read(&path)).await
}

/// Reads a file to its end, as text.
///
/// # Errors
///
/// The system's, and `InvalidData` if it is not UTF-8.
pub async fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    if MadeIn::here().is_none() {
        return tokio::fs::read_to_string(path).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    in_a_turn("fs::read_to_string", move || disk.read_to_string(&path)).await
}

/// Writes a file anew, whatever was in it.
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
/// let path = std::env::temp_dir().join("deadheat-write-example");
/// let run = deadheat::run(&deadheat::Config::new(), move || {
///     let path = path.clone();
///     async move {
///         tokio::fs::write(&path, "text").await.unwrap();
///         assert_eq!(tokio::fs::read(&path).await.unwrap(), b"text");
///         tokio::fs::remove_file(&path).await.unwrap();
///     }
/// });
/// run.unwrap();
/// ```
pub async fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
    if MadeIn::here().is_none() {
        return tokio::fs::write(path, contents).await;
    }
    let (disk, path) = (Disk::here(), path.as_ref().to_owned());
    let contents = contents.as_ref().to_owned();
    in_a_turn("fs::write", move || disk.write(&path, &contents)).await
}

/// Copies what is in a file, and who may do what with it: how many bytes that was.
///
/// # Errors
///
/// The system's.
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    if MadeIn::here().is_none() {
        return tokio::fs::copy(from, to).await;
    }
    let (disk, from) = (Disk::here(), from.as_ref().to_owned());
    let to = to.as_ref().to_owned();
    in_a_turn("fs::copy", move || disk.copy(&from, &to)).await
}
