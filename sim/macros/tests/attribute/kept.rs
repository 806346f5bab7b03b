//! Failing runs are kept beside the source file, shared by its tests, and never lost.

use std::fs;
use std::path::Path;
use std::time::Duration;

use deadheat::testing::{Arguments, FailedTest, Keep, PassedTest, Place, Test};
use deadheat::{Regressions, Token, sleep, spawn_named};

use crate::child;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

async fn reply(deadline: u64) {
    let reply = spawn_named("reply", sleep(ms(10)..=ms(100)));
    sleep(ms(deadline)).await;
    assert!(reply.is_finished(), "the reply is late");
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// A package in the folder `pool` of a workspace, with a test in `tests/pool.rs`.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("pool/tests")).unwrap();
    fs::write(folder.path().join("pool/tests/pool.rs"), "").unwrap();
    folder
}

fn place(workspace: &Path, function: &'static str) -> Place {
    Place {
        function,
        module: "pool::permits",
        file: "pool/tests/pool.rs",
        package_folder: Some(leaked(&workspace.join("pool").to_string_lossy())),
        ..Place::default()
    }
}

fn run(
    workspace: &Path,
    function: &'static str,
    keep: Keep,
    deadline: u64,
) -> Result<PassedTest, FailedTest> {
    let place = place(workspace, function);
    let arguments = Arguments {
        regressions: keep,
        ..Arguments::default()
    };
    let test = Test::new(place, &arguments, [], || 0).unwrap();
    test.run(&|| Duration::ZERO, || reply(deadline))
}

fn kept(workspace: &Path, name: &str) -> Vec<Token> {
    let path = workspace.join("pool/tests/pool.regressions");
    Regressions::at(path).named(name).load().unwrap()
}

#[test]
fn a_failure_is_kept_beside_the_source_file_and_made_first_the_next_time() {
    let folder = workspace();
    let failed = run(folder.path(), "reply", Keep::Beside, 50).unwrap_err();
    let token = &failed.failure().unwrap().run.token;
    assert_eq!(
        kept(folder.path(), "permits::reply"),
        std::slice::from_ref(token)
    );
    assert!(
        failed
            .to_string()
            .contains("it is made first from now on: kept in "),
        "{failed}"
    );

    let again = run(folder.path(), "reply", Keep::Beside, 50).unwrap_err();
    assert_eq!(
        again.failure().unwrap().number,
        None,
        "it was not explored for"
    );
    assert!(
        again
            .to_string()
            .contains("it failed before, and is kept in "),
        "{again}"
    );

    let mended = run(folder.path(), "reply", Keep::Beside, 110).unwrap();
    assert!(mended.to_string().contains("1000 runs passed"), "{mended}");
    assert_eq!(
        kept(folder.path(), "permits::reply").len(),
        1,
        "it stays a test"
    );
}

#[test]
fn tests_share_the_file_and_each_makes_its_own_runs() {
    let folder = workspace();
    run(folder.path(), "one", Keep::Beside, 50).unwrap_err();
    let other = run(folder.path(), "other", Keep::Beside, 20).unwrap_err();
    assert!(
        other.failure().unwrap().number.is_some(),
        "it was explored for: {other}"
    );
    assert_eq!(kept(folder.path(), "permits::one").len(), 1);
    assert_eq!(kept(folder.path(), "permits::other").len(), 1);
    assert_eq!(kept(folder.path(), "").len(), 0);
}

#[test]
fn a_kept_run_that_no_longer_fits_is_told_when_the_test_passes() {
    let folder = workspace();
    let path = folder.path().join("pool/tests/pool.regressions");
    fs::write(path, "dh1:0.n77=1/9  permits::reply\n").unwrap();
    let passed = run(folder.path(), "reply", Keep::Beside, 110)
        .unwrap()
        .to_string();
    assert!(
        passed.contains(
            "dh1:0.n77=1/9: passes now; the schedule no longer fits, from decision n77 on"
        ),
        "{passed}"
    );
    assert!(passed.contains("may be deleted"), "{passed}");
}

#[test]
fn a_path_is_from_the_folder_of_the_source_file_and_false_keeps_nothing() {
    let folder = workspace();
    run(folder.path(), "reply", Keep::Nowhere, 50).unwrap_err();
    assert_eq!(
        fs::read_dir(folder.path().join("pool/tests"))
            .unwrap()
            .count(),
        1
    );
    run(folder.path(), "reply", Keep::At("deep/kept.txt"), 50).unwrap_err();
    assert!(folder.path().join("pool/tests/deep/kept.txt").is_file());
}

#[test]
fn what_cannot_be_kept_is_told_in_the_report() {
    let folder = workspace();
    let in_the_way = folder
        .path()
        .join("pool/tests/.pool.regressions.of-deadheat");
    fs::create_dir(&in_the_way).unwrap();
    let failed = run(folder.path(), "reply", Keep::Beside, 50)
        .unwrap_err()
        .to_string();
    assert!(
        failed.contains("note: it could not be kept: the regressions in "),
        "{failed}"
    );
    assert!(failed.contains("the reply is late"), "{failed}");
    fs::remove_dir(in_the_way).unwrap();

    fs::remove_file(folder.path().join("pool/tests/pool.rs")).unwrap();
    let failed = run(folder.path(), "reply", Keep::Beside, 50)
        .unwrap_err()
        .to_string();
    assert!(
        failed.contains("note: it is not kept: pool/tests/pool.rs, beside which"),
        "{failed}"
    );
    assert!(run(folder.path(), "reply", Keep::Beside, 110).is_ok());
}

#[test]
fn processes_and_threads_that_keep_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.regressions");
    let text = path.to_string_lossy();
    let mut processes: Vec<_> = (1..=4).map(|from| child::keep(&text, from)).collect();
    std::thread::scope(|scope| {
        for from in 5..=8_u64 {
            let regressions = Regressions::at(&path).named(&format!("process {from}"));
            scope.spawn(move || {
                for number in 0..25 {
                    let found: Token = format!("dh1:{:x}.n1=1/2", from * 100 + number)
                        .parse()
                        .unwrap();
                    let shrunk: Token = format!("dh1:{:x}", from * 100 + number).parse().unwrap();
                    regressions.keep(&found, "").unwrap();
                    regressions.replace(&found, &shrunk, "shrunk").unwrap();
                }
            });
        }
    });
    for process in &mut processes {
        assert!(process.wait().unwrap().success());
    }
    for from in 1..=8_u64 {
        let kept = Regressions::at(&path)
            .named(&format!("process {from}"))
            .load()
            .unwrap();
        let expected =
            (0..25).map(|number| format!("dh1:{:x}", from * 100 + number).parse().unwrap());
        assert_eq!(kept, expected.collect::<Vec<Token>>(), "process {from}");
    }
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing else is left beside the file");
}

#[test]
fn a_configuration_of_ones_own_leaves_name_and_file_to_the_attribute() {
    let folder = workspace();
    let arguments = Arguments {
        config: Some(|_| deadheat::Config::new()),
        ..Arguments::default()
    };
    let test = Test::new(place(folder.path(), "anew"), &arguments, [], || 0).expect("a test");
    assert!(test.config().regressions.is_some());
    assert_eq!(test.config().name, "permits::anew");
}
