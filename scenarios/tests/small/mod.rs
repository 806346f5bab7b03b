//! Workspaces that are built in a second: their tokio, and their deadheat, have nothing in them. What is done with
//! manifests, lock files and processes is the same.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// A folder with a registry, and workspaces that take their packages from there.
pub(crate) struct Place(tempfile::TempDir);

/// A workspace, and how its files were.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) manifest: String,
    pub(crate) lock_file: Vec<u8>,
    /// Where it builds, if that is not its own folder.
    pub(crate) target: Option<PathBuf>,
}

/// Is built and started, and then waits for long in real time.
const SLOW: &str = r#"
fn main() {
    if let Some(started) = std::env::var_os("STARTED") {
        let half = std::path::Path::new(&started).with_extension("half");
        std::fs::write(&half, std::process::id().to_string()).unwrap();
        std::fs::rename(half, started).unwrap();
        std::thread::sleep(std::time::Duration::from_secs(120));
    }
}
"#;

const WAITS: [&str; 4] = ["test", "--offline", "--test", "waits"];

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn package(folder: &Path, name: &str, version: &str, more: &str) {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n{more}"
    );
    write(&folder.join("Cargo.toml"), &manifest);
    write(&folder.join("src/lib.rs"), "");
}

impl Place {
    pub(crate) fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let config = "[source.crates-io]\nreplace-with = \"small\"\n[source.small]\ndirectory = \"registry\"\n";
        write(&root.join(".cargo/config.toml"), config);
        let tokio = "[features]\nrt = []\nrt-multi-thread = []\nsync = []\ntime = []\ntest-util = []\n\
            [dependencies]\npin-project-lite = \"0.2\"\n";
        for (name, version, more) in [
            ("tokio", "1.52.0", tokio),
            ("tokio", "1.54.0", tokio),
            ("pin-project-lite", "0.2.14", ""),
            ("timers", "1.0.0", "[dependencies]\ntokio = \"1\"\n"),
        ] {
            let folder = root.join(format!("registry/{name}-{version}"));
            package(&folder, name, version, more);
            let sum = format!("{{\"files\":{{}},\"package\":\"{}\"}}", "5".repeat(64));
            write(&folder.join(".cargo-checksum.json"), &sum);
        }
        let ours = env!("CARGO_PKG_VERSION");
        for (folder, name, more) in [
            ("sim", "deadheat", "[features]\nsealed = []\n"),
            ("sim/tokio", "deadheat-tokio", ""),
            ("sim/tokio/macros", "deadheat-tokio-macros", ""),
            ("timeout/core", "deadheat-timeout-core", ""),
        ] {
            package(&root.join("deadheat").join(folder), name, ours, more);
        }
        write(&root.join("deadheat/sim/tokio/src/sim.rs"), "");
        Place(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A workspace whose lock file has this tokio, and whose manifest would take any.
    pub(crate) fn workspace(&self, name: &str, tokio: &str) -> Workspace {
        let depends = |version: &str| {
            format!(
                "[dependencies]\ntokio = {{ version = \"{version}\", features = [\"rt\"] }}\n\
                 [dev-dependencies]\ndeadheat = {{ path = \"../deadheat/sim\" }}\n\
                 [[test]]\nname = \"waits\"\nharness = false\n"
            )
        };
        let workspace = self.workspace_of(name, &depends(&format!("={tokio}")));
        package(&workspace.root, name, "0.1.0", &depends("1"));
        let workspace = workspace.anew();
        let locked = format!("version = \"{tokio}\"");
        assert!(String::from_utf8_lossy(&workspace.lock_file).contains(&locked));
        workspace
    }

    pub(crate) fn workspace_of(&self, name: &str, more: &str) -> Workspace {
        let root = self.path(name);
        package(&root, name, "0.1.0", more);
        write(&root.join("tests/waits.rs"), SLOW);
        let workspace = Workspace {
            root,
            manifest: String::new(),
            lock_file: Vec::new(),
            target: None,
        };
        workspace.anew()
    }
}

impl Workspace {
    /// With its files as cargo leaves them now.
    pub(crate) fn anew(mut self) -> Workspace {
        self.cargo(&["tree", "--offline", "-q"]);
        self.manifest = fs::read_to_string(self.path("Cargo.toml")).unwrap();
        self.lock_file = fs::read(self.path("Cargo.lock")).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> String {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
        let ended = cargo.args(arguments).current_dir(&self.root).output();
        let ended = ended.expect("cargo");
        assert!(ended.status.success(), "{}", text(&ended));
        text(&ended)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-deadheat"));
        command.args(arguments).current_dir(&self.root);
        command
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS");
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        if let Some(target) = &self.target {
            command.env("CARGO_TARGET_DIR", target);
        }
        command
    }

    /// What it prints, and its status.
    pub(crate) fn deadheat(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = self.command(arguments);
        let child = command.stdout(Stdio::piped()).spawn().expect("it is there");
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(child.wait_with_output()));
        let ended = told.recv_timeout(MINUTE).expect("it waits for something");
        let ended = ended.unwrap();
        (text(&ended), ended.status.code())
    }

    /// The same, and the files are as before.
    pub(crate) fn keeps(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let told = self.deadheat(arguments);
        self.is_as_before();
        told
    }

    pub(crate) fn is_as_before(&self) {
        let manifest = fs::read_to_string(self.path("Cargo.toml")).unwrap();
        assert_eq!(manifest, self.manifest);
        let now = fs::read(self.path("Cargo.lock")).unwrap();
        assert!(now == self.lock_file, "{}", String::from_utf8_lossy(&now));
    }

    pub(crate) fn is_patched(&self) -> bool {
        let now = fs::read_to_string(self.path("Cargo.lock")).unwrap();
        now.contains("tokio-beneath-deadheat")
    }

    /// A command whose test is under way, in a process group of its own; and the process of that test.
    pub(crate) fn slow(&self) -> (Child, u32) {
        self.under_way(self.command(&WAITS))
    }

    /// The same, but that a hang-up is ignored from the start.
    pub(crate) fn slow_and_deaf(&self) -> (Child, u32) {
        let plain = self.command(&WAITS);
        let mut deaf = Command::new("sh");
        deaf.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]);
        deaf.arg(plain.get_program()).args(plain.get_args());
        deaf.current_dir(&self.root).stdin(Stdio::null());
        for variable in ["CARGO_TARGET_DIR", "RUSTFLAGS"] {
            deaf.env_remove(variable);
        }
        self.under_way(deaf)
    }

    fn under_way(&self, mut command: Command) -> (Child, u32) {
        let started = self.path("started");
        let _ = fs::remove_file(&started);
        command.env("STARTED", &started).stderr(Stdio::null());
        let child = command.process_group(0).spawn().expect("it is there");
        until("the test is under way", || started.exists());
        assert!(self.is_patched());
        let test = fs::read_to_string(&started).unwrap();
        (child, test.parse().unwrap())
    }
}

pub(crate) fn text(ended: &Output) -> String {
    String::from_utf8_lossy(&[&ended.stdout[..], &ended.stderr].concat()).into_owned()
}

/// Waits until something holds.
pub(crate) fn until(what: &str, holds: impl FnMut() -> bool) {
    within(MINUTE, what, holds);
}

pub(crate) fn within(time: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < time, "not within {time:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal to a process, or to a whole process group as a terminal does.
pub(crate) fn signal(name: &str, to: &str) {
    let sent = Command::new("kill").args([name, "--", to]).status();
    assert!(sent.expect("kill").success());
}

/// Whether the command hears a signal: one that is ignored here, as in the background of some shells, it ignores too.
pub(crate) fn is_heard(name: &str) -> bool {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let number = match name {
        "-HUP" => 1,
        "-INT" => 2,
        _ => 15,
    };
    ignored.unwrap_or(0) & (1 << (number - 1)) == 0
}

/// Whether a process is there and has not ended.
pub(crate) fn is_there(process: u32) -> bool {
    let mut asked = Command::new("ps");
    asked.args(["-o", "stat=", "-p", &process.to_string()]);
    let told = asked.output().expect("ps").stdout;
    let state = String::from_utf8_lossy(&told).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}
