//! The `cargo deadheat` command in a workspace that knows nothing of it.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use std::os::unix::process::CommandExt as _;

/// A workspace of three packages, and one outside of it that has a timer. It is there for one test at a time, and what
/// it built stays for the next.
struct Workspace {
    root: PathBuf,
    lock_file: Vec<u8>,
    manifest: Vec<u8>,
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

const SERVICE: &str = r#"#![cfg(test)]
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

#[tokio::test]
async fn holds() {
    timers::later(10 * MS).await;
}

/// The timer is of a package that nobody has told anything.
#[tokio::test]
async fn expects_a_timer_to_be_on_time() {
    let later = timers::later(10 * MS);
    tokio::time::timeout(10 * MS + MS / 2, later).await.expect("in time");
}

#[deadheat::test(runs = 7)]
async fn is_ours() {
    tokio::time::sleep(MS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[should_panic(expected = "as it should")]
async fn panics() {
    tokio::spawn(async { panic!("as it should") }).await.unwrap();
}

#[tokio::test]
async fn returns() -> Result<(), std::num::ParseIntError> {
    "7".parse::<u8>().map(drop)
}

/// Names that the macros use themselves.
mod body {
    fn outside() -> u8 {
        7
    }

    #[tokio::test]
    async fn body() -> std::process::ExitCode {
        assert_eq!(outside(), 7);
        std::process::ExitCode::SUCCESS
    }
}

#[tokio::test(flavor = "local")]
async fn has_tasks_of_one_thread() {
    let own = std::rc::Rc::new(7);
    let task = tokio::task::spawn_local(async move {
        timers::later(MS).await;
        *own
    });
    assert_eq!(task.await.unwrap(), 7);
}

#[deadheat::outside]
#[tokio::test]
async fn is_tokios() {
    let begun = std::time::Instant::now();
    timers::later(20 * MS).await;
    assert!(begun.elapsed() >= 20 * MS);
}

#[tokio::test]
#[deadheat::outside]
async fn is_tokios_too() {
    assert!(!deadheat::program::in_run());
}

#[cfg_attr(all(), ignore = "only if asked for")]
#[tokio::test]
#[expect(deprecated, reason = "what takes its place is unsafe to call")]
async fn has_a_descriptor() {
    let (one, _) = std::os::unix::net::UnixStream::pair().unwrap();
    one.set_nonblocking(true).unwrap();
    tokio::io::unix::AsyncFd::new(one).unwrap();
}
"#;

/// Takes the drop-in by its name, as code does that has moved.
const MOVED: &str = r#"#![cfg(test)]
#[deadheat::test(runs = 7)]
async fn moved() {
    let first = tokio::spawn(timers::later(std::time::Duration::from_secs(1)));
    first.await.unwrap();
    deadheat_tokio_is_tokio(tokio::time::Instant::now());
}

fn deadheat_tokio_is_tokio(_now: plain::time::Instant) {}
"#;

/// Is built and started, and then waits for long in real time.
const SLOW: &str = r#"
fn main() {
    std::fs::write(std::env::var("STARTED").unwrap(), "").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(600));
}
"#;

fn checkout() -> PathBuf {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR"));
    scenarios.parent().expect("the checkout").to_path_buf()
}

fn package(folder: &Path, more: &str, sources: &[(&str, &str)]) {
    let name = folder.file_name().unwrap().to_str().unwrap();
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{more}"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    for (path, text) in sources {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Workspace {
    fn new() -> Workspace {
        let alone = ALONE.lock().unwrap_or_else(|held| held.into_inner());
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cargo-deadheat");
        let tokio = "tokio = { version = \"1\", features = [\"rt\", \"time\"] }\n";
        let timers = "timers = { path = \"../../timers\" }\n";
        let deadheat = format!(
            "\n[dev-dependencies]\ndeadheat = {{ path = {:?} }}\n",
            checkout().join("sim")
        );
        let later =
            "pub async fn later(wait: std::time::Duration) { tokio::time::sleep(wait).await }\n";
        package(&root.join("timers"), tokio, &[("src/lib.rs", later)]);
        let all = root.join("workspace");
        let of_service =
            format!("{timers}tokio = {{ version = \"1\", features = [\"full\"] }}\n{deadheat}");
        package(
            &all.join("service"),
            &of_service,
            &[("src/lib.rs", SERVICE)],
        );
        let of_moved = format!(
            "{timers}plain = {{ package = \"tokio\", version = \"1\", features = [\"time\"] }}\n\
             tokio = {{ package = \"deadheat-tokio\", path = {:?}, features = [\"sim\"] }}\n{deadheat}",
            checkout().join("sim/tokio")
        );
        package(&all.join("moved"), &of_moved, &[("src/lib.rs", MOVED)]);
        let of_slow = "\n[[test]]\nname = \"waits\"\nharness = false\n";
        package(
            &all.join("slow"),
            of_slow,
            &[("src/lib.rs", ""), ("tests/waits.rs", SLOW)],
        );
        let manifest =
            "[workspace]\nresolver = \"3\"\nmembers = [\"service\", \"moved\", \"slow\"] # all\n";
        fs::write(all.join("Cargo.toml"), manifest).unwrap();
        // The versions that are there already.
        let mut workspace = Workspace {
            root: all,
            lock_file: Vec::new(),
            manifest: manifest.into(),
            _alone: alone,
        };
        fs::copy(checkout().join("Cargo.lock"), workspace.path("Cargo.lock")).unwrap();
        // Of this platform only: the packages of others need not be on the machine.
        workspace.cargo(&["tree", "--offline", "-q"]);
        workspace.lock_file = fs::read(workspace.path("Cargo.lock")).unwrap();
        workspace
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        let cargo = cargo.args(arguments).current_dir(&self.root);
        let ended = cargo.output().expect("cargo");
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
        ended
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-deadheat"));
        command
            .arg("deadheat")
            .args(arguments)
            .current_dir(&self.root);
        for variable in ["CARGO_TARGET_DIR", "RUSTFLAGS", "NEXTEST"] {
            command.env_remove(variable);
        }
        command
    }

    /// What it prints, on both ways, and its status. The workspace is as before.
    fn deadheat(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let ended = self.command(arguments).output().expect("it is there");
        self.is_as_before();
        let text = [ended.stdout, ended.stderr].concat();
        (
            String::from_utf8_lossy(&text).into_owned(),
            ended.status.code(),
        )
    }

    fn is_as_before(&self) {
        assert!(self.has_its_lock_file(), "Cargo.lock is another");
        assert_eq!(fs::read(self.path("Cargo.toml")).unwrap(), self.manifest);
    }

    fn has_its_lock_file(&self) -> bool {
        fs::read(self.path("Cargo.lock")).unwrap() == self.lock_file
    }

    /// A command whose test is under way, and will be for long; a process group of its own.
    fn slow(&self) -> Child {
        let started = self.path("started");
        let _ = fs::remove_file(&started);
        let mut command = self.command(&["test", "--offline", "-p", "slow", "--test", "waits"]);
        let command = command.env("STARTED", &started).process_group(0);
        let child = command.stderr(Stdio::null()).spawn().expect("it is there");
        while !started.exists() {
            thread::sleep(Duration::from_millis(20));
        }
        assert!(!self.has_its_lock_file(), "the patch has changed it");
        child
    }
}

/// Sends a signal to a whole process group, as a terminal does.
fn signal(child: &Child, name: &str) {
    let group = format!("-{}", child.id());
    let sent = Command::new("kill").args([name, "--", &group]).status();
    assert!(sent.expect("kill").success());
}

#[test]
fn a_test_of_tokio_finds_what_a_timer_of_a_dependency_does() {
    let workspace = Workspace::new();
    let test = ["test", "--offline", "-p", "service", "--lib"];
    let (text, status) = workspace.deadheat(&test);
    assert_eq!(status, Some(101), "{text}");
    let line = text
        .lines()
        .find(|line| line.starts_with("cargo deadheat: "))
        .expect("a line");
    assert!(
        line.contains("is the simulation's for the 4 packages"),
        "{line}"
    );
    assert!(
        text.contains("FAILED  expects_a_timer_to_be_on_time"),
        "{text}"
    );
    assert!(
        text.contains("test result: FAILED. 8 passed; 1 failed; 1 ignored"),
        "{text}"
    );

    assert!(!text.contains("warning"), "{text}");

    // The line of the report makes it again.
    let replay = text
        .lines()
        .find(|line| line.contains("  replay   "))
        .expect("a line to paste");
    let (variable, command) = replay.split_once("' cargo deadheat ").expect("ours");
    let token = variable.split_once("DEADHEAT_REPLAY='").expect("a token").1;
    let mut again: Vec<&str> = command.split(' ').collect();
    again.insert(1, "--offline");
    let again = workspace
        .command(&again)
        .env("DEADHEAT_REPLAY", token)
        .output()
        .unwrap();
    let again = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(again.contains(token), "{again}");
    assert!(again.contains("0 passed; 1 failed; 0 ignored"), "{again}");
    fs::remove_file(workspace.path("service/src/lib.regressions")).unwrap();
}

#[test]
fn a_test_of_tokio_may_stay_outside() {
    let workspace = Workspace::new();
    let test = ["test", "--offline", "-p", "service", "--lib"];
    let with = |more: &[&str]| {
        let (text, status) = workspace.deadheat(&[&test, more, &["--", "--show-output"]].concat());
        (text.matches(" runs passed, seed 0").count(), status, text)
    };
    let (simulated, status, text) = with(&["--only-deadheat"]);
    assert_eq!((simulated, status), (1, Some(0)), "{text}");
    assert!(!text.contains("left no"), "{text}");
    assert!(text.contains("deadheat: is_ours: 7 runs passed"), "{text}");
    let (simulated, status, text) = with(&["--outside", "expects_a_timer,nobody"]);
    assert_eq!((simulated, status), (6, Some(0)), "{text}");
    // A name that no test has may be a slip.
    assert!(
        text.contains("--outside nobody left no #[tokio::test]"),
        "{text}"
    );
    assert!(!text.contains("--outside expects"), "{text}");
    // Where no test was run, nothing can be said of a name.
    for more in [&["--no-run"][..], &["--", "--list"]] {
        let asked = [&test[..], &["--outside", "nobody"], more].concat();
        let (text, status) = workspace.deadheat(&asked);
        assert_eq!(status, Some(0), "{text}");
        assert!(!text.contains("left no"), "{text}");
    }
    let (text, _) = workspace.deadheat(&[&test[..], &["--outside", "nobody", "holds"]].concat());
    assert!(text.contains("--outside nobody left no"), "{text}");
}

#[test]
fn a_test_that_needs_a_descriptor_is_told_how_to_stay_outside() {
    let workspace = Workspace::new();
    let test = ["test", "--offline", "-p", "service", "--lib"];
    let ignored = ["--", "--ignored", "has_a_descriptor"];
    let (text, status) = workspace.deadheat(&[&test[..], &ignored].concat());
    assert_eq!(status, Some(101), "{text}");
    assert!(text.contains("by --outside and its name"), "{text}");
    let outside = ["--outside", "has_a_descriptor"];
    let (text, status) = workspace.deadheat(&[&test[..], &outside, &ignored].concat());
    assert_eq!(status, Some(0), "{text}");
    fs::remove_file(workspace.path("service/src/lib.regressions")).unwrap();
}

#[test]
fn who_takes_the_drop_in_by_its_name_has_the_same() {
    let workspace = Workspace::new();
    let (text, status) = workspace.deadheat(&["test", "--offline", "-p", "moved", "--lib"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

#[test]
fn an_interruption_leaves_the_workspace_as_it_was() {
    let workspace = Workspace::new();
    for (name, expected) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = workspace.slow();
        signal(&child, name);
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(expected), "{name}");
        workspace.is_as_before();
    }
}

#[test]
fn after_a_kill_the_next_start_puts_the_lock_file_back() {
    let workspace = Workspace::new();
    let mut child = workspace.slow();
    signal(&child, "-KILL");
    child.wait().unwrap();
    assert!(!workspace.has_its_lock_file());
    let (text, status) =
        workspace.deadheat(&["tree", "--offline", "-p", "service", "--depth", "1"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.contains("Cargo.lock is put back as it was before"),
        "{text}"
    );
}

#[test]
fn a_lock_file_that_does_not_do_is_an_error_if_it_is_locked() {
    let workspace = Workspace::new();
    let (text, status) = workspace.deadheat(&["check", "--locked", "--offline", "-p", "service"]);
    assert_eq!(status, Some(0), "{text}");
    let text = String::from_utf8(workspace.lock_file.clone()).unwrap();
    let without = text.replace(" \"timers\",\n", "");
    assert_ne!(without, text);
    fs::write(workspace.path("Cargo.lock"), &without).unwrap();
    let ended = workspace
        .command(&["check", "--locked", "--offline", "-p", "service"])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.contains("--locked"), "{told}");
    assert_eq!(
        fs::read_to_string(workspace.path("Cargo.lock")).unwrap(),
        without
    );
}

#[test]
fn two_at_once_do_no_harm() {
    let workspace = Workspace::new();
    let start = || {
        let mut command = workspace.command(&["check", "--offline", "-p", "service"]);
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [start(), start()];
    let told = both.map(|child| {
        let ended = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{text}");
        text
    });
    let waited = told
        .iter()
        .filter(|text| text.contains("waits for another"))
        .count();
    assert!(waited <= 1, "{told:?}");
    workspace.is_as_before();
}

#[test]
fn the_patch_in_the_manifest_does_the_same_until_it_is_taken_out() {
    let workspace = Workspace::new();
    let run = |arguments: &[&str]| {
        let ended = workspace.command(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{text}");
        text
    };
    for _ in 0..2 {
        let told = run(&["init", "--offline"]);
        assert!(told.contains("cargo deadheat init --remove"), "{told}");
    }
    let tree = workspace.cargo(&["tree", "--offline", "-p", "timers", "--depth", "1"]);
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    assert!(tree.contains("target/deadheat/tokio)"), "{tree}");
    // A command of ours would put the same in a second time.
    let refused = workspace.command(&["check", "--offline"]).output().unwrap();
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        refused.contains("cargo deadheat init --remove"),
        "{refused}"
    );
    run(&["init", "--remove"]);
    assert_eq!(
        fs::read(workspace.path("Cargo.toml")).unwrap(),
        workspace.manifest
    );
}
