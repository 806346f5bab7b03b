//! A file of the workspace that is another for the time of a command: it is saved first, and put back at the end.
//!
//! After a kill the saved copy is still there, and is put back at the next start.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use deadheat::search::write_whole_unlocked;

use crate::error::Error;
use crate::workplace::{Workplace, real};

/// A file as it was, which may be that it was not there; put back when this is dropped.
#[derive(Debug)]
pub(crate) struct Saved {
    file: PathBuf,
    copy: PathBuf,
}

impl Saved {
    /// Saves it. Either the whole copy is there or none, whenever the process ends.
    pub(crate) fn of(place: &Workplace, file: &Path) -> Result<Saved, Error> {
        place.begin_to_keep()?;
        let copy = copy_of(place, file, "saved");
        let content = match fs::read(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => first_line(file, false).into(),
            Err(error) => return Err(Error::on(file)(error)),
            Ok(content) => [first_line(file, true).as_bytes(), &content].concat(),
        };
        write_whole_unlocked(&copy, content).map_err(Error::on(&copy))?;
        let file = file.to_path_buf();
        Ok(Saved { file, copy })
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        // If that fails the copy stays, and the next start tries again and tells why.
        if let Ok(Some(content)) = read(&self.copy, &self.file) {
            let _ = put_back(&self.copy, &self.file, content);
        }
    }
}

/// The place of what is kept of a file.
fn copy_of(place: &Workplace, file: &Path, what: &str) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    place.kept(&format!("{name}.{what}"))
}

/// Says whose the copy is, and whether there was a file.
fn first_line(file: &Path, was_there: bool) -> String {
    let said = if was_there {
        "as it was"
    } else {
        "was not there"
    };
    // The folder has no links: a file that is not there has no other path.
    let folder = real(file.parent().unwrap_or(Path::new("")));
    let file = folder.join(file.file_name().unwrap_or_default());
    format!("# {} {said}\n", file.display())
}

/// What a copy keeps of this file: its content, or that it was not there. None if the copy is of another file.
fn read(copy: &Path, file: &Path) -> io::Result<Option<Option<Vec<u8>>>> {
    let copied = fs::read(copy)?;
    if let Some(content) = copied.strip_prefix(first_line(file, true).as_bytes()) {
        return Ok(Some(Some(content.to_vec())));
    }
    Ok((copied == first_line(file, false).as_bytes()).then_some(None))
}

/// Puts the file back where it differs, and removes the copy.
fn put_back(copy: &Path, file: &Path, content: Option<Vec<u8>>) -> io::Result<()> {
    let now = fs::read(file).ok();
    match content {
        Some(content) if now.as_ref() != Some(&content) => write_whole_unlocked(file, content)?,
        None if now.is_some() => fs::remove_file(file)?,
        _ => {}
    }
    remove(copy)
}

/// Removes a copy, and the folders above it that have nothing else in them: where the workspace builds elsewhere, they
/// were made for it.
fn remove(copy: &Path) -> io::Result<()> {
    fs::remove_file(copy)?;
    for folder in copy.ancestors().skip(1).take(2) {
        // One that has something in it stays.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// What a command left that was killed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// Whether the file was put back; else it stays as it is.
    pub(crate) is_put_back: bool,
    /// What is to be said of it.
    pub(crate) told: String,
}

/// Puts back what a command left that was killed, if there is something. `made` says of a file as it is whether
/// a command has made it so, from what it was.
pub(crate) fn put_back_what_was_left(
    place: &Workplace,
    file: &Path,
    made: impl Fn(&[u8], &[u8]) -> bool,
) -> Result<Option<Left>, Error> {
    let left = |is_put_back, told| Some(Left { is_put_back, told });
    let copy = copy_of(place, file, "saved");
    if !copy.exists() {
        return Ok(None);
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let aside = copy_of(place, file, "before");
    let keep_aside = || fs::rename(&copy, &aside).map_err(Error::on(&aside));
    let Some(content) = read(&copy, file).map_err(Error::on(&copy))? else {
        keep_aside()?;
        return Ok(left(
            false,
            format!(
                "a command in another folder was killed, and left a copy of its {name}: that is in {} now",
                place.shown(&aside)
            ),
        ));
    };
    let now = fs::read(file).ok();
    if now == content {
        remove(&copy).map_err(Error::on(&copy))?;
        return Ok(None);
    }
    let was = content.as_deref().unwrap_or_default();
    if now.is_none_or(|now| made(was, &now)) {
        put_back(&copy, file, content).map_err(Error::on(file))?;
        return Ok(left(
            true,
            format!(
                "a command before this one was killed: {name} is put back as it was before that"
            ),
        ));
    }
    // Somebody else has written it since, and may have meant to.
    keep_aside()?;
    Ok(left(
        false,
        format!(
            "a command before this one was killed, and {name} was changed since: it stays as it is; as it was before that \
         command it is in {}",
            place.shown(&aside)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile;
    use crate::workplace::of_a_test;

    const WAS: &str = "as it was\nin two lines\n";

    /// A workspace with a file as it was.
    fn workspace() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Cargo.lock");
        fs::write(&file, WAS).unwrap();
        (folder, file)
    }

    fn place(folder: &Path) -> Workplace {
        of_a_test(folder, &folder.join("target"))
    }

    /// What a command finds and says at its start, if the last one left the file like that.
    fn after_a_kill(now: &str) -> (String, String) {
        let (folder, file) = workspace();
        let place = place(folder.path());
        std::mem::forget(Saved::of(&place, &file).unwrap());
        fs::write(&file, now).unwrap();
        let told = put_back_what_was_left(&place, &file, lockfile::is_made).unwrap();
        let again = put_back_what_was_left(&place, &file, lockfile::is_made);
        assert_eq!(again.unwrap(), None);
        let now = fs::read_to_string(&file).unwrap();
        (now, told.map_or_else(String::new, |left| left.told))
    }

    #[test]
    fn it_is_put_back_at_the_end_with_its_permissions() {
        let (folder, file) = workspace();
        let place = place(folder.path());
        let saved = Saved::of(&place, &file).unwrap();
        fs::write(&file, "patched").unwrap();
        let mut readonly = fs::metadata(&file).unwrap().permissions();
        readonly.set_readonly(true);
        fs::set_permissions(&file, readonly).unwrap();
        drop(saved);
        assert_eq!(fs::read_to_string(&file).unwrap(), WAS);
        assert!(fs::metadata(&file).unwrap().permissions().readonly());
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn what_was_not_there_is_not_there_again() {
        let (folder, file) = workspace();
        let place = place(folder.path());
        fs::remove_file(&file).unwrap();
        let saved = Saved::of(&place, &file).unwrap();
        fs::write(&file, "patched\n").unwrap();
        drop(saved);
        assert!(!file.exists());
        // And after a kill.
        std::mem::forget(Saved::of(&place, &file).unwrap());
        fs::write(&file, "patched\n").unwrap();
        let told = put_back_what_was_left(&place, &file, |_, _| true).unwrap();
        assert!(told.unwrap().told.contains("was killed"));
        assert!(!file.exists());
    }

    #[test]
    fn after_a_kill_what_a_command_made_is_put_back() {
        let patched = format!("name = \"{}\"\n", crate::drop_in::BENEATH);
        for now in [
            &*patched,
            "",
            "as it was\n",
            "as it was\nin t",
            "# half a li",
        ] {
            let (is, told) = after_a_kill(now);
            assert_eq!(is, WAS, "{now:?}");
            assert!(told.contains("was killed"), "{told}");
        }
        assert_eq!(after_a_kill(WAS), (WAS.to_owned(), String::new()));
    }

    #[test]
    fn what_somebody_wrote_since_stays() {
        let (is, told) = after_a_kill("after cargo update\n");
        assert_eq!(is, "after cargo update\n");
        assert!(told.contains("target/deadheat/Cargo.lock.before"), "{told}");
    }

    #[test]
    fn a_copy_of_another_workspace_is_never_put_back() {
        let ((folder, file), (other, others)) = (workspace(), workspace());
        let target = folder.path().join("target");
        {
            let place = place(folder.path());
            std::mem::forget(Saved::of(&place, &file).unwrap());
        }
        // As if the folder had been copied with all that is built.
        let moved = other.path().join("target");
        fs::rename(target, moved).unwrap();
        fs::write(&others, "patched\n").unwrap();
        let place = place(other.path());
        let told = put_back_what_was_left(&place, &others, |_, _| true).unwrap();
        assert!(told.unwrap().told.contains("in another folder"));
        assert_eq!(fs::read_to_string(&others).unwrap(), "patched\n");
        assert!(place.file("Cargo.lock.before").exists());
    }
}
