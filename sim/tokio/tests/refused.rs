//! What cannot be simulated fails loudly inside a run, and says what to do.

use std::time::Duration;

use deadheat::record::Escape;
use deadheat::{Config, Failure, run};
use deadheat_tokio as tokio;

fn failure<F: std::future::Future + 'static>(program: fn() -> F) -> Failure
where
    F::Output: 'static,
{
    *run(&Config::new(), program).unwrap_err()
}

/// In this package `tokio` by its own name is tokio itself, as it is for a crate that others depend on.
#[test]
fn files_of_tokio_itself_are_refused_and_nothing_is_written() {
    let path = std::env::temp_dir().join("deadheat-refused");
    let _ = std::fs::remove_file(&path);
    async fn write() {
        let path = std::env::temp_dir().join("deadheat-refused");
        let _ = ::tokio::fs::write(path, "text").await;
    }
    // With nothing of tokio's beside the run, with the budget, and with all of it.
    let config = Config::new().beside(tokio::beside);
    let failures = [
        failure(write),
        failure(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            write().await;
        }),
        *run(&config, write).unwrap_err(),
    ];
    let escapes = failures.each_ref().map(|failure| &*failure.run.escapes);
    assert_eq!(escapes, [&[][..], &[Escape::Thread], &[Escape::Thread]]);
    for failure in failures {
        let report = failure.to_string();
        assert!(report.contains("keep files in memory"), "{report}");
        assert!(!path.exists());
    }
    // The next run of this thread is not touched by it.
    run(&Config::new(), || {
        tokio::time::sleep(Duration::from_millis(1))
    })
    .unwrap();
}

/// A descriptor that the system tells of.
#[expect(deprecated, reason = "what takes its place is unsafe to call")]
fn descriptor() -> std::io::Result<tokio::io::unix::AsyncFd<std::os::unix::net::UnixStream>> {
    let (one, _) = std::os::unix::net::UnixStream::pair()?;
    tokio::io::unix::AsyncFd::new(one)
}

#[test]
fn descriptors_are_refused_with_advice() {
    let failure = failure(|| async {
        let _ = descriptor();
    });
    let text = failure.to_string();
    assert!(
        text.contains("use tokio::io::duplex or deadheat::fault::Link"),
        "{text}"
    );
}

#[test]
fn a_panic_of_a_descriptor_that_was_caught_says_so_too() {
    let failure = failure(|| async {
        tokio::spawn(async { descriptor() });
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    });
    let text = failure.to_string();
    assert!(
        text.contains("use tokio::io::duplex or deadheat::fault::Link"),
        "{text}"
    );
}

#[test]
fn pipes_are_refused_by_name_and_sockets_of_the_system_with_advice() {
    let run = run(&Config::new(), || async {
        use tokio::net::unix::pipe;
        let open = pipe::OpenOptions::new();
        for refused in [
            pipe::pipe().map(drop),
            open.open_sender("/nowhere").map(drop),
            open.open_receiver("/nowhere").map(drop),
        ] {
            let text = refused.unwrap_err().to_string();
            assert!(
                text.contains("in the place of tokio::net::unix::pipe"),
                "{text}"
            );
        }
        let (one, _) = std::os::unix::net::UnixStream::pair().unwrap();
        let text = tokio::net::UnixStream::from_std(one)
            .unwrap_err()
            .to_string();
        assert!(text.contains("bind and connect it by tokio::net"), "{text}");
    });
    run.unwrap();
}

#[test]
fn processes_are_refused() {
    let failure = failure(|| async {
        let _ = tokio::process::Command::new("true").status().await;
    });
    let text = failure.to_string();
    assert!(
        text.contains("use tokio::io::duplex or deadheat::fault::Link"),
        "{text}"
    );
}

#[test]
fn pipes_in_memory_work() {
    run(&Config::new(), || async {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut left, mut right) = tokio::io::duplex(4);
        let writer = tokio::spawn(async move { left.write_all(b"eight ch").await });
        let mut text = String::new();
        right.read_to_string(&mut text).await.unwrap();
        writer.await.unwrap().unwrap();
        assert_eq!(text, "eight ch");
    })
    .unwrap();
}

#[test]
fn signals_come_when_they_are_raised() {
    run(&Config::new(), || async {
        use tokio::signal::unix::{SignalKind, raise, signal};
        let mut hangup = signal(SignalKind::hangup()).unwrap();
        raise(SignalKind::hangup());
        hangup.recv().await.unwrap();
        let never = tokio::time::timeout(Duration::from_secs(9), tokio::signal::ctrl_c());
        assert!(never.await.is_err());
    })
    .unwrap();
}

#[test]
fn what_uses_tokio_itself_is_told_what_keeps_it_in_time() {
    let reports = [
        // With nothing beside the run, and with the budget.
        failure(|| ::tokio::time::sleep(Duration::from_millis(1))).to_string(),
        failure(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            ::tokio::time::sleep(Duration::from_millis(1)).await;
        })
        .to_string(),
        failure(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop(::tokio::spawn(async {}));
        })
        .to_string(),
    ];
    for report in reports {
        let advice = "#[deadheat::test(beside = \"tokio::beside\")]";
        assert!(report.contains(advice), "{report}");
    }
    // The next run of this thread is not touched by any of it.
    let program = || tokio::time::sleep(Duration::from_millis(1));
    run(&Config::new(), program).unwrap();
}

#[test]
fn a_crate_on_tokio_itself_that_spawns_locally_is_told_of_the_whole_graph() {
    let failure = failure(|| async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(::tokio::task::spawn_local(async {}));
    });
    let text = failure.to_string();
    assert!(text.contains("`cargo deadheat test`"), "{text}");
}
