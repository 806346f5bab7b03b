//! The folder in which everything of the command is, and the one command that works there at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Where the workspace is, and where it builds.
#[derive(Debug)]
pub(crate) struct Folders {
    pub(crate) workspace: PathBuf,
    pub(crate) target: PathBuf,
}

/// `target/deadheat` of a workspace, for one command alone until it is dropped.
#[derive(Debug)]
pub(crate) struct Workplace {
    folder: PathBuf,
    workspace: PathBuf,
    /// The system takes the lock away when the process ends, however it does.
    _lock: File,
}

impl Workplace {
    /// Enters it; `waits` is called if another command is there.
    pub(crate) fn enter(folders: &Folders, waits: impl FnOnce()) -> Result<Workplace, Error> {
        let folder = folders.target.join("deadheat");
        fs::create_dir_all(&folder).map_err(Error::on(&folder))?;
        let path = folder.join("in-use");
        let lock = File::create(&path).map_err(Error::on(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waits();
                lock.lock().map_err(Error::on(&path))?;
            }
            Err(TryLockError::Error(error)) => return Err(Error::on(&path)(error)),
        }
        Ok(Workplace {
            folder,
            workspace: folders.workspace.clone(),
            _lock: lock,
        })
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> PathBuf {
        self.folder.join("build")
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.workspace.join("Cargo.lock")
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.workspace.join("Cargo.toml")
    }

    /// A path as it is told: from the workspace, if it is below it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let shown = path.strip_prefix(&self.workspace).unwrap_or(path);
        shown.display().to_string()
    }

    /// Writes a file, unless it has that content already: cargo builds anew what is newer.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<(), Error> {
        let path = self.file(name);
        if fs::read_to_string(&path).is_ok_and(|there| there == content) {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::on(folder))?;
        }
        fs::write(&path, content).map_err(Error::on(&path))
    }
}
