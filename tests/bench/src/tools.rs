//! What counting needs beside cargo: valgrind, and the runner of the library that uses it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The versions that a count depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// As `rustc --version` says it, and for which machine.
    pub rustc: String,
    /// As `valgrind --version` says it.
    pub valgrind: String,
}

/// What is installed, or what has to be.
#[derive(Debug)]
pub struct Tools {
    /// The versions of what is installed.
    pub versions: Versions,
    /// Where the runner is found.
    pub path: OsString,
}

impl Tools {
    /// Looks for the tools; gets the runner if it is not there.
    pub fn find() -> Result<Tools, String> {
        let valgrind = said("valgrind", &["--version"]).ok_or(
            "valgrind is not installed, and it is what counts instructions: install the package `valgrind` \
             (apt-get, dnf and pacman call it so; it knows Linux and FreeBSD)",
        )?;
        let rustc = said("rustc", &["--version"]).ok_or("rustc does not say its version")?;
        let versions = Versions {
            rustc: format!("{rustc}, {}", env::consts::ARCH),
            valgrind,
        };
        let path = path_with_the_runner()?;
        Ok(Tools { versions, path })
    }
}

/// What a program prints in one line; none if it cannot be started or fails.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The version of a package in `Cargo.lock`.
fn locked(lock: &str, package: &str) -> Option<String> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    rest.split('"').next().map(str::to_owned)
}

/// The search path on which the runner is, whose version has to be that of the library.
fn path_with_the_runner() -> Result<OsString, String> {
    let wanted =
        locked(include_str!("../Cargo.lock"), "gungraun").ok_or("gungraun is not locked")?;
    let path = env::var_os("PATH").unwrap_or_default();
    let is_it = |program: &Path| {
        let version = said(&program.to_string_lossy(), &["--version"]);
        version.is_some_and(|version| version.ends_with(&wanted))
    };
    if is_it(Path::new("gungraun-runner")) {
        return Ok(path);
    }
    let folder = beside_the_build()?.join("tools");
    let bin = folder.join("bin");
    if !is_it(&bin.join("gungraun-runner")) {
        eprintln!(
            "installing gungraun-runner {wanted} to {}, once",
            folder.display()
        );
        install(&wanted, &folder)?;
    }
    let folders = [bin].into_iter().chain(env::split_paths(&path));
    env::join_paths(folders).map_err(|error| error.to_string())
}

/// The target folder in which this program was built.
fn beside_the_build() -> Result<PathBuf, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let target = program.ancestors().nth(2);
    target
        .map(Path::to_owned)
        .ok_or("no target folder".to_owned())
}

fn install(version: &str, root: &Path) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.args([
        "install",
        "--quiet",
        "--locked",
        "--version",
        version,
        "--root",
    ]);
    cargo.arg(root).arg("gungraun-runner");
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!(
            "gungraun-runner could not be installed: cargo install --locked --version {version} gungraun-runner"
        )),
    }
}

#[test]
fn a_version_is_read_from_the_lock_file() {
    let lock = "name = \"gungraun-macros\"\nversion = \"1.0.0\"\n\nname = \"gungraun\"\nversion = \"2.0.1\"\nsource";
    assert_eq!(locked(lock, "gungraun").as_deref(), Some("2.0.1"));
    assert_eq!(locked(lock, "gung"), None);
}
