//! A file that is written as a whole: it is as it was or as it is to be, whenever the process ends.
//!
//! 1. It is written beside, and renamed. What a process that was killed has left beside is written anew; what cannot be
//!    finished is taken away again.
//! 2. A link stays a link, and the file keeps its permissions.
//! 3. The folder is locked meanwhile, so that whoever writes there too waits.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that it is either as it was or as it is to be, whenever the process ends.
///
/// It is written beside, as `.NAME.of-deadheat`, and renamed. One that is left there by a process that was killed is
/// written anew; one that cannot be finished is taken away again. Whoever writes in the same folder waits. In a folder
/// where nothing can be made, a file that can be written is written in its place.
///
/// # Errors
///
/// If the file, or its folder, cannot be written.
///
/// # Examples
///
/// ```
/// let folder = std::env::temp_dir().join("deadheat-write-whole-example");
/// # let folder = folder.with_extension(std::process::id().to_string());
/// let path = folder.join("notes.txt");
/// deadheat::search::write_whole(&path, "all of it\n")?;
/// assert_eq!(std::fs::read_to_string(&path)?, "all of it\n");
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_whole(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let _lock = lock(path);
    write_whole_unlocked(path, content)
}

/// [`write_whole`] for who has locked the folder, or is alone there: it would wait for its own lock.
///
/// # Errors
///
/// As for [`write_whole`].
///
/// # Examples
///
/// ```
/// use std::fs::File;
///
/// let folder = std::env::temp_dir().join("deadheat-write-unlocked-example");
/// # let folder = folder.with_extension(std::process::id().to_string());
/// std::fs::create_dir_all(&folder)?;
/// # #[cfg(unix)] {
/// let alone = File::open(&folder)?;
/// alone.lock()?;
/// let path = folder.join("notes.txt");
/// deadheat::search::write_whole_unlocked(&path, "all of it\n")?;
/// assert_eq!(std::fs::read_to_string(&path)?, "all of it\n");
/// # }
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_whole_unlocked(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let content = content.as_ref();
    // It may be a link, and may not be there yet.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    folder_of(path).map_or(Ok(()), fs::create_dir_all)?;
    let half = half(path);
    // Nobody else writes now: what is there was left by a process that ended while it wrote.
    let file = match fs::remove_file(&half) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => File::create_new(&half),
    };
    let mut file = match file {
        // A folder in which nothing can be made may still have a file that can be written.
        Err(error) if is_refused(&error) && path.is_file() => return fs::write(path, content),
        file => file?,
    };
    let keep_permissions = || match fs::metadata(path) {
        Ok(now) => fs::set_permissions(&half, now.permissions()),
        Err(_) => Ok(()),
    };
    let written = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| keep_permissions())
        .and_then(|()| fs::rename(&half, path));
    if written.is_err() {
        // The first error is the one to be told.
        let _ = fs::remove_file(&half);
    }
    written
}

fn is_refused(error: &io::Error) -> bool {
    let kinds = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
    kinds.contains(&error.kind())
}

/// Where a file is written before it is renamed.
fn half(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".of-deadheat");
    path.with_file_name(name)
}

fn folder_of(path: &Path) -> Option<&Path> {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
}

/// Keeps others who lock it from reading and writing, in this process and in others, until it is
/// dropped. The folder can be locked where folders can be opened; elsewhere a file beside ours is.
/// Where neither can be, we go without: what cannot be written is told by the write.
pub(super) fn lock(path: &Path) -> Option<File> {
    let folder = folder_of(path).unwrap_or(Path::new("."));
    // The folder may be yet to be made.
    let _ = fs::create_dir_all(folder);
    let locked = |file: File| file.lock().is_ok().then_some(file);
    let own = || {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        options.open(beside).ok().and_then(locked)
    };
    File::open(folder).ok().and_then(locked).or_else(own)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new(name: &str) -> Folder {
            Folder(tempfile::Builder::new().prefix(name).tempdir().unwrap())
        }

        fn file(&self) -> PathBuf {
            let file = self.0.path().join("file");
            fs::write(&file, "as it was\n").unwrap();
            file
        }
    }

    #[test]
    fn a_file_is_never_half_written_and_keeps_its_permissions() {
        let folder = Folder::new("never-half");
        let file = folder.file();
        let mut readonly = fs::metadata(&file).unwrap().permissions();
        readonly.set_readonly(true);
        fs::set_permissions(&file, readonly).unwrap();
        let open = File::open(&file).unwrap();
        write_whole(&file, b"new\n").unwrap();
        // Who has it open still reads it as it was: nothing is written into it.
        assert_eq!(io::read_to_string(open).unwrap(), "as it was\n");
        assert_eq!(fs::read_to_string(&file).unwrap(), "new\n");
        assert!(fs::metadata(&file).unwrap().permissions().readonly());
        assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = Folder::new("link");
        let (file, link) = (folder.file(), folder.0.path().join("link"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_whole(&link, "new\n").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new\n");
    }
}
