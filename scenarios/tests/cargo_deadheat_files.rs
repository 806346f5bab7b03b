//! What `cargo deadheat` promises of a workspace: the manifest and the lock file are as before, to the byte, however it
//! ends.
#![cfg(unix)]

mod small;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use small::{Place, Workspace, is_there, signal, until, within, write};

const TREE: [&str; 2] = ["tree", "--offline"];

/// How a command ended, within the time that it has for it.
fn ends_soon(mut child: Child) -> ExitStatus {
    let mut ended = None;
    within(Duration::from_secs(4), "it ends", || {
        ended = child.try_wait().unwrap();
        ended.is_some()
    });
    ended.unwrap()
}

#[test]
fn a_command_that_succeeds_or_fails_changes_nothing() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    let (text, status) = workspace.keeps(&["test", "--offline"]);
    assert_eq!(status, Some(0), "{text}");
    let line = "tokio 1.52.0 is the simulation's for the 1 package that depends on it, by deadheat";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("; built in target/deadheat/build"), "{text}");
    let (text, status) = workspace.keeps(&["test", "--offline", "--test", "nobody"]);
    assert_eq!(status, Some(101), "{text}");
    let (text, _) = workspace.keeps(&["check", "--offline", "--target-dir", "there"]);
    assert!(
        text.contains("; built in there. Cargo.lock is as before at the end\n"),
        "{text}"
    );
    let (text, status) = workspace.keeps(&TREE);
    assert_eq!(status, Some(0), "{text}");
    assert!(!text.contains("built in"), "{text}");
}

#[test]
fn without_a_lock_file_there_is_none_afterwards() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.54.0");
    let lock_file = workspace.path("Cargo.lock");
    fs::remove_file(&lock_file).unwrap();
    for arguments in [&TREE[..], &["tree", "--offline", "-p", "nobody"]] {
        workspace.deadheat(arguments);
        assert!(!lock_file.exists(), "{arguments:?}");
    }
    let (mut child, _) = workspace.slow();
    signal("-KILL", &format!("-{}", child.id()));
    child.wait().unwrap();
    assert!(workspace.is_patched());
    let (text, _) = workspace.deadheat(&TREE);
    assert!(text.contains("was killed"), "{text}");
    assert!(!lock_file.exists());
    for arguments in [&["init", "--offline"][..], &["init", "--remove"]] {
        let (text, status) = workspace.deadheat(arguments);
        assert_eq!(status, Some(0), "{text}");
        assert!(!lock_file.exists(), "{arguments:?}");
    }
}

#[test]
fn a_signal_ends_it_and_what_it_has_started() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    for (name, expected) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        if !small::is_heard(name) {
            continue;
        }
        for to_group in [true, false] {
            let (child, test) = workspace.slow();
            let process = child.id();
            let to = match to_group {
                true => format!("-{process}"),
                false => process.to_string(),
            };
            signal(name, &to);
            let status = ends_soon(child);
            assert_eq!(status.code(), Some(expected), "{name} {to_group}");
            workspace.is_as_before();
            until("the test has ended", || !is_there(test));
        }
    }
}

/// As `nohup` wants it.
#[test]
fn a_signal_that_was_ignored_at_the_start_ends_nothing() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    let (mut child, test) = workspace.slow_and_deaf();
    signal("-HUP", &format!("-{}", child.id()));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(child.try_wait().unwrap(), None);
    assert!(is_there(test));
    signal("-TERM", &child.id().to_string());
    assert_eq!(ends_soon(child).code(), Some(143));
    workspace.is_as_before();
}

#[test]
fn after_a_kill_the_next_start_puts_the_lock_file_back() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    let (mut child, _) = workspace.slow();
    signal("-KILL", &format!("-{}", child.id()));
    child.wait().unwrap();
    let (text, _) = workspace.keeps(&TREE);
    assert!(text.contains("Cargo.lock is put back"), "{text}");
    let (text, _) = workspace.keeps(&TREE);
    assert!(!text.contains("killed"), "{text}");
    // The command alone: what it has started goes on, and nobody waits for that.
    let (mut child, test) = workspace.slow();
    let group = format!("-{}", child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_there(test) && workspace.is_patched());
    let (text, _) = workspace.keeps(&TREE);
    assert!(text.contains("Cargo.lock is put back"), "{text}");
    signal("-KILL", &group);
    // And where only the patched lock file is left: its tokio stays at its version.
    let (mut child, _) = workspace.slow();
    signal("-KILL", &format!("-{}", child.id()));
    child.wait().unwrap();
    fs::remove_dir_all(workspace.path("target/deadheat")).unwrap();
    let (text, _) = workspace.keeps(&TREE);
    assert!(text.contains("Cargo.lock had a patch of ours"), "{text}");
}

#[test]
fn who_waits_for_another_command_ends_at_once() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    let (first, _) = workspace.slow();
    for (name, expected) in [("-INT", 130), ("-TERM", 143)] {
        if !small::is_heard(name) {
            continue;
        }
        let mut second = workspace.command(&TREE).spawn().unwrap();
        let mut line = String::new();
        let mut told = BufReader::new(second.stderr.take().unwrap());
        told.read_line(&mut line).unwrap();
        assert!(line.contains("waits for another"), "{line}");
        signal(name, &second.id().to_string());
        assert_eq!(ends_soon(second).code(), Some(expected), "{name}");
    }
    let waits = workspace.command(&TREE).spawn().unwrap();
    signal("-TERM", &first.id().to_string());
    ends_soon(first);
    assert!(waits.wait_with_output().unwrap().status.success());
    workspace.is_as_before();
}

/// The lock file is one, whatever the target folders are.
#[test]
fn two_target_folders_of_one_workspace_change_nothing_either() {
    let place = Place::new();
    let mut workspace = place.workspace("one", "1.52.0");
    workspace.target = Some(place.path("first"));
    let (first, _) = workspace.slow();
    workspace.target = Some(place.path("second"));
    let mut waits = workspace.command(&TREE).spawn().unwrap();
    let mut line = String::new();
    let mut told = BufReader::new(waits.stderr.take().unwrap());
    told.read_line(&mut line).unwrap();
    assert!(line.contains("waits for another"), "{line}");
    signal("-TERM", &first.id().to_string());
    ends_soon(first);
    std::io::copy(&mut told, &mut std::io::sink()).unwrap();
    assert!(waits.wait().unwrap().success());
    workspace.is_as_before();
}

#[test]
fn after_a_kill_a_command_with_another_target_folder_puts_the_lock_file_back() {
    let place = Place::new();
    let mut workspace = place.workspace("one", "1.52.0");
    // A comment that cargo would not write again.
    let mut text = fs::read_to_string(workspace.path("Cargo.lock")).unwrap();
    text.push_str("# mine\n");
    write(&workspace.path("Cargo.lock"), &text);
    workspace.lock_file = text.into_bytes();
    workspace.target = Some(place.path("first"));
    let (mut child, _) = workspace.slow();
    signal("-KILL", &format!("-{}", child.id()));
    child.wait().unwrap();
    assert!(workspace.is_patched());
    workspace.target = Some(place.path("second"));
    let (text, _) = workspace.keeps(&TREE);
    assert!(text.contains("Cargo.lock is put back"), "{text}");
    assert!(!workspace.path("target").exists(), "it builds elsewhere");
}

#[test]
fn two_at_once_change_nothing() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    let start = || workspace.command(&["check", "--offline"]).spawn().unwrap();
    for child in [start(), start(), start()] {
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", small::text(&ended));
    }
    workspace.is_as_before();
}

#[test]
fn two_workspaces_with_one_target_folder_keep_apart() {
    let place = Place::new();
    let shared = Some(place.path("shared"));
    let mut one = place.workspace("one", "1.52.0");
    let mut other = place.workspace("other", "1.54.0");
    (one.target, other.target) = (shared.clone(), shared);
    let tokio_of = |workspace: &Workspace| {
        let (text, status) = workspace.deadheat(&TREE);
        assert_eq!(status, Some(0), "{text}");
        text
    };
    let (mut child, _) = one.slow();
    // Neither waits for the other.
    assert!(tokio_of(&other).contains("tokio 1.54.0 is the"));
    other.is_as_before();
    signal("-KILL", &format!("-{}", child.id()));
    child.wait().unwrap();
    let text = tokio_of(&other);
    assert!(text.contains("tokio 1.54.0 is") && !text.contains("killed"));
    other.is_as_before();
    assert!(one.is_patched());
    let text = tokio_of(&one);
    assert!(text.contains("Cargo.lock is put back"), "{text}");
    assert!(text.contains("tokio 1.52.0 is the"), "{text}");
    one.is_as_before();
    // What one has in its manifest is not what the other makes.
    one.deadheat(&["init", "--offline"]);
    let patched = one.cargo(&["tree", "--offline", "-q"]);
    other.deadheat(&["init", "--offline"]);
    assert_eq!(one.cargo(&["tree", "--offline", "-q"]), patched);
    for workspace in [&one, &other] {
        workspace.keeps(&["init", "--remove", "--offline"]);
    }
}

#[test]
fn a_pinned_tokio_keeps_its_version_through_init() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    let run = |arguments: &[&str]| {
        let (text, status) = workspace.deadheat(arguments);
        assert_eq!(status, Some(0), "{text}");
    };
    let files = || {
        let read = |name: &str| fs::read_to_string(workspace.path(name)).unwrap();
        (read("Cargo.toml"), read("Cargo.lock"))
    };
    run(&["init", "--offline"]);
    assert_eq!(
        fs::read(workspace.path("Cargo.lock")).unwrap(),
        workspace.lock_file
    );
    workspace.cargo(&TREE);
    let patched = files();
    assert!(workspace.is_patched());
    // On another machine the folder is to be made again.
    fs::remove_dir_all(workspace.path("target")).unwrap();
    run(&["init", "--offline"]);
    assert_eq!(files(), patched);
    let tree = workspace.cargo(&TREE);
    assert!(tree.contains("tokio v1.52.0"), "{tree}");
    assert_eq!(files(), patched);
    let (text, status) = workspace.deadheat(&["test", "--offline"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("cargo deadheat init --remove"), "{text}");
    assert_eq!(files(), patched);
    run(&["init", "--remove", "--offline"]);
    workspace.is_as_before();
    let (text, _) = workspace.keeps(&TREE);
    assert!(text.contains("tokio 1.52.0 is the"), "{text}");
}

/// Also one with the line ends of another system, and with a patch of another tokio that no package takes.
#[test]
fn what_is_in_the_manifest_besides_is_there_after_init_as_before() {
    let place = Place::new();
    small::package(&place.path("tokio-2"), "tokio", "2.0.0", "");
    let workspace = place.workspace("one", "1.52.0");
    let path = workspace.path("Cargo.toml");
    let more = "[patch.crates-io]\ntokio = { path = \"../tokio-2\" }\n";
    let manifest = format!("{}{more}", workspace.manifest).replace('\n', "\r\n");
    write(&path, &manifest);
    let workspace = workspace.anew();
    for arguments in [&TREE[..], &["check", "--offline"]] {
        let (text, status) = workspace.keeps(arguments);
        assert_eq!(status, Some(0), "{text}");
    }
    for _ in 0..2 {
        let (text, status) = workspace.deadheat(&["init", "--offline"]);
        assert_eq!(status, Some(0), "{text}");
        workspace.cargo(&TREE);
        assert!(workspace.is_patched());
    }
    let (text, status) = workspace.keeps(&["init", "--remove", "--offline"]);
    assert_eq!(status, Some(0), "{text}");
}

/// A command that stops before cargo tells it the graph; of a workspace with the patch, while that is out of the manifest.
fn midway(place: &Place, workspace: &Workspace, command: &str) -> Child {
    let (started, rustc) = (workspace.path("started"), place.path("rustc"));
    let _ = fs::remove_file(&started);
    let script = "#!/bin/sh\nif ! grep -q patch Cargo.toml; then : >started; exec sleep 120; fi\nexec rustc \"$@\"\n";
    write(&rustc, script);
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = workspace.command(&[command, "--offline"]);
    command.env("RUSTC", rustc).stderr(Stdio::null());
    let child = command.process_group(0).spawn().unwrap();
    until("it is midway", || started.exists());
    child
}

#[test]
fn a_command_that_ends_before_cargo_is_called_changes_nothing() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    for name in ["-INT", "-TERM", "-KILL"] {
        if !small::is_heard(name) {
            continue;
        }
        let child = midway(&place, &workspace, "check");
        signal(name, &format!("-{}", child.id()));
        ends_soon(child);
        workspace.is_as_before();
    }
    let (text, _) = workspace.keeps(&TREE);
    assert!(!text.contains("killed"), "{text}");
}

#[test]
fn an_init_that_ends_midway_changes_nothing() {
    let place = Place::new();
    let workspace = place.workspace("one", "1.52.0");
    workspace.deadheat(&["init", "--offline"]);
    let workspace = workspace.anew();
    assert!(workspace.is_patched());
    for (name, expected) in [("-INT", 130), ("-TERM", 143)] {
        if !small::is_heard(name) {
            continue;
        }
        let child = midway(&place, &workspace, "init");
        signal(name, &child.id().to_string());
        assert_eq!(ends_soon(child).code(), Some(expected), "{name}");
        workspace.is_as_before();
    }
    let child = midway(&place, &workspace, "init");
    signal("-KILL", &format!("-{}", child.id()));
    ends_soon(child);
    let manifest = fs::read_to_string(workspace.path("Cargo.toml")).unwrap();
    assert_ne!(manifest, workspace.manifest);
    let (text, _) = workspace.keeps(&["init", "--offline"]);
    assert!(text.contains("Cargo.toml is put back"), "{text}");
    // An error midway is the same.
    fs::rename(place.path("registry"), place.path("gone")).unwrap();
    let (text, status) = workspace.keeps(&["init", "--offline"]);
    assert_eq!(status, Some(2), "{text}");
}

#[test]
fn what_changes_the_graph_counts_however_it_is_said() {
    let place = Place::new();
    let deadheat = "[dev-dependencies]\ndeadheat = { path = \"../deadheat/sim\" }\n";
    let optional = "[dependencies]\ntokio = { version = \"1\", optional = true }\n";
    let optional = place.workspace_of("optional", &format!("{optional}{deadheat}"));
    let (text, status) = optional.keeps(&TREE);
    assert_eq!(status, Some(2), "{text}");
    assert!(
        text.contains("no package of this workspace depends on tokio 1"),
        "{text}"
    );
    for features in [
        &["-Ftokio"][..],
        &["-vFtokio"],
        &["-F", "tokio"],
        &["--all-features"],
    ] {
        let (text, status) = optional.keeps(&[&TREE, features].concat());
        assert_eq!(status, Some(0), "{features:?}: {text}");
    }
    let elsewhere = "[target.'cfg(windows)'.dependencies]\ntokio = \"1\"\n";
    let elsewhere = place.workspace_of("elsewhere", &format!("{elsewhere}{deadheat}"));
    assert_eq!(elsewhere.keeps(&TREE).1, Some(2));
    let (text, status) =
        elsewhere.keeps(&[&TREE[..], &["--target", "x86_64-pc-windows-msvc"]].concat());
    assert_eq!(status, Some(0), "{text}");
    // Without this argument there is no registry.
    let config = place.path("config.toml");
    fs::rename(place.path(".cargo/config.toml"), &config).unwrap();
    let text = fs::read_to_string(&config).unwrap();
    let registry = format!("{:?}", place.path("registry"));
    write(&config, &text.replace("\"registry\"", &registry));
    let (text, status) = optional.keeps(
        &[
            &TREE[..],
            &["-Ftokio", "--config", config.to_str().unwrap()],
        ]
        .concat(),
    );
    assert_eq!(status, Some(0), "{text}");
}

#[test]
fn a_tokio_that_is_not_of_the_registry_is_told_also_beside_one_that_is() {
    let place = Place::new();
    let fork = "[dependencies]\ntokio = { path = \"../registry/tokio-1.54.0\" }\n";
    for more in ["", "timers = \"1\"\n"] {
        let workspace = place.workspace_of("forked", &format!("{fork}{more}"));
        let (text, status) = workspace.keeps(&TREE);
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains("tokio comes from the folder"), "{text}");
    }
}
