//! deadheat stands on no tokio: neither it nor what it stands on, with any feature. So a package of that name that depends
//! on deadheat can take tokio's place in a whole graph without a circle.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the workspace").to_path_buf()
}

/// What `cargo tree` says in a folder.
fn tree(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "--prefix", "none"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("cargo");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    match cargo.status.success() {
        true => Ok(text(&cargo.stdout)),
        false => Err(text(&cargo.stderr)),
    }
}

#[test]
fn no_feature_of_deadheat_brings_tokio() {
    for package in ["deadheat", "deadheat-timeout-core", "deadheat-words"] {
        let all = ["-p", package, "-e", "normal,build", "--all-features"];
        let tree = tree(&root(), &all).unwrap();
        assert!(tree.starts_with(package), "{tree}");
        let tokio = tree.lines().find(|line| line.starts_with("tokio"));
        assert_eq!(tokio, None, "{package}");
    }
}

/// A package, and what it depends on.
fn package(folder: &Path, name: &str, version: &str, dependencies: &str) {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
}

/// A workspace in which `tokio` is a package that depends on a package of this workspace.
fn patched(on: &str, path: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let on = format!("{on} = {{ path = {:?} }}", root().join(path));
    let features = ["rt", "sync", "time"].map(|feature| format!("\n{feature} = []"));
    let of_tokio = format!("{on}\n\n[features]{}", features.concat());
    package(&folder.path().join("tokio"), "tokio", "1.999.0", &of_tokio);
    package(
        &folder.path().join("service"),
        "service",
        "0.1.0",
        &format!("tokio = \"1\"\n{on}"),
    );
    let workspace = "[workspace]\nmembers = [\"service\", \"tokio\"]\nresolver = \"3\"\n\n[patch.crates-io]\n\
                     tokio = { path = \"tokio\" }\n";
    fs::write(folder.path().join("Cargo.toml"), workspace).unwrap();
    // The versions that are there already, but for tokio's.
    let locked = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let others = locked
        .split("[[package]]\n")
        .filter(|package| !package.starts_with("name = \"tokio\"\n"));
    let others: Vec<&str> = others.collect();
    fs::write(
        folder.path().join("Cargo.lock"),
        others.join("[[package]]\n"),
    )
    .unwrap();
    tree(folder.path(), &["-p", "service", "-e", "normal"])
}

#[test]
fn a_package_that_takes_tokios_place_may_depend_on_deadheat() {
    let tree = patched("deadheat", "sim").unwrap();
    assert!(tree.contains("tokio v1.999.0"), "{tree}");
    assert!(tree.contains("deadheat v"), "{tree}");
}

/// That the test above can fail: the clock on tokio stands on tokio.
#[test]
fn but_not_on_what_depends_on_tokio() {
    let error = patched("deadheat-timeout", "timeout").unwrap_err();
    assert!(error.contains("cyclic package dependency"), "{error}");
}
