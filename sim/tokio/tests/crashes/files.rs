//! What is in files after a crash, and what goes wrong with them before.

use std::io::{ErrorKind, SeekFrom};

use deadheat::{Config, check, net, now, run};
use deadheat_tokio as tokio;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::time::Duration;

/// Does something on a host with files in memory, lets it lose power, and looks at what is there.
async fn after_a_crash<F, G>(before: F, after: G) -> G::Output
where
    F: Future<Output = std::io::Result<()>> + 'static,
    G: Future + 'static,
{
    let db = net::host("db");
    db.files_in_memory();
    db.spawn(before).await.unwrap().unwrap();
    db.crash();
    db.restart();
    db.spawn(after).await.unwrap()
}

async fn synced(path: &str) -> std::io::Result<()> {
    File::open(path).await?.sync_all().await
}

#[test]
fn what_was_synced_is_there() {
    check(&Config::new(), || async {
        let before = async {
            fs::write("/a", "text").await?;
            synced("/a").await?;
            synced("/").await?;
            fs::rename("/a", "/b").await?;
            synced("/").await
        };
        let found = after_a_crash(before, fs::read_to_string("/b")).await;
        assert_eq!(found.unwrap(), "text");
    })
    .unwrap();
}

/// All that is found after a crash.
fn found<T: std::fmt::Debug, F, G>(before: fn() -> F, after: fn() -> G) -> Vec<String>
where
    F: Future<Output = std::io::Result<()>> + 'static,
    G: Future<Output = std::io::Result<T>> + 'static,
{
    let seen = std::sync::Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let sees = std::sync::Arc::clone(&seen);
    let program = move || {
        let seen = std::sync::Arc::clone(&sees);
        async move {
            let found = after_a_crash(before(), after()).await;
            let text = format!("{:?}", found.map_err(|error| error.kind()));
            seen.lock().unwrap().insert(text);
        }
    };
    check(&Config::new(), program).unwrap();
    let seen = seen.lock().unwrap();
    seen.iter().cloned().collect()
}

#[test]
fn what_was_not_synced_is_there_or_not_or_in_part() {
    let before = || async {
        fs::write("/a", "").await?;
        synced("/").await?;
        let mut file = fs::OpenOptions::new().append(true).open("/a").await?;
        file.write_all(b"text").await?;
        file.flush().await
    };
    let seen = found(before, || fs::read_to_string("/a"));
    assert_eq!(seen, ["Ok(\"\")", "Ok(\"te\")", "Ok(\"text\")"]);
}

#[test]
fn a_name_that_was_not_synced_is_there_or_not() {
    let before = || async {
        fs::write("/a", "text").await?;
        synced("/a").await
    };
    let seen = found(before, || fs::read_to_string("/a"));
    assert_eq!(seen, ["Err(NotFound)", "Ok(\"text\")"]);
}

#[test]
fn a_rename_that_was_not_synced_leaves_one_name_or_the_other() {
    let before = || async {
        fs::write("/a", "text").await?;
        synced("/a").await?;
        synced("/").await?;
        fs::rename("/a", "/b").await
    };
    let names = || async {
        let mut names = Vec::new();
        let mut entries = fs::read_dir("/").await?;
        while let Some(entry) = entries.next_entry().await? {
            names.push(entry.file_name());
        }
        Ok(names)
    };
    assert_eq!(found(before, names), ["Ok([\"a\"])", "Ok([\"b\"])"]);
}

#[test]
fn a_program_that_is_killed_loses_nothing_that_it_has_written() {
    check(&Config::new(), || async {
        let db = net::host("db");
        db.files_in_memory();
        let written = async {
            let mut file = File::create("/a").await?;
            file.write_all(b"text").await?;
            file.flush().await
        };
        db.spawn(written).await.unwrap().unwrap();
        db.kill();
        db.restart();
        let found = db.spawn(fs::read_to_string("/a"));
        assert_eq!(found.await.unwrap().unwrap(), "text");
    })
    .unwrap();
}

#[test]
fn each_host_has_its_own() {
    run(&Config::new(), || async {
        for name in ["a", "b"] {
            let host = net::host(name);
            host.files_in_memory();
            host.spawn(fs::write("/name", name)).await.unwrap().unwrap();
        }
        for name in ["a", "b"] {
            let found = net::host(name).spawn(fs::read_to_string("/name"));
            assert_eq!(found.await.unwrap().unwrap(), name);
        }
        assert!(
            !fs::try_exists("/name").await.unwrap(),
            "this is the system's"
        );
        net::Host::here().files_in_memory();
        fs::write("/name", "test").await.unwrap();
        assert_eq!(fs::read("/name").await.unwrap(), b"test");
    })
    .unwrap();
    assert!(!std::path::Path::new("/name").exists());
}

#[test]
fn a_hard_link_is_the_same_file() {
    run(&Config::new(), || async {
        net::Host::here().files_in_memory();
        fs::write("/a", "one").await.unwrap();
        fs::hard_link("/a", "/b").await.unwrap();
        fs::write("/b", "two").await.unwrap();
        assert_eq!(fs::read("/a").await.unwrap(), b"two");
        let again = fs::hard_link("/a", "/b").await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        fs::remove_file("/a").await.unwrap();
        assert_eq!(fs::read("/b").await.unwrap(), b"two");
    })
    .unwrap();
}

#[test]
fn an_operation_takes_as_long_as_was_said() {
    let slow = Duration::from_millis(10);
    run(&Config::new(), move || async move {
        net::Host::here().files_in_memory().latency(slow);
        let mut file = File::create("/a").await.unwrap();
        assert_eq!(now().as_nanos(), 10_000_000);
        file.write_all(b"text").await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(now().as_nanos(), 20_000_000);
        file.sync_all().await.unwrap();
        assert_eq!(now().as_nanos(), 30_000_000);
        assert_eq!(fs::read("/a").await.unwrap(), b"text");
        assert_eq!(now().as_nanos(), 40_000_000);
    })
    .unwrap();
}

#[test]
fn a_write_finds_no_room_and_a_sync_fails_if_that_was_asked_for() {
    let program = |fails: bool| {
        move || async move {
            let files = net::Host::here().files_in_memory();
            if fails {
                files.may_fail();
            }
            let mut file = File::create("/a").await.unwrap();
            file.write_all(b"text").await.unwrap();
            file.flush().await.expect("the write");
            file.sync_all().await.expect("the sync");
        }
    };
    check(&Config::new(), program(false)).unwrap();
    let report = check(&Config::new(), program(true)).unwrap_err();
    let report = report.to_string();
    let no_room = report.contains("a write finds no room") && report.contains("StorageFull");
    let failed = report.contains("a sync fails") && report.contains("Input/output error");
    assert!(no_room || failed, "{report}");
}

#[test]
fn a_disk_is_as_large_as_was_said() {
    run(&Config::new(), || async {
        net::Host::here().files_in_memory().room(6);
        fs::write("/a", "text").await.unwrap();
        let full = fs::write("/b", "text").await.unwrap_err();
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        assert_eq!(fs::read("/b").await.unwrap(), b"te");
    })
    .unwrap();
}

#[test]
fn a_file_that_was_open_at_the_crash_is_of_no_use() {
    run(&Config::new(), || async {
        let db = net::host("db");
        db.files_in_memory();
        let mut file = db.spawn(File::create("/a")).await.unwrap().unwrap();
        db.crash();
        db.restart();
        let failed = file.seek(SeekFrom::End(0)).await.unwrap_err();
        assert!(failed.to_string().contains("has crashed since"), "{failed}");
        let failed = file.read(&mut [0; 4]).await.unwrap_err();
        assert_eq!(
            failed.raw_os_error(),
            Some(9),
            "it was opened to be written"
        );
    })
    .unwrap();
}

#[test]
fn what_is_not_there_in_memory_is_refused_by_name() {
    let refused = |program: fn() -> std::pin::Pin<Box<dyn Future<Output = ()>>>| {
        let failure = run(&Config::new(), move || async move {
            net::Host::here().files_in_memory();
            fs::write("/a", "text").await.unwrap();
            program().await;
        });
        failure.unwrap_err().to_string()
    };
    let linked = refused(|| Box::pin(async { fs::symlink("/a", "/b").await.unwrap() }));
    assert!(
        linked.contains("fs::symlink is not there for files in memory"),
        "{linked}"
    );
    let std =
        refused(|| Box::pin(async { drop(File::open("/a").await.unwrap().into_std().await) }));
    assert!(
        std.contains("cannot be made a file of the standard library"),
        "{std}"
    );
    let flags = refused(|| {
        Box::pin(async {
            let mut options = fs::OpenOptions::new();
            options.read(true).custom_flags(0);
            drop(options.open("/a").await);
        })
    });
    assert!(
        flags.contains("is opened with flags of the system's"),
        "{flags}"
    );
}

#[test]
fn the_times_of_what_is_in_memory_are_those_of_a_beginning() {
    run(&Config::new(), || async {
        net::Host::here().files_in_memory();
        fs::create_dir("/folder").await.unwrap();
        fs::write("/folder/file", "text").await.unwrap();
        for path in ["/folder", "/folder/file"] {
            let found = fs::metadata(path).await.unwrap();
            assert_eq!(found.modified().unwrap(), std::time::UNIX_EPOCH, "{path}");
            assert_eq!(found.accessed().unwrap(), std::time::UNIX_EPOCH, "{path}");
            assert_eq!(found.is_dir(), path == "/folder");
        }
    })
    .unwrap();
}
