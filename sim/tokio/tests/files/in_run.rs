//! What an operation is inside of a run: a turn, which others come before or after, with no time in it.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use deadheat::{Config, check, run};
use deadheat_tokio as tokio;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use tokio::time::{Duration, timeout};

fn in_folder<F: Future<Output = ()> + 'static>(
    program: impl Fn(PathBuf) -> F + Clone + Sync + 'static,
) -> (tempfile::TempDir, impl Fn() -> F + Clone + Sync + 'static) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("folder");
    let program = move || {
        // Each run finds the same.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        program(path.clone())
    };
    (folder, program)
}

#[test]
fn an_operation_takes_a_turn_and_no_time() {
    let (_folder, program) = in_folder(|folder| async move {
        let order = Rc::new(RefCell::new(Vec::new()));
        let other = order.clone();
        deadheat::spawn(async move { other.borrow_mut().push("another task") });
        fs::write(folder.join("a"), "text").await.unwrap();
        order.borrow_mut().push("written");
        assert_eq!(*order.borrow(), ["another task", "written"]);
        assert_eq!(deadheat::now(), deadheat::Instant::START);
    });
    run(&Config::new(), program).unwrap();
}

#[test]
fn who_comes_first_is_a_decision() {
    let (_folder, program) = in_folder(|folder| async move {
        let both = ["1", "2"].map(|text| tokio::spawn(fs::write(folder.join("a"), text)));
        for task in both {
            task.await.unwrap().unwrap();
        }
        assert_eq!(fs::read_to_string(folder.join("a")).await.unwrap(), "2");
    });
    run(&Config::new(), program.clone()).unwrap();
    let failure = check(&Config::new(), program).unwrap_err();
    let report = failure.to_string();
    assert!(report.contains("fs::write"), "{report}");
}

#[test]
fn a_run_is_the_same_each_time_if_its_folder_is() {
    let (_folder, program) = in_folder(|folder| async move {
        let writers = ["a", "b", "c"].map(|name| {
            let path = folder.join(name);
            tokio::spawn(async move {
                let mut file = File::create(&path).await?;
                file.write_all(name.as_bytes()).await?;
                file.sync_all().await
            })
        });
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        let mut entries = fs::read_dir(&folder).await.unwrap();
        while let Some(entry) = entries.next_entry().await.unwrap() {
            fs::read(entry.path()).await.unwrap();
        }
    });
    for seed in 0..20 {
        let config = Config::new().seed(seed);
        let prints = [(), ()].map(|()| run(&config, program.clone()).unwrap().fingerprint);
        assert_eq!(prints[0], prints[1]);
    }
}

#[test]
fn an_operation_that_was_given_up_is_made() {
    let (folder, program) = in_folder(|folder| async move {
        let never = timeout(Duration::ZERO, fs::write(folder.join("a"), "text"));
        assert!(never.await.is_err());
        tokio::task::yield_now().await;
    });
    run(&Config::new(), program).unwrap();
    let written = std::fs::read_to_string(folder.path().join("folder/a"));
    assert_eq!(written.unwrap(), "text");
}

#[test]
fn an_operation_waits_in_no_runtime_that_has_ended() {
    let (_folder, program) = in_folder(|folder| async move {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let handle = runtime.handle().clone();
        let mut file = File::create(folder.join("a")).await.unwrap();
        runtime.shutdown_background();
        let _context = handle.enter();
        let written = file.write(b"x").await.unwrap_err();
        assert_eq!(written.to_string(), "background task failed");
        let read = fs::read(folder.join("a")).await.unwrap_err();
        assert_eq!(read.to_string(), "background task failed");
    });
    run(&Config::new(), program).unwrap();
}
