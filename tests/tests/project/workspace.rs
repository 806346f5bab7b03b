//! What the workspace has: its packages, the folders that are a crate each, and the sources. All of it is read from
//! `Cargo.toml` and from the disk, so that a new package is looked at without a line here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file, by its path from the root.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The packages of the workspace, as paths from the root.
pub(crate) fn members() -> Vec<String> {
    quoted(&read("Cargo.toml"), "members")
}

/// The strings of a list in a manifest.
fn quoted(manifest: &str, key: &str) -> Vec<String> {
    let start = format!("\n{key} = [");
    let (_, rest) = manifest
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {key}"));
    let list = rest.split(']').next().unwrap_or_default();
    let parts = list.split('"').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

/// Every Rust file of the project's own, as a path from its root and its text.
pub(crate) fn sources() -> Vec<(String, String)> {
    let mut packages = members();
    packages.extend(quoted(&read("Cargo.toml"), "exclude"));
    let mut files = BTreeSet::new();
    packages
        .iter()
        .for_each(|package| walk(&root().join(package), &mut files));
    assert!(files.len() > 40, "only {} sources found", files.len());
    let text = |path: String| (path.clone(), read(&path));
    files.into_iter().map(text).collect()
}

fn walk(folder: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != "target" {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let shown = path.strip_prefix(root()).unwrap_or(&path);
            files.insert(shown.display().to_string());
        }
    }
}

/// The folders that have the root of a crate, a library or a program.
pub(crate) fn crates() -> BTreeSet<String> {
    let folder_of_a_crate = |path: &str| {
        let top = path
            .strip_suffix("/lib.rs")
            .or(path.strip_suffix("/main.rs"));
        top.map(str::to_owned)
    };
    let found: BTreeSet<String> = sources()
        .iter()
        .filter_map(|(path, _)| folder_of_a_crate(path))
        .collect();
    for member in members() {
        let its_own = found
            .iter()
            .any(|folder| folder.starts_with(&format!("{member}/")));
        assert!(its_own, "{member} has no crate");
    }
    found
}

#[test]
fn the_packages_are_read_from_the_manifest() {
    let manifest = "[workspace]\nmembers = [\n  \"a\",\n  \"a/b\",\n]\ndefault-members = [\"a\"]\nexclude = [\"c\"]\n";
    assert_eq!(quoted(manifest, "members"), ["a", "a/b"]);
    assert_eq!(quoted(manifest, "exclude"), ["c"]);
    assert!(members().iter().any(|member| member == "sim/tokio/macros"));
}

#[test]
fn every_crate_is_found() {
    let crates = crates();
    for known in [
        "sim/src",
        "scenarios/src/bin/deadheat",
        "sim/tokio/macros/src",
        "tests/tests/project",
    ] {
        assert!(crates.contains(known), "{known}");
    }
}
