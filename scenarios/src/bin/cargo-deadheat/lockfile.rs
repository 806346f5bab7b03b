//! The lock file of the workspace: a patch makes cargo rewrite it, so it is saved first and put back at the end.
//!
//! After a kill the saved copy is still there, and is put back at the next start.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::drop_in::BENEATH;
use crate::error::Error;
use crate::guard::Workplace;

const SAVED: &str = "Cargo.lock.saved";

/// The lock file as it was; put back when this is dropped.
#[derive(Debug)]
pub(crate) struct Saved {
    lock_file: PathBuf,
    saved: PathBuf,
}

impl Saved {
    /// Saves it. Either the whole copy is there or none, whenever the process ends.
    pub(crate) fn of(place: &Workplace) -> Result<Saved, Error> {
        let (lock_file, saved) = (place.lock_file(), place.file(SAVED));
        let content = fs::read(&lock_file).map_err(Error::on(&lock_file))?;
        let half = place.file("Cargo.lock.half");
        fs::write(&half, content).map_err(Error::on(&half))?;
        fs::rename(&half, &saved).map_err(Error::on(&saved))?;
        Ok(Saved { lock_file, saved })
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        // If that fails the copy stays, and the next start tries again and tells why.
        let _ = put_back(&self.saved, &self.lock_file);
    }
}

/// Puts the copy back where it differs, and removes it.
fn put_back(saved: &Path, lock_file: &Path) -> io::Result<()> {
    let content = fs::read(saved)?;
    if fs::read(lock_file).ok().as_ref() != Some(&content) {
        // In place: the lock file may be a link, and has its own permissions.
        fs::write(lock_file, content)?;
    }
    fs::remove_file(saved)
}

/// Puts back what a command left that was killed; tells if there was something.
pub(crate) fn put_back_what_was_left(place: &Workplace) -> Result<Option<String>, Error> {
    let (lock_file, saved) = (place.lock_file(), place.file(SAVED));
    let Ok(content) = fs::read(&saved) else {
        return Ok(None);
    };
    let now = fs::read(&lock_file).unwrap_or_default();
    if now == content {
        fs::remove_file(&saved).map_err(Error::on(&saved))?;
        return Ok(None);
    }
    if now.is_empty() || is_patched(&now) {
        put_back(&saved, &lock_file).map_err(Error::on(&lock_file))?;
        return Ok(Some(
            "a command before this one was killed: Cargo.lock is put back as it was before that"
                .to_owned(),
        ));
    }
    // Somebody else has written it since, and may have meant to.
    let kept = place.file("Cargo.lock.before");
    fs::rename(&saved, &kept).map_err(Error::on(&kept))?;
    Ok(Some(format!(
        "a command before this one was killed, and Cargo.lock was changed since: it stays as it is; as it was before \
         that command it is in {}",
        place.shown(&kept)
    )))
}

/// Whether a lock file is one that the patch has made.
fn is_patched(content: &[u8]) -> bool {
    let name = format!("name = \"{BENEATH}\"");
    content
        .windows(name.len())
        .any(|part| part == name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Folders;

    fn workplace(folder: &Path) -> Workplace {
        let folders = Folders {
            workspace: folder.to_path_buf(),
            target: folder.join("target"),
        };
        Workplace::enter(&folders, || panic!("somebody is there")).unwrap()
    }

    fn patched() -> String {
        format!("[[package]]\nname = \"{BENEATH}\"\n")
    }

    #[test]
    fn it_is_put_back_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let place = workplace(folder.path());
        let lock_file = place.lock_file();
        fs::write(&lock_file, "as it was").unwrap();
        let saved = Saved::of(&place).unwrap();
        fs::write(&lock_file, patched()).unwrap();
        drop(saved);
        assert_eq!(fs::read_to_string(&lock_file).unwrap(), "as it was");
        assert_eq!(put_back_what_was_left(&place).unwrap(), None);
    }

    #[test]
    fn after_a_kill_it_is_put_back_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let place = workplace(folder.path());
        let lock_file = place.lock_file();
        fs::write(&lock_file, "as it was").unwrap();
        std::mem::forget(Saved::of(&place).unwrap());
        fs::write(&lock_file, patched()).unwrap();
        let told = put_back_what_was_left(&place).unwrap().unwrap();
        assert!(told.contains("was killed"), "{told}");
        assert_eq!(fs::read_to_string(&lock_file).unwrap(), "as it was");
        assert_eq!(put_back_what_was_left(&place).unwrap(), None);
    }

    #[test]
    fn what_somebody_wrote_since_stays() {
        let folder = tempfile::tempdir().unwrap();
        let place = workplace(folder.path());
        let lock_file = place.lock_file();
        fs::write(&lock_file, "as it was").unwrap();
        std::mem::forget(Saved::of(&place).unwrap());
        fs::write(&lock_file, "after cargo update").unwrap();
        let told = put_back_what_was_left(&place).unwrap().unwrap();
        assert!(told.contains("target/deadheat/Cargo.lock.before"), "{told}");
        assert_eq!(
            fs::read_to_string(&lock_file).unwrap(),
            "after cargo update"
        );
        let kept = place.file("Cargo.lock.before");
        assert_eq!(fs::read_to_string(kept).unwrap(), "as it was");
    }
}
