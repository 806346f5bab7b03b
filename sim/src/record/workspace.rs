//! One name for one file: that which the compiler was told.
//!
//! Cargo has the packages of a workspace compiled in its folder, so a place of `#[track_caller]` begins with the package's folder
//! in it. A stack has whole paths, which std shortens by the folder in which the process stands. For `cargo test` that is the
//! folder of the package, and the same file has a shorter name. Which folder is the workspace's is found out by where a file lies that the
//! compiler has named.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Files of the program, as the compiler was told.
static KNOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// So many of them are enough: one of each workspace whose code a process has.
const KNOWN_MAX: usize = 8;

/// A file of the program, as the compiler was told. One of a path that is whole says nothing.
pub(crate) fn learn(known: &str) {
    let mut files = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = !files.iter().any(|file| file == known);
    if is_new && files.len() < KNOWN_MAX && !known.is_empty() && Path::new(known).is_relative() {
        files.push(known.to_owned());
    }
}

/// A file of a stack, by the name that the compiler has for it, if that is known.
pub(crate) fn named(file: &str) -> String {
    let files = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let whole = || Some(fs::canonicalize(".").ok()?.join(file));
    let named = (!files.is_empty()).then(whole).flatten();
    let named = named.and_then(|whole| within(&whole, &files));
    named.unwrap_or_else(|| file.to_owned())
}

/// A file by its path from the workspace on: that is the folder above it in which a known file is.
fn within(whole: &Path, known: &[String]) -> Option<String> {
    let has_known = |folder: &Path| known.iter().any(|file| folder.join(file).is_file());
    let workspace: PathBuf = whole.ancestors().find(|above| has_known(above))?.to_owned();
    whole
        .strip_prefix(workspace)
        .ok()?
        .to_str()
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_stack_is_named_from_the_folder_on_in_which_a_known_file_is() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let known = [file!().to_owned()];
        let own = within(&package.join("src/lib.rs"), &known);
        assert_eq!(own.as_deref(), Some("sim/src/lib.rs"));
        let other = within(&package.join("../timeout/src/lib.rs"), &known);
        assert!(other.is_some_and(|other| other.ends_with("timeout/src/lib.rs")));
        assert_eq!(within(Path::new("/nowhere/src/lib.rs"), &known), None);
        let unknown = ["nowhere/at/all.rs".to_owned()];
        assert_eq!(within(&package.join("src/lib.rs"), &unknown), None);
    }
}
