//! The folder in which everything of the command is for one workspace, and the one command that works there at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::child::LOOK;
use crate::error::Error;
use crate::interrupts::Interrupts;

/// Where what is kept of a workspace's own files is, below it.
const KEPT: &str = "target/deadheat";

/// Where the workspace is, and where it builds.
#[derive(Debug)]
pub(crate) struct Folders {
    pub(crate) workspace: PathBuf,
    pub(crate) target: PathBuf,
    /// Where the lock file is, if not in the workspace.
    pub(crate) lock_file: Option<PathBuf>,
}

/// `target/deadheat` of a workspace, for one command alone until it is dropped. Where several workspaces build in one
/// folder, each has its own below that.
#[derive(Debug)]
pub(crate) struct Workplace {
    folder: PathBuf,
    build: PathBuf,
    workspace: PathBuf,
    lock_file: PathBuf,
    /// The system takes the locks away when the process ends, however it does.
    _locks: (Option<File>, File),
}

impl Workplace {
    /// Enters it; `waits` is called if another command is there.
    pub(crate) fn enter(
        folders: &Folders,
        interrupts: &Interrupts,
        waits: impl FnOnce(),
    ) -> Result<Workplace, Error> {
        let all = folders.target.join("deadheat");
        let folder = match own_folder(folders) {
            None => all.clone(),
            Some(own) => all.join(own),
        };
        fs::create_dir_all(&folder).map_err(Error::on(&folder))?;
        let mut waits = Some(waits);
        let mut waits = || {
            if let Some(waits) = waits.take() {
                waits();
            }
        };
        // First the workspace, whose lock file is the same whatever the target folder is; then that, which may be others'.
        let workspace = match cfg!(unix) {
            true => {
                let lock = File::open(&folders.workspace).map_err(Error::on(&folders.workspace))?;
                Some(locked(lock, &folders.workspace, interrupts, &mut waits)?)
            }
            // There a folder cannot be opened as a file.
            false => None,
        };
        let path = folder.join("in-use");
        let lock = File::create(&path).map_err(Error::on(&path))?;
        let lock = locked(lock, &path, interrupts, &mut waits)?;
        let lock_file = folders.lock_file.clone();
        Ok(Workplace {
            folder,
            build: all.join("build"),
            lock_file: lock_file.unwrap_or_else(|| folders.workspace.join("Cargo.lock")),
            workspace: folders.workspace.clone(),
            _locks: (workspace, lock),
        })
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What is kept of the workspace's own files: it is where the next command looks, too, whatever its target folder.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.workspace.join(KEPT).join(name)
    }

    /// Makes the folder of what is kept.
    pub(crate) fn begin_to_keep(&self) -> Result<(), Error> {
        let folder = self.workspace.join(KEPT);
        fs::create_dir_all(&folder).map_err(Error::on(&folder))
    }

    /// Where cargo builds.
    pub(crate) fn build(&self) -> &Path {
        &self.build
    }

    pub(crate) fn lock_file(&self) -> &Path {
        &self.lock_file
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

/// Locks a file, once nobody else has it; `waits` is called if somebody has.
fn locked(
    lock: File,
    path: &Path,
    interrupts: &Interrupts,
    waits: &mut impl FnMut(),
) -> Result<File, Error> {
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => waits(),
            Err(TryLockError::Error(error)) => return Err(Error::on(path)(error)),
        }
        if let Some(signal) = interrupts.within(LOOK) {
            return Err(Error::Interrupted(signal));
        }
    }
}

/// The name of the folder of a workspace, where its target folder may be that of others, too.
fn own_folder(folders: &Folders) -> Option<String> {
    let workspace = real(&folders.workspace);
    let is_beside = folders.target.parent().map(real) == Some(workspace.clone());
    if is_beside && folders.target.ends_with("target") {
        return None;
    }
    let name = workspace.file_name().unwrap_or_default().to_string_lossy();
    let hash = hash(workspace.as_os_str().as_encoded_bytes());
    Some(format!("{name}-{hash:016x}"))
}

/// Whether a path of a package is one of the drop-in as it lies in a workplace.
pub(crate) fn is_of_a_workplace(package: &str) -> bool {
    let mut parts = package.rsplit(['/', '\\']);
    if parts.next() != Some("tokio") {
        return false;
    }
    match (parts.next(), parts.next()) {
        (Some("deadheat"), _) => true,
        (Some(own), Some("deadheat")) => own.rsplit_once('-').is_some_and(|(_, hash)| {
            hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        }),
        _ => false,
    }
}

/// FNV-1a: the same in every build of the command.
fn hash(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// A path without links, where it is there.
pub(crate) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// The workplace of a workspace that a test has made.
#[cfg(test)]
pub(crate) fn of_a_test(workspace: &Path, target: &Path) -> Workplace {
    let folders = Folders {
        workspace: workspace.to_path_buf(),
        target: target.to_path_buf(),
        lock_file: None,
    };
    let interrupts = Interrupts::of_a_test(&[]);
    Workplace::enter(&folders, &interrupts, || panic!("somebody is there")).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspaces_with_one_target_folder_have_a_workplace_each() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("a/pool"), folder.path().join("b/pool"));
        fs::create_dir_all(&one).unwrap();
        fs::create_dir_all(&other).unwrap();
        let target = one.join("target");
        let (one, other) = (of_a_test(&one, &target), of_a_test(&other, &target));
        assert_eq!(one.file("tokio"), target.join("deadheat/tokio"));
        assert!(is_of_a_workplace(&one.file("tokio").to_string_lossy()));
        assert!(is_of_a_workplace(&other.file("tokio").to_string_lossy()));
        let own = other.folder.strip_prefix(target.join("deadheat")).unwrap();
        assert!(own.to_string_lossy().starts_with("pool-"), "{own:?}");
        assert_eq!(one.build(), other.build());
        for others in ["../fork/tokio", "deadheat/sim/tokio", "deadheat/tokio-1"] {
            assert!(!is_of_a_workplace(others), "{others}");
        }
    }
}
